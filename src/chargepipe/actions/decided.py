"""Decided: what came of a decision of a person."""

from dataclasses import dataclass

from chargepipe.store.models import SyncError


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision: the customers to sync now, and the errors that it left."""

    connection: str
    """Its name."""
    customers: tuple[str, ...]
    left: tuple[SyncError, ...] = ()
    """Those that a rule could not decide."""
