"""What the minute brings: syncs that are due, and runs that stand still."""

from datetime import UTC, datetime, timedelta

from dbos import WorkflowStatus
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chargepipe.engine.heartbeat import living
from chargepipe.engine.queue import enqueue, resume, status_of, stranded, workflow_id
from chargepipe.store.models import Connection, Run
from chargepipe.sync.barred import to_try_again

JUST_BEGUN = timedelta(seconds=30)
"""So long a worker may take from a look at the queue to the claim of the account."""


def start_due() -> list[Run]:
    """Make and enqueue a sync for each connection whose time has come (setting 10).

    One that failed because a service lets nothing through is tried again, not made anew.
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
        if (barred := to_try_again(connection)) is not None:
            barred.state, barred.finished_at = "queued", None
            barred.save(update_fields=["state", "finished_at"])
            return barred
        return Run.objects.create(connection=connection, kind="sync", automatic=True)


def take_up() -> list[int]:
    """Set runs going again that are not done though nobody carries them; their numbers.

    Workflows of dead workers go back on the queue even if their run is over: a workflow that
    is never ended keeps its account's place in the queue.
    """
    resume(stranded({worker.executor for worker in living()}))
    now = timezone.now()
    runs = list(
        Run.objects.filter(
            Q(state__in=["queued", "running"]) | Q(state="paused", due_at__lte=now)
        ).select_related("connection__account")
    )
    statuses = status_of([workflow_id(run) for run in runs])
    resume([workflow_id(run) for run in runs if _let_go(run, statuses.get(workflow_id(run)), now)])
    idle = [run for run in runs if not _under_way(statuses.get(workflow_id(run)))]
    for run in idle:
        enqueue(run)
    return [run.pk for run in idle]


def _let_go(run: Run, status: WorkflowStatus | None, now: datetime) -> bool:
    """Whether a living worker has lost a run: it is begun, but nobody holds its account.

    So it is where the queue's own tables could not be written when a workflow ended.
    """
    account = run.connection.account
    if status is None or status.status != "PENDING" or account is None:
        return False
    settle = timedelta(seconds=settings.PROCESS.settle_seconds)
    held = account.lease_until is not None and account.lease_until + settle > now
    begun = datetime.fromtimestamp((status.dequeued_at or status.created_at or 0) / 1000, UTC)
    return not held and begun < now - JUST_BEGUN


def _under_way(status: WorkflowStatus | None) -> bool:
    return status is not None and status.status in ("PENDING", "ENQUEUED", "DELAYED")
