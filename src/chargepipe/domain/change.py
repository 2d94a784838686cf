"""A Change: one planned write to Pipedrive, and the states that it goes through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from chargepipe.domain.values import JSON

Action: TypeAlias = Literal["create", "update", "delete"]
ChangeKind: TypeAlias = Literal[
    "person", "organization", "deal", "person_field", "organization_field", "deal_field"
]

_TOKENS: Mapping[Action, int] = {"create": 5, "update": 5, "delete": 3}
"""API tokens of a write in v2 (pipedrive-api.md section 2.2)."""


def price(action: Action) -> int:
    """API tokens of one write: 5 to create or update, 3 to delete."""
    return _TOKENS[action]


@dataclass(frozen=True, slots=True)
class Change:
    """Create, update or delete one Pipedrive record.

    `before` is what Pipedrive held, `after` what it shall hold, both by logical field names and
    JSON-able (`values.to_json`); an update has the same names in both.
    """

    action: Action
    kind: ChangeKind
    source_key: str
    """Chargebee's id, an organization's company key, or a field's name."""
    pipedrive_id: int | None
    """None for a create."""
    before: Mapping[str, JSON] = field(hash=False)
    after: Mapping[str, JSON] = field(hash=False)
    reason: str
    """Why, in words that the record page shows."""

    @property
    def tokens(self) -> int:
        """API tokens that this write costs."""
        return price(self.action)

    def __repr__(self) -> str:
        """What happens to which record and fields; no key and no value, for both are personal."""
        place = f" {self.pipedrive_id}" if self.pipedrive_id is not None else ""
        names = ", ".join(sorted({*self.before, *self.after}))
        return f"<{self.action} {self.kind}{place}: {names}>"


class State(StrEnum):
    """Where a Change stands (architecture.md, "Values and tables")."""

    PLANNED = "planned"
    INTENDED = "intended"
    WRITTEN = "written"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    STALE = "stale"


MOVES: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.INTENDED, State.WRITTEN, State.SKIPPED, State.STALE}),
    State.INTENDED: frozenset({State.WRITTEN, State.FAILED, State.UNKNOWN, State.PLANNED}),
    State.UNKNOWN: frozenset({State.WRITTEN, State.PLANNED, State.FAILED}),
    State.WRITTEN: frozenset(),
    State.FAILED: frozenset(),
    State.SKIPPED: frozenset(),
    State.STALE: frozenset(),
}
"""The legal moves from each state."""

UNFINISHED = frozenset(state for state, moves in MOVES.items() if moves)
"""States from which a Change still moves."""

MOST_INTENTS = 3
"""How often an unknown create may be planned anew before it fails."""


class IllegalMove(ValueError):
    """A Change cannot go from one state to the other."""


def check(old: State, new: State) -> None:
    """Nothing for a legal move. Raises IllegalMove otherwise, staying in a state included."""
    if new not in MOVES[old]:
        legal = ", ".join(sorted(MOVES[old])) or "nothing, it is final"
        raise IllegalMove(f"a change that is {old} cannot become {new}; it may become: {legal}")
