"""How the product opens its SQLite file; the tests themselves do without the wait for the disk."""

from pathlib import Path

import pytest
from django.db.utils import ConnectionHandler

from chargepipe.config.settings import _database

pytestmark = pytest.mark.django_db
FULL = 2


def test_a_commit_is_on_the_disk_before_it_is_reported(tmp_path: Path) -> None:
    opened = ConnectionHandler({"default": _database(f"sqlite:///{tmp_path / 'x.sqlite3'}")})
    with opened["default"].cursor() as cursor:
        pragmas = ("journal_mode", "synchronous", "fullfsync")
        found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    opened["default"].close()
    assert found == ["wal", FULL, 1]
