"""Reverts: which changes an undo took back, and what an undo of an undo is."""

from collections.abc import Collection

from chargepipe.store.models import Change, Run

AT_ONCE = 500
"""A database takes a bounded number of parameters."""


def reverted(ids: Collection[int]) -> set[int]:
    """Those of these changes that an undo took back, unless that undo was undone itself."""
    wanted, found = sorted(ids), set[int]()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = Change.objects.filter(reverts_id__in=some, state="written")
        back_again = dict(rows.values_list("pk", "reverts_id"))
        undone = reverted(back_again)
        found |= {change for pk, change in back_again.items() if pk not in undone}
    return found


def depth(run: Run) -> int:
    """0 for a run that syncs, 1 for its undo, 2 for the undo of that, and so on."""
    return 0 if run.kind != "undo" or run.about is None else 1 + depth(run.about)


def restores(run: Run) -> bool:
    """Whether this undo brings back what a sync wrote: the undo of an undo does."""
    return depth(run) % 2 == 0


def restores_a_clear(run: Run) -> bool:
    """Whether this undo brings back what was cleared of a connection."""
    return run.about is not None and run.about.kind == "clear"
