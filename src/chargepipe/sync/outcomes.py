"""Outcomes: what a run made of each customer, and up to which revision it is settled.

A part of `settle`: every function runs inside `session.commit()`.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from chargepipe.store.models import Record
from chargepipe.sync.session import Session, slices

# One bucket a customer: what this run made stays "created" when it is looked at once more.
STRONGER = {"updated": ("created",), "unchanged": ("created", "updated")}


def settled(session: Session, pairs: Sequence[tuple[str, int]], outcome: str) -> None:
    """Settle customers at the revision that was planned; what came in since keeps them dirty.

    Whoever is synced is held no longer (rule 12).
    """
    by_revision: dict[int, list[str]] = defaultdict(list)
    for source_id, revision in pairs:
        by_revision[revision].append(source_id)
    free = {} if outcome == "skipped" else {"held_version": None}
    for revision, ids in by_revision.items():
        for some in slices(ids):
            _customers(session, some).update(settled=revision, **free)
    note(session, [source_id for source_id, _ in pairs], outcome)


def note(session: Session, ids: Sequence[str], outcome: str) -> None:
    """Put customers into the bucket of this run, unless they are in a stronger one."""
    stronger = STRONGER.get(outcome, ())
    for some in slices(ids):
        rows = _customers(session, some)
        rows = rows.exclude(outcome__in=stronger, outcome_run=session.run.pk)
        rows.update(outcome=outcome, outcome_run=session.run.pk)


def _customers(session: Session, ids: Sequence[str]) -> Any:
    return Record.objects.filter(connection=session.connection, kind="customer", source_id__in=ids)
