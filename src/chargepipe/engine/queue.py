"""Put runs on the queue, and see what became of them there."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from django.conf import settings
from django.db.models import F

from chargepipe.engine.workflows import CARRY, QUEUE
from chargepipe.store.models import Run

# Pinned: a workflow holds no position, so any version can go on with it.
APPLICATION_VERSION = "1"
# Arguments are ids; JSON keeps them readable and safe to load.
SERIALIZER = DBOSPortableJSONSerializer()
CLIENT_CONNECTIONS = 2
"""Connections to PostgreSQL that asking the queue may take in one process."""


def system_database_url() -> str:
    """DBOS's own tables: a second SQLite file in the home, or the same PostgreSQL database."""
    url = settings.PROCESS.database_url
    if urlsplit(url).scheme.startswith("sqlite"):
        return f"sqlite:///{settings.PROCESS.home / 'queue.sqlite3'}"
    return url.replace("postgres://", "postgresql://", 1)


@cache
def client() -> DBOSClient:
    """One client a process; it works whether or not this process is a worker."""
    return DBOSClient(
        system_database_url=system_database_url(),
        serializer=SERIALIZER,
        system_database_pool_size=CLIENT_CONNECTIONS,
    )


def workflow_id(run: Run) -> str:
    """The id of the workflow that carries this attempt of the run."""
    return f"run-{run.pk}-{run.attempt}"


def run_of(workflow: str) -> int | None:
    """The run that a workflow carries, by its id; None where it carries none."""
    kind, _, rest = workflow.partition("-")
    number = rest.partition("-")[0]
    return int(number) if kind == "run" and number.isdecimal() else None


def enqueue(run: Run) -> None:
    """Give the run to the queue: one run an account at a time, in order.

    The attempt is counted first: a death before the enqueue leaves an id that the queue
    does not know, and `take_up` enqueues the next one.
    """
    _count_attempt(run)
    while status_of([workflow_id(run)]):
        # A restored backup gives numbers again that the queue has seen.
        _count_attempt(run)
    options: EnqueueOptions = {
        "queue_name": QUEUE,
        "workflow_name": CARRY,
        "workflow_id": workflow_id(run),
        "queue_partition_key": f"account-{run.connection.account_id}",
        "app_version": APPLICATION_VERSION,
    }
    client().enqueue(options, run.pk)


def _count_attempt(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(attempt=F("attempt") + 1)
    run.refresh_from_db(fields=["attempt"])


def status_of(ids: Sequence[str]) -> dict[str, WorkflowStatus]:
    """What the queue says of these workflows; those it does not know are left out."""
    if not ids:
        return {}
    found = client().list_workflows(workflow_ids=list(ids), load_input=False, load_output=False)
    return {status.workflow_id: status for status in found}


def reachable() -> None:
    """Ask the queue's own tables for anything; raises where they cannot be read.

    After a restore they are not there until the next worker makes them, which is well.
    """
    url = system_database_url()
    if not url.startswith("sqlite") or Path(url.removeprefix("sqlite:///")).exists():
        status_of(["none"])


def is_idle(executor: str) -> bool:
    """Whether a worker has ended all that it began."""
    return all(status.executor_id != executor for status in begun())


def begun() -> list[WorkflowStatus]:
    """Workflows that some worker has begun and, as far as the queue knows, not ended."""
    return client().list_workflows(
        status="PENDING", queue_name=QUEUE, load_input=False, load_output=False
    )


def resume(ids: Sequence[str]) -> None:
    """Put workflows of a dead worker back on the queue."""
    if ids:
        client().resume_workflows(list(ids), queue_name=QUEUE)
