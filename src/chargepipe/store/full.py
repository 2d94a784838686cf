"""Full: a disk that has no room left, and how a process waits until it has some again."""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

WORDS = "The disk is full: free some space, then try again. Nothing was half written."
LEAST_ROOM = 128 * 1024
"""Bytes; with less, the next commit of a run may not fit."""
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_MAY_BE = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
"""What SQLite says as well where a file beside the store cannot grow, or cannot be made."""
_DISK_FULL = "53100"
"""PostgreSQL's disk_full (appendix A)."""

waiting = threading.Event()
"""Set while a run in this process waits for room."""


class NoRoom(Exception):
    """A run stopped in this process because the disk is full; `str()` says what to do."""


def is_full(error: BaseException) -> bool:
    """Whether an error, of whatever library, comes from a full disk."""
    return any(_says_full(cause) for cause in _causes(error))


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_SPACE
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code == sqlite3.SQLITE_FULL or (code in _MAY_BE and not has_room())
    return getattr(error, "sqlstate", None) == _DISK_FULL


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from; libraries wrap what the database says."""
    while error is not None:
        yield error
        error = error.__cause__


def has_room(place: Path | None = None) -> bool:
    """Whether the disk of the home (or of another place) takes a commit; True where none tells."""
    try:
        disk = os.statvfs(place or settings.PROCESS.home)
    except OSError:
        return True
    blocks = disk.f_bfree if os.geteuid() == 0 else disk.f_bavail
    return blocks * disk.f_frsize >= LEAST_ROOM or not disk.f_blocks


def stands_still() -> bool:
    """Whether a run in this process cannot go on for want of room."""
    on_this_disk = settings.PROCESS.database_url.startswith("sqlite")
    return waiting.is_set() or (on_this_disk and not has_room())
