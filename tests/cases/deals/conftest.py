"""The fixtures of the cases of deals: a story of its own, or one world for a sheet of rows."""

from typing import Any

import pytest
from deal_sheet import Outcome, by_settings, play
from deal_story import DealStory
from django.core.management import call_command


@pytest.fixture
def story(transactional_db: None) -> DealStory:
    """A small empty world with deals switched on: no customers, nobody in Pipedrive."""
    return DealStory()


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> dict[str, Outcome]:
    """What the module's ROWS came to; the database is empty again before any test goes on."""
    found: dict[str, Outcome] = {}
    with django_db_blocker.unblock():
        for rows in by_settings(request.module.ROWS):
            try:
                found |= play(rows)
            finally:
                call_command("flush", verbosity=0, interactive=False)
    return found
