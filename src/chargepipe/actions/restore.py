"""Restore: put a backup in the place of the store, which is kept aside."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from chargepipe.actions.locked import locked
from chargepipe.actions.refusal import Refused
from chargepipe.engine.at_work import nobody_at_work
from chargepipe.engine.heartbeat import living
from chargepipe.store.copies import BadCopy, check, copy, remove, store_file, using, with_others
from chargepipe.store.models import Account, Connection, Worker

POSTGRES = (
    "This store is PostgreSQL: bring a backup back by its own tools, such as "
    'pg_restore --clean --if-exists --dbname="$DATABASE_URL" chargepipe.dump '
    "(docs/how-to/back-up-and-restore.md)."
)
STOP_FIRST = "A worker is alive: stop chargepipe serve and chargepipe worker first."
OWNER = "restore"
PATIENCE = 5.0
"""Seconds in which others may close the store."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    kept: Path | None
    """The folder in which the store that was there lies now; None where there was none."""
    connections: tuple[str, ...]
    locked: tuple[str, ...]
    """Connections whose secrets the keys of this installation do not open."""


def restore(file: Path, now: datetime | None = None) -> Restored:
    """Check a backup, bring its tables up to date, and put it in the place of the store.

    Raises Refused; then the store is as it was.
    """
    now = now or timezone.now()
    place = store_file()
    if place is None:
        raise Refused(POSTGRES)
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    with nobody_at_work() as alone:
        if not alone or _heard_of():
            raise Refused(STOP_FIRST)
        new = place.with_name(f"{place.name}.new")
        remove(new)  # of a restore that died
        try:
            return _put(file, new, place, now)
        except BadCopy as error:
            raise Refused(f"{file} cannot be restored: {error}.") from None
        except (OSError, sqlite3.Error, DatabaseError) as error:
            raise Refused(f"{file} cannot be restored: {error}. The store is as it was.") from None
        finally:
            remove(new)


def _heard_of() -> bool:
    """Whether the present store tells of a worker; one that cannot be read tells of none."""
    try:
        return bool(living())
    except DatabaseError:
        return False


def _put(file: Path, new: Path, place: Path, now: datetime) -> Restored:
    check(file)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy(file.absolute(), new)
    with using(new):
        call_command("migrate", verbosity=0, interactive=False)
        _ready(now)
        connections = tuple(Connection.objects.order_by("name").values_list("name", flat=True))
        closed = tuple(locked())
    _close(new)
    kept = _set_aside(place, now)
    os.replace(new, place)
    return Restored(kept, connections, closed)


def _ready(now: datetime) -> None:
    """No worker of the backup is alive, and what one had under way at the end may settle first."""
    Worker.objects.all().delete()
    Account.objects.update(lease_owner=OWNER, lease_until=now)


def _close(file: Path) -> None:
    """Bring all that SQLite keeps beside a file into it. Raises where others have it open."""
    with closing(sqlite3.connect(file, timeout=PATIENCE)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")


def _set_aside(place: Path, now: datetime) -> Path | None:
    """Keep the store that is there under another name; it stays in its place until the new comes.

    The queue goes with it: it tells of runs that the backup does not know, and is made anew.
    """
    if not place.exists():
        return None
    folder = _folder(place, now)
    try:
        _close(place)
        os.link(place, folder / place.name)
    except sqlite3.OperationalError:
        folder.rmdir()
        raise  # somebody has it open
    except (OSError, sqlite3.DatabaseError):
        # A damaged file cannot be closed, and some disks know no second name.
        _move(with_others(place), folder)
    _move(with_others(settings.PROCESS.home / "queue.sqlite3"), folder)
    return folder


def _folder(place: Path, now: datetime) -> Path:
    return Path(mkdtemp(prefix=f"before-restore-{now:%Y%m%d-%H%M%S}-", dir=place.parent))


def _move(files: list[Path], folder: Path) -> None:
    for file in files:
        if file.exists():
            file.rename(folder / file.name)
