"""Values of query parameters and forms, read strictly: 400 param_wrong_value for anything else."""

from collections.abc import Callable

from ..messages import read_json
from .errors import wrong

_DIGITS = 20
"""No number of the API has so many; Python itself stops at some thousand."""


def two(name: str, value: str, read: Callable[[str, str], int]) -> tuple[int, int]:
    """The ends of a range as `between` has it, both in it.

    An empty or a turned-round range is refused (fact sheet 3).
    """
    ends = strings(name, value)
    if len(ends) != 2:
        raise wrong(name, "takes a list of two values")
    low, high = (read(name, end) for end in ends)
    if low >= high:
        raise wrong(name, "the start has to be before the end")
    return low, high


def seconds(name: str, value: str) -> int:
    """A moment in unix seconds."""
    if not (value.isascii() and value.isdigit() and len(value) < _DIGITS):
        raise wrong(name, "is not a timestamp in seconds")
    return int(value)


def integer(name: str, value: str) -> int:
    """A whole number, below zero too."""
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < _DIGITS):
        raise wrong(name, "is not a whole number")
    return int(value)


def boolean(name: str, value: str) -> bool:
    """True or false."""
    if value not in ("true", "false"):
        raise wrong(name, "is neither true nor false")
    return value == "true"


def strings(name: str, value: str) -> tuple[str, ...]:
    """A list as JSON text; single quotes do too, for Chargebee's own SDK sends them."""
    for text in (value, value.replace("'", '"')):
        try:
            read = read_json(text)
        except ValueError:
            continue
        if isinstance(read, list):
            return tuple(str(item) for item in read)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise wrong(name, "is not a list")
