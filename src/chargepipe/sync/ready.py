"""Ready: a page of changes, sorted by what is to be done with each."""

from dataclasses import dataclass, field
from typing import Any

from chargepipe.store.models import Change


@dataclass(slots=True)
class Ready:
    """A page, sorted by what is to be done with each change."""

    bodies: list[tuple[Change, dict[str, Any]]] = field(default_factory=list)
    true: list[tuple[Change, int]] = field(default_factory=list)
    stale: list[Change] = field(default_factory=list)
    skipped: list[Change] = field(default_factory=list)
    """An undo leaves these as they are: somebody has changed them since."""
    failed: list[tuple[Change, str]] = field(default_factory=list)
    later: list[Change] = field(default_factory=list)
    lacking: list[Change] = field(default_factory=list)
    """Their fields or options are not there; they stay planned until these are made."""
