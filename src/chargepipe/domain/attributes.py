"""Attributes of Chargebee's records as values of Pipedrive's custom fields."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chargepipe.domain import names
from chargepipe.domain.money import Money
from chargepipe.domain.reading import Scalar
from chargepipe.domain.settings import FieldKind
from chargepipe.domain.text import cut
from chargepipe.domain.values import Value


def day(seconds: int | None, time_zone: str) -> str | None:
    """The date YYYY-MM-DD of a time (seconds UTC) in a time zone; None stays None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, ZoneInfo(time_zone)).date().isoformat()


def attribute_value(value: Scalar | None, kind: FieldKind, currency: str, time_zone: str) -> Value:
    """An attribute's value for a field of this kind; None where the kind cannot hold it.

    Dates come as seconds UTC or as ISO text (chargebee-api.md section 9: the form is not
    documented); money as minor units of the record's `currency`. An option is its label.
    """
    if value is None:
        return None
    if kind == "money":
        return _money(value, currency)
    if kind == "date":
        return _date(value, time_zone)
    return _PLAIN[kind](value)


def _money(value: Scalar, currency: str) -> Money | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return Money(value, currency)


def _text(value: Scalar) -> str | None:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return cut(str(value)) or None


def _yes_no(value: Scalar) -> str | None:
    """Yes or No of a truth value, of 1 and 0, and of the words that people write for them."""
    word = str(value).strip().casefold()
    if word in _YES:
        return names.YES
    return names.NO if word in _NO else None


def _number(value: Scalar) -> int | float | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return _read_number(value)
    return value if math.isfinite(value) else None


def _read_number(value: str) -> int | float | None:
    """The number that a text is; Python would read more as one, such as 1_000 and full-width 1."""
    if not _NUMBER.fullmatch(value.strip()):
        return None
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _date(value: Scalar, time_zone: str) -> str | None:
    try:
        if isinstance(value, str):
            return _written(value.strip(), time_zone).isoformat()
        return day(int(value), time_zone) if not isinstance(value, bool) else None
    except (ValueError, OverflowError, OSError):
        return None


def _written(text: str, time_zone: str) -> date:
    """The day of ISO text; a moment with an offset is a day of the time zone."""
    moment = datetime.fromisoformat(text) if "T" in text else None
    if moment is not None and moment.tzinfo is not None:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    return date.fromisoformat(text[:10])


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_PLAIN: Mapping[FieldKind, Callable[[Scalar], str | int | float | None]] = {
    "text": _text,
    "option": _text,
    "yes_no": _yes_no,
    "number": _number,
}
