"""Copies of the SQLite store: one that is whole while others write, and a look at a file."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader

LABEL = "chargepipe_store"
OTHERS = ("-wal", "-shm", "-journal")
"""What SQLite may keep beside a file; it belongs to the file."""


class BadCopy(Exception):
    """A file is no copy of a store that this chargepipe can use; `str()` says why."""


def store_file() -> Path | None:
    """The file that the store lies in; None where it is PostgreSQL."""
    if connection.vendor != "sqlite":
        return None
    return Path(connection.settings_dict["NAME"])


def copy(source: Path, target: Path) -> None:
    """Copy what is committed, as of one moment, for this user alone; then check the copy.

    Others may read and write meanwhile. Raises BadCopy for a store that is damaged, OSError and
    sqlite3.Error where one of the files cannot be used; then there is no target.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(_read(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            # One file, without a log beside it that would have to be kept with it.
            new.execute("PRAGMA journal_mode=DELETE")
        check(target)
        _to_disk(target)
    except BaseException:
        remove(target)
        raise


def check(file: Path) -> None:
    """Raise BadCopy where a file is damaged, is not ours, or was made by a newer chargepipe."""
    try:
        with closing(_read(file)) as opened:
            found = [row[0] for row in opened.execute("PRAGMA integrity_check(1)")]
            rows = opened.execute("SELECT app, name FROM django_migrations").fetchall()
    except sqlite3.DatabaseError as error:
        raise BadCopy(_refused(str(error))) from None
    if found != ["ok"]:
        raise BadCopy("it is damaged")
    applied = {name for app, name in rows if app == LABEL}
    if not applied:
        raise BadCopy("it is no store of chargepipe")
    if newer := sorted(applied - known()):
        raise BadCopy(f"it was made by a newer chargepipe (its tables know {newer[0]})")


def _read(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _refused(words: str) -> str:
    if "no such table" in words or "not a database" in words:
        return "it is no store of chargepipe"
    return f"it cannot be read ({words})"


def known() -> set[str]:
    """The migrations of the store that this code has."""
    names = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {name for app, name in names if app == LABEL}


@contextmanager
def using(file: Path) -> Iterator[None]:
    """Let Django's own connection of this thread open another file than the store's."""
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def remove(file: Path) -> None:
    """Remove a file and what SQLite keeps beside it."""
    for each in with_others(file):
        each.unlink(missing_ok=True)


def with_others(file: Path) -> list[Path]:
    """A SQLite file and those that may lie beside it."""
    return [file, *(file.with_name(file.name + more) for more in OTHERS)]


def _to_disk(file: Path) -> None:
    for path in (file, file.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
