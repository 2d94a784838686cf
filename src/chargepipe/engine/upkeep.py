"""Upkeep: once a day what is too old is forgotten, in our tables and in DBOS's own."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from dbos import EnqueueOptions
from django.conf import settings
from django.utils import timezone

from chargepipe.engine.queue import APPLICATION_VERSION, client, status_of
from chargepipe.engine.workflows import QUEUE, UPKEEP
from chargepipe.sync.retention import forget

OVER = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
QUEUE_KEPT = timedelta(days=7)
"""A workflow that is over tells nothing that our tables do not; so long it may be looked into."""
AT_ONCE = 200
_begun: set[date] = set()
"""Days on which this process has seen to it; other days are looked up in the queue."""


def begin(now: datetime) -> None:
    """Queue today's upkeep unless somebody has. Its id is the day: it is done once, by anybody."""
    today = now.date()
    if today in _begun:
        return
    name = f"upkeep-{today}"
    if not status_of([name]):
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": UPKEEP,
            "workflow_id": name,
            "queue_partition_key": "upkeep",
            "app_version": APPLICATION_VERSION,
        }
        client().enqueue(options)
    _begun.clear()
    _begun.add(today)


def clean(stopping: Callable[[], bool]) -> None:
    """Forget what is too old, batch by batch; the rest comes tomorrow where the process stops."""
    now = timezone.now()
    if settings.PROCESS.keep_days:
        for _ in forget(now, settings.PROCESS.keep_days):
            if stopping():
                return
    while not stopping() and forget_workflows(now):
        pass


def forget_workflows(now: datetime) -> int:
    """Remove some of DBOS's workflows that have long been over; how many. A minute leaves one."""
    old = client().list_workflows(
        status=OVER,
        completed_before=(now - QUEUE_KEPT).isoformat(),
        limit=AT_ONCE,
        load_input=False,
        load_output=False,
    )
    if old:
        client().delete_workflows([status.workflow_id for status in old])
    return len(old)
