"""Finish: close a run's row and set what comes next for its connection."""

from datetime import datetime, timedelta

from chargepipe.domain.settings import ConnectionFile
from chargepipe.store.models import Connection, Run
from chargepipe.sync.dropped import drop_planned

CANCELLED = "Cancelled; what was written stays."
TRY_AGAIN = timedelta(hours=1)
ASK_ONE = ("undo", "clear")
"""Kinds of runs that end well without a look at Chargebee."""


def finish(run: Run, state: str, now: datetime, message: str = "") -> None:
    """End a run. After a full sync that is done the hourly sync is on; the next is due one
    interval after this run ended (product.md 2.5, 2.6).
    """
    run.state, run.message, run.finished_at, run.asked = state, message, now, ""
    run.save(update_fields=["state", "message", "finished_at", "asked"])
    if state != "done":
        drop_planned(run, "skipped", f"the run was {state}")
    connection = Connection.objects.get(pk=run.connection_id)
    if state == "done" and _is_full(run):
        _note_full(connection, run, now)
    if state == "done" and run.kind not in ASK_ONE:
        connection.barred, connection.barred_since = "", None
    connection.next_sync_at = next_sync(connection, now)
    connection.save(
        update_fields=[
            "full_started_at",
            "full_done_at",
            "full_with_organizations",
            "deals_since",
            "next_sync_at",
            "barred",
            "barred_since",
        ]
    )


def _is_full(run: Run) -> bool:
    """A full sync, or the preview of one that was applied without a change that had moved."""
    if run.kind != "apply" or run.about is None or run.about.of != "full":
        return run.kind == "full"
    return not run.changes.filter(state="stale").exists()


def _note_full(connection: Connection, run: Run, now: datetime) -> None:
    file = ConnectionFile.model_validate(connection.file)
    planned = run.about if run.about is not None else run
    connection.full_started_at = connection.full_started_at or planned.started_at
    connection.full_done_at = now
    if connection.deals_since is None:
        connection.deals_since = planned.source_time
    connection.full_with_organizations |= file.settings.organizations


def next_sync(connection: Connection, now: datetime) -> datetime | None:
    """When the automatic sync is due; None before the first full one, or when it is off.

    None, too, while Pipedrive has to be connected again. Where a service lets nothing through it is
    asked once an hour at most.
    """
    file = ConnectionFile.model_validate(connection.file)
    if connection.disconnected or not file.schedule.automatic or connection.full_done_at is None:
        return None
    every = file.schedule.every
    return now + (max(every, TRY_AGAIN) if connection.barred else every)
