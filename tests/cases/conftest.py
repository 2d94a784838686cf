"""The fixtures of the cases: a story of its own for each test, or one world for a sheet of rows."""

from typing import Any

import pytest
from django.core.management import call_command
from sheet import Outcome, Row, by_settings, play
from story import Story


@pytest.fixture
def story(transactional_db: None) -> Story:
    """A small world: no customers, nobody in Pipedrive."""
    return Story()


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> dict[str, Outcome]:
    """What each of the module's ROWS came to; the database is empty again afterwards."""
    found: dict[str, Outcome] = {}
    with django_db_blocker.unblock():
        for rows in by_settings(request.module.ROWS):
            try:
                found |= play(rows)
            finally:
                call_command("flush", verbosity=0, interactive=False)
    return found


@pytest.fixture
def outcome(played: dict[str, Outcome], db: None, row: Row) -> Outcome:
    """What this row came to. `db` is not used: it has the database made."""
    return played[row.says]
