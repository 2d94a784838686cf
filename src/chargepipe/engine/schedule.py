"""What the minute brings: syncs that are due, and runs that stand still."""

from datetime import UTC, datetime, timedelta

from dbos import WorkflowStatus
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chargepipe.engine.heartbeat import living
from chargepipe.engine.queue import begun, enqueue, resume, run_of, status_of, workflow_id
from chargepipe.store.models import Connection, Run
from chargepipe.sync.finish import to_try_again

JUST_BEGUN = timedelta(seconds=30)
"""So long a worker may take from a look at the queue to the claim of the account."""
LONG_BEGUN = timedelta(days=1)
"""What carries no run, such as the upkeep, is lost after so long."""


def start_due() -> list[Run]:
    """Make and enqueue a sync for each connection whose time has come (setting 10).

    One that failed is tried again, not made anew.
    """
    due = Connection.objects.filter(next_sync_at__lte=timezone.now(), account__isnull=False)
    started = [run for connection in due if (run := _start(connection)) is not None]
    for run in started:
        enqueue(run)
    return started


def _start(connection: Connection) -> Run | None:
    if connection.runs.filter(state__in=Run.UNFINISHED).exists():
        return None  # still due: it starts when that run is over
    with transaction.atomic():
        # The update is the claim: of two workers that tick at once only one makes the run.
        mine = Connection.objects.filter(pk=connection.pk, next_sync_at=connection.next_sync_at)
        if not mine.update(next_sync_at=None):
            return None
        if (failed := to_try_again(connection)) is not None:
            failed.state, failed.finished_at = "queued", None
            failed.save(update_fields=["state", "finished_at"])
            return failed
        return Run.objects.create(connection=connection, kind="sync", automatic=True)


def take_up() -> list[int]:
    """Set runs going again that are not done though nobody carries them; their numbers."""
    resume(_lost())
    now = timezone.now()
    runs = list(
        Run.objects.filter(
            Q(state__in=["queued", "running"]) | Q(state="paused", due_at__lte=now)
        ).select_related("connection__account")
    )
    statuses = status_of([workflow_id(run) for run in runs])
    idle = [run for run in runs if not _under_way(statuses.get(workflow_id(run)))]
    for run in idle:
        enqueue(run)
    return [run.pk for run in idle]


def _lost() -> list[str]:
    """Workflows that are begun, but which nobody carries, even if their run is over.

    For a workflow that is never ended keeps its account's place in the queue. Its worker is dead;
    or it lives, but the queue's own tables could not be written when the workflow ended.
    """
    workflows = begun()
    alive = {worker.executor for worker in living()}
    known = Run.objects.select_related("connection__account").in_bulk(
        [number for each in workflows if (number := run_of(each.workflow_id)) is not None]
    )
    now = timezone.now()
    return [
        each.workflow_id
        for each in workflows
        if each.executor_id not in alive
        or _let_go(each, known.get(run_of(each.workflow_id) or 0), now)
    ]


def _let_go(status: WorkflowStatus, run: Run | None, now: datetime) -> bool:
    """Whether a living worker has lost a workflow: it is begun, but nobody holds its account."""
    since = datetime.fromtimestamp((status.dequeued_at or status.created_at or 0) / 1000, UTC)
    account = run.connection.account if run else None
    if run is None:
        return since < now - LONG_BEGUN
    settle = timedelta(seconds=settings.PROCESS.settle_seconds)
    held = account and account.lease_until and account.lease_until + settle > now
    return not held and since < now - JUST_BEGUN


def _under_way(status: WorkflowStatus | None) -> bool:
    return status is not None and status.status in ("PENDING", "ENQUEUED", "DELAYED")
