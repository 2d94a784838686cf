"""What a check of the probe finds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from chargepipe.actions.probe.hands import Hands

State = Literal["holds", "differs", "unclear", "not checked"]
NOTHING = "Nothing: chargepipe takes both."
"""What to do about most differences."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one assumption; `todo` says what to do where it does not simply hold.

    The words hold counts, statuses and names of attributes, never a value of a record.
    """

    state: State
    words: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One assumption that can be checked: its row in docs/reference/assumptions.md, its words."""

    number: int
    words: str
    look: "Callable[[Hands], Seen]"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one check."""

    number: int
    assumption: str
    state: State
    seen: str
    todo: str


class Unclear(Exception):
    """A check cannot tell: the message says why. It is no error of the probe."""

    def __init__(self, words: str, todo: str = "", state: State = "unclear") -> None:
        super().__init__(words)
        self.seen = Seen(state, words, todo)


def holds(words: str) -> Seen:
    """It is as assumed."""
    return Seen("holds", words)


def differs(words: str, todo: str = NOTHING) -> Seen:
    """It is otherwise, and what to do about that."""
    return Seen("differs", words, todo)


def unclear(words: str, todo: str = "") -> Seen:
    """It could not be told here, and how it could."""
    return Seen("unclear", words, todo)


def judge(as_assumed: bool, words: str, todo: str = NOTHING) -> Seen:
    """`holds` or `differs`."""
    return holds(words) if as_assumed else differs(words, todo)
