"""Values of custom fields by type, as API v2 takes and gives them (fact sheet 6)."""

import re
import sys
from collections.abc import Callable
from datetime import date, time
from typing import Any, cast

from ..messages import Row


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


TYPES = words(
    "varchar varchar_auto text double monetary date daterange time timerange enum set phone "
    "address user org people"
)
"""The types that a custom field can be made with."""
SHORT, LONG = 255, 65_000
MOST = 10**15
"""The largest number that the sandbox computes with; ours."""
SEARCHABLE = ("address", "varchar", "text", "varchar_auto", "double", "monetary", "phone")
_GREATEST = sys.float_info.max
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}")


class Bad(ValueError):
    """A value that does not fit its field; the message says why, without the value."""


def check(field: Row, value: Any, currencies: set[str], default: str) -> Any:
    """The value as kept, None for an empty one. Raises Bad.

    `default`: the currency of an amount that names none, the user's (fact sheet 12).
    """
    if value is None:
        return None
    kind: str = field["field_type"]
    if kind in ("enum", "set"):
        return _choice(kind, value, set(labels(field)))
    if kind == "monetary":
        return _money(value, currencies, default)
    return _CHECKS[kind](value)


def labels(field: Row) -> dict[int, str]:
    """The labels of a field's options by option id."""
    options = cast(list[Row], field["options"] or [])
    return {option["id"]: option["label"] for option in options}


def texts(value: Any) -> list[str]:
    """The text in a value that search finds."""
    if isinstance(value, dict):
        value = cast(Row, value).get("value")
    return [] if value is None else [str(value)]


def _short(value: Any) -> str | None:
    return _string(value, SHORT)


def _long(value: Any) -> str | None:
    return _string(value, LONG)


def _string(value: Any, longest: int) -> str | None:
    if not isinstance(value, str):
        raise Bad("must be a string")
    if len(value) > longest:
        raise Bad(f"must be at most {longest} characters long")
    return value.strip() or None


def number(value: Any) -> int | float:
    """A number, no boolean. Raises Bad."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Bad("must be a number")
    if not -MOST <= value <= MOST:  # not true of NaN either
        raise Bad("must be a number of at most 15 digits")
    return value


def _double(value: Any) -> int | float:
    """A number as a double holds it: whole ones beyond 2**53 are rounded (fact sheet 6)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Bad("must be a number")
    if not abs(value) <= _GREATEST:  # not true of NaN either
        raise Bad("must be a number that a double can hold")
    return int(float(value)) if isinstance(value, int) else value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Bad("must be an integer")
    return value


def day(value: Any) -> str:
    """A day that exists, as ``YYYY-MM-DD``. Raises Bad."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise Bad("must be a date as YYYY-MM-DD")
    try:
        date.fromisoformat(value)
    except ValueError as wrong:
        raise Bad("must be a day that exists") from wrong
    return value


def _clock(value: Any) -> str:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Bad("must be a time as HH:MM:SS")
    try:
        time.fromisoformat(value)
    except ValueError as wrong:
        raise Bad("must be a time that exists") from wrong
    return value


def _object(value: Any, *keys: str) -> Row:
    if not isinstance(value, dict):
        raise Bad("must be an object")
    held = cast(Row, value)
    for key in held:
        if key not in keys:
            raise Bad(f"'{key}' is not allowed")
    return held


def _money(value: Any, currencies: set[str], default: str) -> Row:
    held = _object(value, "value", "currency")
    currency = held.get("currency", default)
    if currency not in list(currencies):
        raise Bad("'currency' must be a currency of the account")
    return {"value": _double(held.get("value")), "currency": currency}


def _days(value: Any) -> Row:
    held = _object(value, "value", "until")
    return {"value": day(held.get("value")), "until": day(held.get("until"))}


def _time_of_day(value: Any) -> Row:
    held = _object(value, "value", "timezone_name")
    return {
        "value": _clock(held.get("value")),
        "timezone_name": held.get("timezone_name") or "UTC",
    }


def _times_of_day(value: Any) -> Row:
    held = dict(_object(value, "value", "until", "timezone_name"))
    until = _clock(held.pop("until", None))
    return _time_of_day(held) | {"until": until}


ADDRESS = words(
    "value country admin_area_level_1 admin_area_level_2 locality sublocality route "
    "street_number subpremise postal_code"
)


def address(value: Any) -> Row:
    """An address; parts that are left out become null. Raises Bad."""
    held = _object(value, *ADDRESS)
    if not isinstance(held.get("value"), str):
        raise Bad("'value' must be a string")
    return {part: held.get(part) for part in ADDRESS}


def _choice(kind: str, value: Any, known: set[int]) -> Any:
    if kind == "enum":
        if _whole(value) not in known:
            raise Bad("must be the id of an option of the field")
        return value
    if not isinstance(value, list) or not value:
        raise Bad("must be a list of option ids; null clears the field")
    for item in cast(list[Any], value):
        _choice("enum", item, known)
    return cast(list[Any], value)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "varchar": _short,
    "varchar_auto": _short,
    "phone": _short,
    "text": _long,
    "double": _double,
    "date": day,
    "daterange": _days,
    "time": _time_of_day,
    "timerange": _times_of_day,
    "address": address,
    "user": _whole,
    "org": _whole,
    "people": _whole,
}
