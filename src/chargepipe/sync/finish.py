"""Finish: close a run's row and set what comes next for its connection.

An automatic sync that failed is tried again in the same run, ever more seldom: one failed run, not
one an interval. A run that ends well, or one that a person starts, begins a new count.
"""

from datetime import datetime, timedelta

from chargepipe.domain.settings import ConnectionFile
from chargepipe.store.models import Connection, Run
from chargepipe.sync.dropped import drop_planned

CANCELLED = "Cancelled; what was written stays."
TRY_AGAIN = timedelta(hours=1)
"""A failed automatic sync is tried again after so long at most, or after its own interval."""
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
    again = state == "failed" and is_tried_again(run)
    connection.next_sync_at = next_sync(connection, now, run.started_at if again else None)
    if again and connection.next_sync_at and not connection.barred:
        run.message += f" It is tried again at {connection.next_sync_at:%Y-%m-%d %H:%M} UTC."
        run.save(update_fields=["message"])
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


def is_tried_again(run: Run) -> bool:
    """Whether a run that failed is begun anew by the schedule, in place of a new one."""
    return run.kind == "sync" and run.automatic


def next_sync(
    connection: Connection, now: datetime, failing_since: datetime | None = None
) -> datetime | None:
    """When the automatic sync is due; None before the first full one, or when it is off.

    None, too, while Pipedrive has to be connected again. Where a service lets nothing through it is
    asked once an hour at most; a run that fails otherwise has to wait as long as it has failed
    already, an hour at most, so that each try comes after twice the time.
    """
    file = ConnectionFile.model_validate(connection.file)
    if connection.disconnected or not file.schedule.automatic or connection.full_done_at is None:
        return None
    every = file.schedule.every
    if connection.barred:
        return now + max(every, TRY_AGAIN)
    failing = now - failing_since if failing_since else timedelta(0)
    return now + max(every, min(failing, TRY_AGAIN))


def to_try_again(connection: Connection) -> Run | None:
    """The failed automatic sync that is tried again in place of a new one."""
    last = connection.runs.order_by("-pk").first()
    return last if last and last.state == "failed" and is_tried_again(last) else None
