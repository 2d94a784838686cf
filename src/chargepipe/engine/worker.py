"""A worker: a process that carries runs. `with working():` makes this process one."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from dbos import DBOS
from django.conf import settings
from django.db import close_old_connections

from chargepipe.accounts.environment import Environment, new_owner
from chargepipe.engine import workflows
from chargepipe.engine.at_work import at_work
from chargepipe.engine.heartbeat import Heartbeat
from chargepipe.engine.queue import (
    APPLICATION_VERSION,
    SERIALIZER,
    is_idle,
    system_database_url,
)
from chargepipe.engine.schedule import take_up
from chargepipe.store.full import is_full

# How many runs (of different accounts) one process carries at once.
RUNS_AT_ONCE = 4
# At most so many connections carry the queue: one a run, and its own looking around.
QUEUE_CONNECTIONS = RUNS_AT_ONCE + 2
EVERY_MINUTE = "* * * * *"
# How long the end of a run may take to be noted in the queue.
TAIL_SECONDS = 0.5


@contextmanager
def working(environment: Environment | None = None) -> Iterator[None]:
    """Carry runs in the background until the block ends; then stop at the next safe place."""
    stop = threading.Event()
    owner = new_owner()
    base = environment or Environment(
        settle_seconds=settings.PROCESS.settle_seconds,
        lease_seconds=settings.PROCESS.lease_seconds,
    )
    own = replace(base, owner=owner, stopping=stop.is_set)
    workflows.environment = lambda: own
    heartbeat = Heartbeat(owner)
    with at_work():
        # Before the first beat: who sees a worker may put a run on its queue at once.
        DBOS.migrate(system_database_url())
        heartbeat.start()
        _launch(owner)
        try:
            take_up()
            close_old_connections()  # this thread may wait for days
            yield
        finally:
            stop.set()
            _leave(owner)
            heartbeat.stop()


def _launch(executor: str) -> None:
    logging.getLogger("dbos").addFilter(_tells_something_new)
    DBOS(
        config={
            "name": "chargepipe",
            "system_database_url": system_database_url(),
            "application_version": APPLICATION_VERSION,
            "executor_id": executor,
            "log_level": "ERROR",
            "serializer": SERIALIZER,
            "run_migrations": False,
            # Of PostgreSQL's connections; DBOS would take up to 20.
            "sys_db_pool_size": QUEUE_CONNECTIONS,
            # A worker that stops waits for one such interval; nothing else hangs on it.
            "notification_listener_polling_interval_sec": 0.1,
        }
    )
    DBOS.launch()
    DBOS.register_queue(
        workflows.QUEUE,
        partition_concurrency=1,
        worker_concurrency=RUNS_AT_ONCE,
        # Each look takes some milliseconds of processor time, also while a run is under way.
        polling_interval_sec=0.5,
    )
    DBOS.apply_schedules(
        [
            {
                "schedule_name": workflows.TICK,
                "workflow_fn": workflows.tick,
                "schedule": EVERY_MINUTE,
                "context": None,
            }
        ]
    )


def _tells_something_new(record: logging.LogRecord) -> bool:
    """Not a traceback for each look at a full disk: who waits for room says so once, in words."""
    error = record.exc_info[1] if record.exc_info else None
    return not (error and is_full(error)) and "disk is full" not in record.getMessage()


def _leave(executor: str) -> None:
    """Stop DBOS; it looks only once a second whether work is left, and mostly none is."""
    end = time.monotonic() + TAIL_SECONDS
    while not (idle := is_idle(executor)) and time.monotonic() < end:
        time.sleep(0.02)
    DBOS.destroy(workflow_completion_timeout_sec=0 if idle else 30)
