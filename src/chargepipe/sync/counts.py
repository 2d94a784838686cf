"""Counts: what a run did, as the one object that `--json` prints (interface.md)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from chargepipe.store.models import Record, Run, SyncError

BUCKETS = ("created", "updated", "unchanged", "skipped", "failed")


def count(run: Run, tally: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Count from the tables, so that a run which died and went on counts each customer once.

    `tally` stands in for the buckets of a run that writes nothing (validate, preview).
    """
    customers = Counter(tally) if tally is not None else _outcomes(run)
    buckets = {name: customers.get(name, 0) for name in BUCKETS}
    started = run.started_at or run.created_at
    return {
        "run": run.pk,
        "kind": run.kind,
        "state": run.state,
        "customers": sum(buckets.values()),
        **buckets,
        "objects": _objects(run),
        **_left(run),
        "errors_open": SyncError.objects.filter(connection=run.connection, state="open").count(),
        "requests": {"chargebee": run.requests_chargebee, "pipedrive": run.requests_pipedrive},
        "tokens": run.tokens,
        "seconds": round(((run.finished_at or started) - started).total_seconds(), 1),
    }


def _outcomes(run: Run) -> Counter[str]:
    rows = Record.objects.filter(connection=run.connection, kind="customer", outcome_run=run.pk)
    return Counter(dict(rows.values_list("outcome").annotate(n=Count("pk")).order_by()))


def _objects(run: Run) -> dict[str, dict[str, int]]:
    """What was written; of a preview what would be."""
    state = "planned" if run.kind == "preview" else "written"
    done = Counter(
        {
            (kind, action): number
            for kind, action, number in run.changes.filter(state=state)
            .values_list("kind", "action")
            .annotate(n=Count("pk"))
            .order_by()
        }
    )
    fields = sum(
        n for (kind, action), n in done.items() if kind.endswith("_field") and action == "create"
    )
    written = {
        kind: {"created": done[kind, "create"], "updated": done[kind, "update"]}
        for kind in ("organization", "deal")
    }
    gone = _deleted(run, state)
    for kind, row in written.items():
        row.update({"deleted": gone[kind]} if gone[kind] else {})
    people = {"person": {"deleted": gone["person"]}} if gone["person"] else {}
    return {**written, **people, "field": {"created": fields}}


def _deleted(run: Run, state: str) -> Counter[str]:
    """How many records of each kind were deleted; customers may have shared one."""
    rows = run.changes.filter(state=state, action="delete").values_list("kind", "pipedrive_id")
    return Counter(kind for kind, _ in set(rows))


def _left(run: Run) -> dict[str, int]:
    """What an undo leaves as it is, and what of a preview has moved."""
    if run.kind == "undo":
        return {"kept": run.changes.exclude(kept=[], words="").exclude(state="planned").count()}
    if run.kind == "apply":
        return {"moved": run.changes.filter(state="stale").count()}
    return {}
