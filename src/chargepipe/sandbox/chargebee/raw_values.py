"""Values that attributes of a raw edit may have; each check takes the attribute's name.

They raise ValueError with words.
"""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, cast

from ..messages import Row, is_text
from .checks import MOST, whole

Check = Callable[[str, Any], object]
"""Raises ValueError for a value that an attribute, given by name, cannot have."""
PREFIX = "cf_"
"""How the names of custom fields begin."""
FIRST, LAST = 946_684_800, 4_102_444_800
"""Unix seconds: 2000 and 2100. Before and after, nothing is sold."""
LONGEST = 65_000
"""Characters of a text, as of the longest custom field."""
_ITEM_TYPES = ("plan", "addon", "charge")


def text(name: str, value: Any) -> None:
    """A text that can be sent."""
    if not isinstance(value, str) or not is_text(value) or len(value) > LONGEST:
        raise ValueError(f"{name} has to be text of at most {LONGEST} characters")


def record_id(name: str, value: Any) -> None:
    """A text that is not empty, and short."""
    text(name, value)
    if not value.strip() or len(value) > 100:
        raise ValueError(f"{name} has to be text of 1 to 100 characters")


def flag(name: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} has to be true or false")


def moment(name: str, value: Any) -> None:
    """Unix seconds."""
    whole(value, FIRST, LAST, f"{name} (unix seconds)")


def amount(name: str, value: Any) -> None:
    """Minor units, below zero too."""
    whole(value, -MOST, MOST, name)


def count(name: str, value: Any) -> None:
    """A whole number, 0 or more."""
    whole(value, 0, MOST, name)


def period(name: str, value: Any) -> None:
    """How many units a billing period has."""
    whole(value, 1, 120, name)


def rate(name: str, value: Any) -> None:
    """A number above 0."""
    given = isinstance(value, int | float) and not isinstance(value, bool)
    if not given or not 0 < value <= MOST:
        raise ValueError(f"{name} has to be a number above 0")


def among(*choices: str) -> Check:
    """One of some words."""

    def check(name: str, value: Any) -> None:
        if value not in choices:
            raise ValueError(f"{name} has to be one of {', '.join(choices)}")

    return check


def plain(name: str, value: Any) -> None:
    """A text, a number, true or false, or nothing."""
    if isinstance(value, str):
        text(name, value)
    elif isinstance(value, int | float):
        if not (abs(value) <= MOST and isfinite(value)):
            raise ValueError(f"{name} has to be a number of at most 15 digits")
    elif value is not None:
        raise ValueError(f"{name} has to be text, a number, true or false")


def custom(name: str, value: Any) -> None:
    """The value of a custom field."""
    if name == PREFIX:
        raise ValueError(f"a custom field needs a name behind {PREFIX}")
    plain(name, value)


def record(name: str, value: Any, depth: int = 4) -> None:
    """An object of plain values, objects and lists."""
    if not isinstance(value, dict):
        raise ValueError(f"{name} has to be an object")
    _inside(name, cast(Row, value).items(), depth)


def rows(name: str, value: Any, depth: int = 4) -> None:
    """A list of plain values, objects and lists."""
    if not isinstance(value, list):
        raise ValueError(f"{name} has to be a list")
    _inside(name, (("each", each) for each in cast(list[Any], value)), depth)


def _inside(name: str, held: Iterable[tuple[Any, Any]], depth: int) -> None:
    if not depth:
        raise ValueError(f"{name} is nested too deeply")
    for place, value in held:
        text(f"a name in {name}", place)
        inner = f"{name}.{place}"
        if isinstance(value, dict):
            record(inner, value, depth - 1)
        elif isinstance(value, list):
            rows(inner, value, depth - 1)
        else:
            plain(inner, value)


def records(name: str, value: Any) -> None:
    """A list of objects."""
    rows(name, value)
    for each in value:
        record(f"{name}.each", each)


def items(name: str, value: Any) -> None:
    """Items in the form of Product Catalog 2.0; the sandbox keeps no other."""
    records(name, value)
    for item in cast(list[Row], value):
        for needed in ("item_price_id", "item_type"):
            record_id(f"{name}: {needed}", item.get(needed))
        among(*_ITEM_TYPES)(f"{name}: item_type", item["item_type"])
        for amount in ("quantity", "unit_price", "amount"):
            if item.get(amount) is not None:
                count(f"{name}: {amount}", item[amount])
            elif amount in item:
                raise ValueError(f"{name}: leave out {amount} of an item that has none")


def address(name: str, value: Any) -> None:
    """An object of plain values."""
    record(name, value, 1)
