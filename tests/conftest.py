"""What all tests share: a home of their own, a real SQLite file, and quiet logs."""

import os
import tempfile
from pathlib import Path

import django
import pytest
import structlog
from structlog.typing import EventDict

# Before Django reads its settings; each test process has a home of its own.
os.environ["CHARGEPIPE_HOME"] = tempfile.mkdtemp(prefix="chargepipe-tests-")
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

    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(database_file)
