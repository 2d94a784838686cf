"""Who is alive: each worker process writes a row every few seconds."""

import os
import socket
import threading
from datetime import timedelta

import structlog
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from chargepipe.store.full import is_full
from chargepipe.store.models import Worker

log = structlog.get_logger("chargepipe.engine")

BEAT_SECONDS = 3.0
SAID_AT_MISS = 2
"""Beats that are missed are logged once, at this one: one alone says nothing yet."""
DEAD_AFTER = timedelta(seconds=15)


class Heartbeat:
    """A thread that says every three seconds that `executor` lives; `stop` takes the row away."""

    def __init__(self, executor: str) -> None:
        self.executor = executor
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Write the first beat before any work is taken, then go on in the background."""
        self._write()
        self._thread.start()

    def stop(self) -> None:
        """End the thread and forget the worker."""
        self._over.set()
        self._thread.join()
        close_old_connections()  # this thread's may have died since it was used
        try:
            Worker.objects.filter(executor=self.executor).delete()
        except Error as error:
            # Who says nothing is forgotten, too; it takes some seconds.
            if not is_full(error):  # that is said where the work stood still
                log.warning("no farewell", executor=self.executor)

    def _beat(self) -> None:
        missed = 0
        while not self._over.wait(BEAT_SECONDS):
            close_old_connections()
            try:
                self._write()
            except Error as error:
                # The next beat may get through; a thread that ends would look like a death.
                missed += 1
                if missed == SAID_AT_MISS:
                    why = "the disk is full" if is_full(error) else type(error).__name__
                    log.warning("heartbeats missed", executor=self.executor, error=why)
            else:
                missed = 0
        connection.close()  # else it stays open until somebody collects the thread

    def _write(self) -> None:
        Worker.objects.update_or_create(
            executor=self.executor,
            defaults={"host": socket.gethostname(), "pid": os.getpid(), "seen_at": timezone.now()},
        )


def living() -> list[Worker]:
    """The workers that are alive: heard of lately and, on this machine, with a running process."""
    fresh = Worker.objects.filter(seen_at__gt=timezone.now() - DEAD_AFTER)
    return [worker for worker in fresh if _runs(worker)]


def _runs(worker: Worker) -> bool:
    if worker.host != socket.gethostname():
        return True
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
