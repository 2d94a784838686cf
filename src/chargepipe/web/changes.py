"""Changes as rows of a page: which record, what happens, each field before and after."""

from collections.abc import Iterable
from dataclasses import dataclass

from chargepipe.actions import journal
from chargepipe.actions.links import customer_url, deal_source_url, pipedrive_url
from chargepipe.domain.deals import split_key
from chargepipe.domain.pipelines import PipelineFacts
from chargepipe.store.models import Change, Connection

VERBS = {"create": "Made", "update": "Changed", "delete": "Deleted"}
TO_COME = {"create": "To make", "update": "To change", "delete": "To delete"}
SENT = ("written", "unknown", "intended")


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change, ready to be shown."""

    change: Change
    verb: str
    what: str
    """Kind of the record, in words."""
    fields: list[journal.FieldChange]
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


def rows(changes: Iterable[Change], connection: Connection) -> list[ChangeRow]:
    """The changes of one page, in their order."""
    zero_decimal, places = tuple(journal.zero_decimal(connection)), journal.stages(connection)
    return [_row(change, connection, zero_decimal, places) for change in changes]


def _row(
    change: Change,
    connection: Connection,
    zero_decimal: tuple[str, ...],
    places: PipelineFacts,
) -> ChangeRow:
    verbs = VERBS if change.state in SENT else TO_COME
    record = not change.kind.endswith("_field")
    known = record and change.pipedrive_id
    standing = change.state == "written" and not (change.adopted and not change.tries)
    return ChangeRow(
        change=change,
        verb=verbs[change.action],
        what=change.kind.replace("_", " "),
        fields=journal.fields(change, zero_decimal, places),
        chargebee=_source(change, connection),
        pipedrive=pipedrive_url(connection, change.kind, change.pipedrive_id) if known else "",
        customer=_customer(change),
        undoable=record and standing,
    )


def _customer(change: Change) -> str:
    """A page of records is found by the id of a customer, and of what it bought."""
    if change.kind == "deal":
        return split_key(change.source_key)[1]
    return change.source_key if change.kind == "person" else ""


def _source(change: Change, connection: Connection) -> str:
    if change.kind == "deal":
        return deal_source_url(connection, change.source_key)
    return customer_url(connection, change.source_key) if change.kind == "person" else ""
