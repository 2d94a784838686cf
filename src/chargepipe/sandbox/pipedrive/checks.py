"""Checks of single values in a body: each gives the value to keep, or raises `Bad`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from ..data.draw import iso, unix
from . import values
from .values import Bad

Check = Callable[[Any], Any]
VISIBILITIES = (1, 3, 5, 7)


def refused_key(key: str) -> str:
    """The words for a key that a call does not take."""
    return f"Parameter '{key}' is not allowed for this request"


def name(longest: int, escapes: bool) -> Check:
    """A name or title: trimmed, not empty, at most so long, ``<`` escaped where asked."""

    def check(value: Any) -> str:
        held = value.strip() if isinstance(value, str) else ""
        if not held:
            raise Bad("must be a string that is not empty")
        if len(held) > longest:
            raise Bad(f"must be at most {longest} characters long")
        return held.replace("<", "&lt;").replace(">", "&gt;") if escapes else held

    return check


def or_null(check: Check) -> Check:
    """The same check, for a value that may be null."""
    return lambda value: None if value is None else check(value)


def one_of(*allowed: Any) -> Check:
    """One of the allowed values, of the same type."""

    def check(value: Any) -> Any:
        if not any(value == each and type(value) is type(each) for each in allowed):
            raise Bad(f"must be one of {', '.join(str(each) for each in allowed)}")
        return value

    return check


visibility = one_of(*VISIBILITIES)


def whole(value: Any) -> int:
    """An integer, no boolean."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Bad("must be an integer")
    return value


def flag(value: Any) -> bool:
    """A boolean; 0 and 1 are none."""
    if not isinstance(value, bool):
        raise Bad("must be a boolean")
    return value


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise Bad("must be a string")
    return value


def percentage(value: Any) -> int | float:
    """A number from 0 to 100."""
    if not 0 <= values.number(value) <= 100:
        raise Bad("must be from 0 to 100")
    return value


def labels(value: Any) -> list[int]:
    """A list of option ids."""
    if not isinstance(value, list):
        raise Bad("must be a list of integers")
    return [whole(item) for item in cast(list[Any], value)]


def moment(value: Any) -> str:
    """A time in RFC 3339, as kept: UTC, whole seconds."""
    try:
        return iso(unix(value))
    except (TypeError, ValueError, OverflowError) as wrong:
        raise Bad("must be a time in RFC 3339") from wrong


def plain_moment(value: Any) -> str:
    """A time as ``YYYY-MM-DD HH:MM:SS`` in UTC, kept in RFC 3339 (fact sheet 4: archive_time)."""
    try:
        return f"{datetime.strptime(text(value), '%Y-%m-%d %H:%M:%S').isoformat()}Z"  # noqa: DTZ007
    except ValueError as wrong:
        raise Bad("must be a time as YYYY-MM-DD HH:MM:SS") from wrong
