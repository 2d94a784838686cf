"""Types of single settings: secrets, addresses, intervals, names or ids."""

import ipaddress
import re
from datetime import timedelta
from typing import Annotated, Any, TypeAlias, TypeVar, cast
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from chargepipe.domain.text import squeeze

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=31)

T = TypeVar("T")


def parse_interval(text: str) -> timedelta:
    """ "15m", "1h" or "1d" as a timedelta from 1m to 31d. Raises ValueError otherwise."""
    found = re.fullmatch(r"([0-9]{1,6})([mhd])", text)
    interval = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not _SHORTEST <= interval <= _LONGEST:
        raise ValueError('must be an interval from "1m" to "31d", such as "15m", "1h" or "1d"')
    return interval


def format_interval(interval: timedelta) -> str:
    """The shortest text of which `parse_interval` makes this interval of whole minutes."""
    unit = next(unit for unit, size in _UNITS.items() if interval % size == timedelta())
    return f"{interval // _UNITS[unit]}{unit}"


def _interval(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else parse_interval(str(value))


STORED = "stored"
"""The reference of a secret that was typed into the console: it lies encrypted in the store."""


def _reference(value: str) -> str:
    if value == STORED or re.fullmatch(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f]", value
    ):
        return value
    raise ValueError(
        'must say where the secret is: "env:NAME" or "file:PATH". A secret itself never stands '
        "in this file; if it did just now, it is not safe any more: make a new one"
    )


def _url(value: str) -> str:
    parts = _split(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('must be an address such as "https://host/path"')
    if parts.username is not None or "?" in value or "#" in value:
        raise ValueError("must be an address without a user, a query (?) or a fragment (#)")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("must begin with https:// (http only to this machine, 127.0.0.1)")
    return value.rstrip("/")


def _split(value: str) -> SplitResult | None:
    if re.search(r"[\s\\\x00-\x1f\x7f]", value):
        return None
    try:
        parts = urlsplit(value)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_or_id(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str) and squeeze(value):
        return squeeze(value)
    raise ValueError("must be a name in quotes, or an id above 0")


def as_tuple(value: Any) -> Any:
    """A list as a tuple, so that strict models take TOML's and JSON's lists."""
    return tuple(cast(list[Any], value)) if isinstance(value, list) else value


Interval = Annotated[timedelta, BeforeValidator(_interval), PlainSerializer(format_interval)]
"""An interval; its text in files and JSON."""

SecretRef = Annotated[str, AfterValidator(_reference)]
"""Where a secret is: "env:NAME", "file:PATH" or "stored". Never the secret itself."""

Url = Annotated[str, AfterValidator(_url)]
"""https://host[:port][/path] without a trailing slash; http only to loopback."""

NameOrId = Annotated[str | int, BeforeValidator(_name_or_id)]
"""A pipeline or stage: its name (squeezed) or its id in Pipedrive."""

Listed: TypeAlias = Annotated[tuple[T, ...], BeforeValidator(as_tuple)]
"""A list of the file; a tuple in the model."""
