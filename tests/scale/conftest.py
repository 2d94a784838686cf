"""One PostgreSQL server for the tests of this folder, and databases on it."""

from pathlib import Path

import pytest
from database import Database

import postgres
from leftovers import own_folder


@pytest.fixture(scope="session")
def server() -> postgres.Server:
    """Started once; its address has the name of a database left open."""
    return postgres.Server(Path(own_folder()))


@pytest.fixture
def database(server: postgres.Server) -> Database:
    return Database(postgres.new_database(server.url))
