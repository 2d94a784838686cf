"""What all tests share: a home of their own, a real SQLite file, and quiet logs.

With CHARGEPIPE_TESTS_ON=postgresql the store is a PostgreSQL database instead (postgres.py).
"""

import os
import signal
import sys
from pathlib import Path

import django
import pytest
import structlog
from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase
from structlog.typing import EventDict

import postgres
from leftovers import own_folder

# A command of a test is a process of its own: what it imports is compiled once, not by each.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A job in the background may be deaf to Ctrl-C; the commands that tests start must hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Before Django reads its settings; each test process has a home of its own.
os.environ["CHARGEPIPE_HOME"] = own_folder()
if os.environ.get("CHARGEPIPE_TESTS_ON") == "postgresql" and "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = postgres.start(Path(own_folder()))
os.environ["DJANGO_SETTINGS_MODULE"] = "chargepipe.config.settings"
django.setup()
# Else a test process that this one starts would read the settings before its own home is set.
del os.environ["DJANGO_SETTINGS_MODULE"]


def _say_nothing(_logger: object, _method: str, _event: EventDict) -> EventDict:
    raise structlog.DropEvent


# Dropped, not filtered: a test that captures logs still sees them.
structlog.configure(processors=[_say_nothing])


@pytest.fixture(scope="session")
def database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file, not memory: what is tested is what a crash leaves on a disk."""
    return tmp_path_factory.mktemp("store") / "test.sqlite3"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_file: Path) -> None:
    from django.conf import settings

    if connection.vendor != "sqlite":
        return
    database = settings.DATABASES["default"]
    database.setdefault("TEST", {})["NAME"] = str(database_file)
    # Processes die in tests, not the machine: nobody has to wait until the disk has it.
    kept = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"}
    database["OPTIONS"] = {**database["OPTIONS"], **kept}


def _empty(_case: TransactionTestCase) -> None:
    """Leave an empty store to the next test, quicker than Django's flush.

    That also makes all content types and permissions anew; here they stay.
    """
    tables = [
        model._meta.db_table
        for model in apps.get_app_config("chargepipe_store").get_models(include_auto_created=True)
    ]
    connection.ops.execute_sql_flush([f"DELETE FROM {table}" for table in tables])


TransactionTestCase._fixture_teardown = _empty  # type: ignore[method-assign]
