"""Changes as rows of a page: which record, what happens, each field before and after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chargepipe.actions import journal
from chargepipe.actions.links import customer_url, deal_source_url, pipedrive_url
from chargepipe.actions.names import Key, Named, field_label, named
from chargepipe.domain.deals import split_key
from chargepipe.domain.pipelines import PipelineFacts
from chargepipe.store.models import Change, Connection

VERBS = {"create": "Made", "update": "Changed", "delete": "Deleted"}
TO_COME = {"create": "To make", "update": "To change", "delete": "To delete"}
NOT_DONE = {"create": "Not made", "update": "Not changed", "delete": "Not deleted"}
ENDED = ("cancelled", "failed")
"""States of a run that does no more of what it had planned."""
SENT = ("written", "unknown", "intended")


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change, ready to be shown."""

    change: Change
    verb: str
    what: str
    """Kind of the record, in words."""
    fields: list[journal.FieldChange]
    name: str
    """By what people know the record; of a deal its title, else its customer."""
    key: str
    """The id in Chargebee, where the name alone does not tell it; else ""."""
    chargebee: str
    """The record's page there; "" where it has none."""
    pipedrive: str
    customer: str
    """By what the page of its customer is found; "" for none."""
    undoable: bool
    """Whether a person can take this one change back."""

    @property
    def made(self) -> bool:
        """Whether it makes a record: its fields were all empty before."""
        return self.change.action == "create"


def rows(
    changes: Iterable[Change], connection: Connection, names: Mapping[Key, Named] | None = None
) -> list[ChangeRow]:
    """The changes of one page, in their order; `names` where they are known already."""
    shown = list(changes)
    around = Around(
        connection,
        tuple(journal.zero_decimal(connection)),
        journal.stages(connection),
        _names(connection, shown) if names is None else names,
    )
    return [_row(change, around) for change in shown]


def _names(connection: Connection, changes: Sequence[Change]) -> Mapping[Key, Named]:
    companies = {("organization", key) for key in journal.organizations(changes)}
    return named(connection, companies | {(each.kind, each.source_key) for each in changes})


@dataclass(frozen=True, slots=True)
class Around:
    """What the rows of one page are put into words with."""

    connection: Connection
    zero_decimal: tuple[str, ...]
    places: PipelineFacts
    names: Mapping[Key, Named]

    def fields(self, change: Change) -> list[journal.FieldChange]:
        """The fields of a change, named as in this connection's Pipedrive."""
        companies = {k: who.name for (kind, k), who in self.names.items() if kind == "organization"}
        found = journal.fields(change, self.zero_decimal, self.places, companies)
        if change.kind.endswith("_field"):
            found = [
                each for each in found if each.after != journal.NOTHING
            ]  # most have no options
        return [replace(each, name=field_label(self.connection, each.name)) for each in found]

    def name(self, change: Change) -> str:
        """By what people know the record of a change."""
        held = change.after.get("title") or change.before.get("title")
        if change.kind == "deal" and isinstance(held, str):
            return held
        who = self.names.get((change.kind, change.source_key))
        return who.name if who else change.source_key


def _row(change: Change, around: Around) -> ChangeRow:
    connection, name = around.connection, around.name(change)
    over = change.run.state in ENDED and change.run.kind != "preview"
    verbs = VERBS if change.state in SENT else NOT_DONE if over else TO_COME
    record = not change.kind.endswith("_field")
    known = record and change.pipedrive_id
    standing = change.state == "written" and not (change.adopted and not change.tries)
    return ChangeRow(
        change=change,
        verb=verbs[change.action],
        what=change.kind.replace("_", " "),
        fields=around.fields(change),
        name=name,
        key=_key(change) if name != change.source_key else "",
        chargebee=_source(change, connection),
        pipedrive=pipedrive_url(connection, change.kind, change.pipedrive_id) if known else "",
        customer=_customer(change),
        undoable=record and standing,
    )


def _key(change: Change) -> str:
    """A company's key is its name again."""
    return "" if change.kind == "organization" else change.source_key.replace(":", " ", 1)


def _customer(change: Change) -> str:
    """A page of records is found by the id of a customer, and of what it bought."""
    if change.kind == "deal":
        return split_key(change.source_key)[1]
    return change.source_key if change.kind == "person" else ""


def _source(change: Change, connection: Connection) -> str:
    if change.kind == "deal":
        return deal_source_url(connection, change.source_key)
    return customer_url(connection, change.source_key) if change.kind == "person" else ""
