"""The machine: the home, its disk, the keys, the tables."""

import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from chargepipe.actions.doctor.check import Check
from chargepipe.actions.locked import locked
from chargepipe.store.copies import LABEL, known, store_file
from chargepipe.store.disks import disk_kind, trust
from chargepipe.store.encrypted import key_file
from chargepipe.store.models import Grant, Secrets

LEAST_FREE, LITTLE_FREE = 100 * 2**20, 500 * 2**20
"""Bytes on the home's disk: below the first a run may fail at any time."""


def home() -> Check:
    """Whether the data folder is for this user alone, and can be written."""
    place: Path = settings.PROCESS.home
    if stat.S_IMODE(place.stat().st_mode) & 0o077:
        return Check("home", "warn", f"{place} is open to others.", f"chmod 700 {place}")
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"x" * 4096)
    except OSError as error:
        todo = "Free some space, or give this user the right to write there."
        return Check("home", "fail", f"{place} cannot be written ({error.strerror}).", todo)
    return Check("home", "ok", f"{place} is yours alone.")


def disk() -> Check:
    """Whether the store's disk has room, and is a local one."""
    file = store_file()
    place = file.parent if file else settings.PROCESS.home
    kind, free = disk_kind(place), shutil.disk_usage(place).free
    if file and trust(kind) == "network":
        todo = "Use a local disk, or PostgreSQL by DATABASE_URL."
        words = f"{place} lies on a network disk ({kind}): SQLite may lose data there."
        return Check("disk", "fail", words, todo)
    room = f"{free / 2**20:,.0f} MB are free in {place}."
    if free < LEAST_FREE:
        return Check("disk", "fail", room, "Free some space: runs fail when the disk is full.")
    if free < LITTLE_FREE:
        return Check("disk", "warn", room, "Free some space before the disk is full.")
    if file and trust(kind) == "unsure":
        words = f"{place} lies on a disk of another system or program ({kind})."
        return Check("disk", "warn", words, "Make sure that it is a local disk.")
    return Check("disk", "ok", room)


def keys() -> Check:
    """Whether the encryption keys are safe, and open what is stored."""
    file = key_file()
    own = not settings.PROCESS.keys
    if own and file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        return Check("keys", "fail", f"{file} can be read by others.", f"chmod 600 {file}")
    stored = Secrets.objects.exists() or Grant.objects.exists()
    if own and stored and not file.exists():
        todo = "Bring the file back from where you keep it, or apply each connection again."
        return Check("keys", "fail", f"{file} is gone: nothing opens the stored secrets.", todo)
    if names := locked():
        todo = "Bring the old keys back (behind new ones), or apply these connections again."
        words = f"The keys do not open the secrets of {', '.join(names)}."
        return Check("keys", "fail", words, todo)
    return Check("keys", "ok", "They open all stored secrets.")


def tables() -> Check:
    """Whether the store is whole, and of this version."""
    if file := store_file():
        if not file.exists():
            return Check(
                "database", "fail", f"{file} is not there.", "Run any other command first."
            )
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as opened:
            if opened.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                todo = "Bring back a backup: chargepipe restore FILE"
                return Check("database", "fail", f"{file} is damaged.", todo)
    applied = MigrationRecorder(database).applied_migrations()
    if newer := sorted(name for app, name in applied if app == LABEL and name not in known()):
        words = f"The tables are of a newer chargepipe ({newer[0]})."
        return Check("database", "fail", words, "Use the newer version again, or restore a backup.")
    executor = MigrationExecutor(database)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        todo = "Run any other command: it brings them up to date."
        words = f"The tables are of an older version ({plan[0][0].name} is to come)."
        return Check("database", "fail", words, todo)
    return Check("database", "ok", f"{database.display_name}, its tables are up to date.")
