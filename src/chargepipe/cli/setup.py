"""Before a command does anything: the home, Django, the tables, the logs."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chargepipe.cli.errors import stop

WRONG_USE = 2
MIGRATION_LOCK = 0x636861726765
"""The advisory lock of PostgreSQL under which tables are made or changed; any other number does."""


def setup(level: int = logging.WARNING) -> None:
    """Make this process ready for actions; ends it in words where it cannot be."""
    configure_django(level)
    home = make_home()
    _on_a_disk_to_trust(home)
    with alone(home):
        _migrate()


def _on_a_disk_to_trust(home: Path) -> None:
    from django.conf import settings

    from chargepipe.store.disks import why_not

    if settings.PROCESS.database_url.startswith("sqlite") and (words := why_not(home)):
        stop(words)


def configure_django(level: int = logging.WARNING) -> None:
    """Read the environment; touches neither home nor database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chargepipe.config.settings")
    import django
    from django.conf import settings

    from chargepipe.config import logs

    try:
        django.setup()
        logs.configure(settings.PROCESS.log_format, level)
    except ValueError as error:
        stop(str(error), WRONG_USE)


def make_home() -> Path:
    """Make the data folder, for this user alone."""
    from django.conf import settings

    home: Path = settings.PROCESS.home
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError
    except OSError:
        stop(f"The data folder {home} cannot be made or written. Set CHARGEPIPE_HOME to another.")
    return home


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Two first commands at once must not both make the tables."""
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from chargepipe.store.copies import LABEL

    executor = MigrationExecutor(connection)
    known = executor.loader.disk_migrations or {}
    ours = {key for key in executor.loader.applied_migrations if key[0] == LABEL}
    if newer := sorted(ours - known.keys()):
        stop(f"The tables are of a newer chargepipe ({newer[0][1]}): use that version again.")
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with _alone_on_all_machines():
            call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _alone_on_all_machines() -> Iterator[None]:
    """Machines that share a database share no home: PostgreSQL itself keeps the lock."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
