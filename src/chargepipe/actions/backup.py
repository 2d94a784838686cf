"""Backup: one file that holds all that this installation knows, but for its encryption keys."""

import os
import sqlite3
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from chargepipe.actions.refusal import Refused
from chargepipe.store.copies import BadCopy, copy, store_file

PART = ".part"
"""What a backup's name ends in until it is whole."""
POSTGRES = (
    "This store is PostgreSQL: back it up by its own tools, such as "
    'pg_dump --format=custom --file=chargepipe.dump "$DATABASE_URL" '
    "(docs/how-to/back-up-and-restore.md)."
)


def backup(target: Path | None = None) -> Path:
    """Copy the store while it is in use; where the copy lies.

    Without a target it gets a name with the time, in the present folder. Raises Refused.
    """
    source = store_file()
    if source is None:
        raise Refused(POSTGRES)
    if not source.exists():
        raise Refused("There is no store yet: nothing is to be backed up.")
    target = (target or Path(name_at(timezone.now()))).absolute()
    if target.exists():
        raise Refused(f"{target} is there already, and nothing is written over: give another name.")
    part = target.with_name(f"{target.name}.{os.getpid()}{PART}")
    try:
        copy(source, part)
        part.rename(target)
    except BadCopy as error:
        raise Refused(
            f"The store {source} cannot be backed up: {error}. Bring back an older backup: "
            "chargepipe restore FILE"
        ) from None
    except (OSError, sqlite3.Error) as error:
        raise Refused(f"{target} cannot be written: {_words(error)}.") from None
    return target


def name_at(now: datetime) -> str:
    """A file's name that sorts by time (UTC)."""
    return f"chargepipe-{now:%Y%m%d-%H%M%S}.sqlite3"


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
