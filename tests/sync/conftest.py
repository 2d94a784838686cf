"""The line on a real SQLite file, with the sandbox in process and virtual time."""

import pytest

from world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()
