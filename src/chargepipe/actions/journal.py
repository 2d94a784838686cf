"""Changes in words: field by field, before and after, as people read them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chargepipe.actions.connections import stored_file
from chargepipe.domain.erasure import erased_at
from chargepipe.domain.money import Money, to_wire
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


def fields(change: Change, zero_decimal: Collection[str]) -> list[FieldChange]:
    """The fields of a change."""
    before: Mapping[str, Any] = change.before
    after: Mapping[str, Any] = change.after
    names = before if change.action == "delete" else after
    return [
        FieldChange(
            name,
            in_words(before.get(name), zero_decimal),
            in_words(after.get(name), zero_decimal),
        )
        for name in names
    ]


def in_words(value: Any, zero_decimal: Collection[str]) -> str:
    """One JSON value of a change or a target (domain.values, domain.diff) for people."""
    if isinstance(value, list):
        return ", ".join(_contact(row) for row in cast(Sequence[Any], value)) or NOTHING
    if isinstance(value, Mapping):
        return _composite(cast(Mapping[str, Any], value), zero_decimal)
    return NOTHING if value is None or value == "" else str(value)


def _contact(row: Any) -> str:
    """An email or phone; the primary one of several is what people see in Pipedrive's lists."""
    return str(row.get("value", row)) if isinstance(row, Mapping) else str(row)


def _composite(value: Mapping[str, Any], zero_decimal: Collection[str]) -> str:
    if moment := erased_at(value):
        return f"erased {moment[:10]}"
    if {"key", "id"} == set(value):
        return str(value["key"] or f"organization {value['id']}")
    try:
        held = from_json(value)
    except ValueError:
        return str(dict(value))
    if isinstance(held, Money):
        return f"{to_wire(held, zero_decimal)['value']} {held.currency}"
    return str(held.json) if isinstance(held, Raw) else str(held)
