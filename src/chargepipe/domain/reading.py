"""Lenient reading of Chargebee's JSON: a wrong type of an optional value reads as absent."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias, cast

Json: TypeAlias = Mapping[str, Any]
Scalar: TypeAlias = str | int | float | bool
_PLAIN = (str, int, float, bool)

_LAST_SECOND = 253_402_128_000
"""31 December 9999 less two days: the last second that is a date in every time zone."""


def identity(json: Json, kind: str) -> str:
    """The record's id, exactly as it stands. Raises ValueError when it is absent or blank."""
    value = json.get("id")
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a {kind} without an id came from Chargebee: it cannot be synced")
    return value


def text(json: Json, key: str) -> str | None:
    """A text without outer blanks, or None when absent, blank or of another type."""
    value = json.get(key)
    return value.strip() or None if isinstance(value, str) else None


def code(json: Json, key: str) -> str | None:
    """A country or currency code in upper case, or None."""
    value = text(json, key)
    return value.upper() if value else None


def number(json: Json, key: str) -> int | None:
    """An integer, or None when absent or of another type (true and 1.0 are other types)."""
    value = json.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def amount(json: Json, key: str) -> int:
    """Minor units; 0 when absent (chargebee-api.md section 4: amounts can be absent, not 0)."""
    return number(json, key) or 0


def seconds(json: Json, key: str) -> int | None:
    """A time in whole seconds UTC, or None when absent or not a date that a calendar has."""
    value = number(json, key)
    return value if value is not None and 0 <= value <= _LAST_SECOND else None


def rate(json: Json, key: str) -> Decimal | None:
    """An exchange rate above zero, or None; it comes as a whole number or with decimals."""
    try:
        found = Decimal(str(json.get(key)))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found > 0 else None


def version(json: Json) -> int:
    """`resource_version` in milliseconds; else `updated_at` as milliseconds; else 0.

    In all samples updated_at is resource_version cut to seconds (chargebee-api.md section 3).
    """
    found = number(json, "resource_version")
    return found if found is not None else 1000 * (seconds(json, "updated_at") or 0)


def mapping(json: Json, key: str) -> Json:
    """A nested object, or an empty one when absent or of another type."""
    value = json.get(key)
    return cast(Json, value) if isinstance(value, Mapping) else {}


def mappings(json: Json, key: str) -> tuple[Json, ...]:
    """The objects of a nested list, in order; whatever is not an object is left out."""
    value = json.get(key)
    rows = cast(Sequence[Any], value) if isinstance(value, list | tuple) else ()
    return tuple(cast(Json, row) for row in rows if isinstance(row, Mapping))


def scalars(json: Json) -> dict[str, Scalar]:
    """All plain values, those of nested objects under a dotted name (`billing_address.city`)."""
    found: dict[str, Scalar] = {}
    for key, value in json.items():
        if is_scalar(value):
            found[key] = value
        else:
            inner = mapping(json, key)
            found.update({f"{key}.{name}": inner[name] for name in inner if is_scalar(inner[name])})
    return found


def is_scalar(value: object) -> bool:
    """Whether this is a text, a number or a truth value."""
    return isinstance(value, _PLAIN)
