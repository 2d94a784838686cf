"""Values of Pipedrive's fields as we compare and store them, and their exact JSON form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from chargepipe.domain.money import Money

JSON: TypeAlias = "str | int | float | bool | Mapping[str, JSON] | Sequence[JSON] | None"
"""Anything that `json.dumps` takes."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A value of Pipedrive's that our types cannot hold exactly; it is written back verbatim.

    Examples: an amount with more decimals than minor units have, an option id without a label,
    an address.
    """

    json: JSON


Value: TypeAlias = str | int | float | Money | Raw | None
"""One field's value. None is an empty field; an option is its label; a date is YYYY-MM-DD."""


def to_json(value: Value) -> JSON:
    """The JSON form: Money as {"amount", "currency"}, Raw as {"raw"}, all else as it is."""
    if isinstance(value, Money):
        return {"amount": value.amount, "currency": value.currency}
    if isinstance(value, Raw):
        return {"raw": value.json}
    return value


def from_json(json: JSON) -> Value:
    """The value of which `to_json` made this JSON. Raises ValueError for any other shape."""
    if isinstance(json, Mapping):
        return _composite(json)
    if isinstance(json, bool) or not (json is None or isinstance(json, str | int | float)):
        raise ValueError("not the JSON form of a field value")
    return json


def currencies_in(fields: Mapping[str, Value]) -> set[str]:
    """The currencies of all amounts among these fields."""
    return {value.currency for value in fields.values() if isinstance(value, Money)}


def _composite(json: Mapping[str, JSON]) -> Value:
    if set(json) == {"raw"}:
        return Raw(json["raw"])
    if set(json) == {"amount", "currency"}:
        return Money(cast(int, json["amount"]), cast(str, json["currency"]))
    raise ValueError("not the JSON form of a field value")
