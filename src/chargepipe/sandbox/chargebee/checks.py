"""Checks of what a verb is given."""

from collections.abc import Container
from typing import Any

MOST = 2**53
"""The largest amount, minor units (fact sheet 4)."""


def whole(value: Any, least: int, most: int, name: str) -> int:
    """A whole number from `least` to `most`. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name} has to be a whole number from {least} to {most}")
    return value


def one_of(value: Any, choices: Container[Any], words: str) -> None:
    """Raises ValueError with `words` where the value is no choice."""
    if value not in choices:
        raise ValueError(words)
