"""Changes in words: field by field, before and after, as people read them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from chargepipe.actions.connections import stored_file
from chargepipe.domain.account_fields import type_of
from chargepipe.domain.erasure import erased_at
from chargepipe.domain.money import Money, to_wire
from chargepipe.domain.pipelines import PipelineFacts, Place
from chargepipe.domain.values import Raw, from_json
from chargepipe.store.models import Change, Connection

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change, in words; "-" is an empty field."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        """As one piece of a line."""
        return f"{self.name}: {self.before} -> {self.after}"


def zero_decimal(connection: Connection) -> Collection[str]:
    """The connection's currencies without minor units, to show amounts with."""
    return stored_file(connection).settings.zero_decimal


def fields(
    change: Change,
    zero_decimal: Collection[str],
    places: PipelineFacts | None = None,
    companies: Mapping[str, str] | None = None,
) -> list[FieldChange]:
    """The fields of a change; `places` name the stages of deals, else they are read.

    `companies` name organizations by their keys.
    """
    before: Mapping[str, Any] = change.before
    after: Mapping[str, Any] = change.after
    names = before if change.action == "delete" else after
    if change.kind == "deal" and places is None:
        places = stages(change.connection)
    shown = partial(in_words, zero_decimal=zero_decimal, places=places, companies=companies)
    if change.kind.endswith("_field"):
        before, after = _type_in_words(before), _type_in_words(after)
    return [FieldChange(name, shown(before.get(name)), shown(after.get(name))) for name in names]


def _type_in_words(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """A custom field with its type as Pipedrive's pages call it."""
    told = {"type": type_of(field["type"]).words} if "type" in field else {}
    return {**field, **told}


def stages(connection: Connection) -> PipelineFacts:
    """The account's pipelines as they were read last, to name stages by."""
    held = connection.account.pipelines if connection.account else {}
    return PipelineFacts.from_json(held)


def organizations(changes: Iterable[Change]) -> set[str]:
    """The keys of the organizations that these changes name."""
    held = (values.get("organization") for each in changes for values in (each.before, each.after))
    return {str(one["key"]) for one in held if isinstance(one, Mapping) and one.get("key")}


def in_words(
    value: Any,
    zero_decimal: Collection[str],
    places: PipelineFacts | None = None,
    companies: Mapping[str, str] | None = None,
) -> str:
    """One JSON value of a change or a target (domain.values, domain.diff) for people.

    `places` names the stages of deals, `companies` organizations by their keys.
    """
    if isinstance(value, list):
        return ", ".join(_contact(row) for row in cast(Sequence[Any], value)) or NOTHING
    if isinstance(value, Mapping):
        held = cast(Mapping[str, Any], value)
        if {"key", "id"} == set(held):
            return (companies or {}).get(held["key"]) or str(held["key"] or f"id {held['id']}")
        return _composite(held, zero_decimal, places or PipelineFacts())
    return NOTHING if value is None or value == "" else str(value)


def amount(money: Money, zero_decimal: Collection[str]) -> str:
    """Money in its currency: "49 EUR", "1,484.70 USD", "4,950 JPY"."""
    value = to_wire(money, zero_decimal)["value"]
    return f"{value:,.2f} {money.currency}" if value % 1 else f"{value:,} {money.currency}"


def _contact(row: Any) -> str:
    """An email or phone; the primary one of several is what people see in Pipedrive's lists."""
    return str(row.get("value", row)) if isinstance(row, Mapping) else str(row)


def _composite(
    value: Mapping[str, Any], zero_decimal: Collection[str], places: PipelineFacts
) -> str:
    if moment := erased_at(value):
        return f"erased {moment[:10]}"
    if {"pipeline", "stage"} == set(value):
        return places.words(Place.from_json(value))
    if {"status", "time", "reason"} == set(value):
        return " ".join(filter(None, (value["status"], value["time"], value["reason"])))
    try:
        held = from_json(value)
    except ValueError:
        return str(dict(value))
    if isinstance(held, Money):
        return amount(held, zero_decimal)
    return str(held.json) if isinstance(held, Raw) else str(held)
