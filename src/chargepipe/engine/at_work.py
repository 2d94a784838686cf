"""At work: a lock in the home that every worker holds, so that a restore finds none alive.

The rows of `heartbeat` say the same where the store can be read; a restore is for when it cannot.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


def _file() -> Path:
    return settings.PROCESS.home / "workers.lock"


@contextmanager
def at_work() -> Iterator[None]:
    """Hold it together with other workers; it ends with the process, however that ends."""
    with _file().open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def nobody_at_work() -> Iterator[bool]:
    """Hold it alone, so that no worker starts meanwhile; False where one is alive."""
    with _file().open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
