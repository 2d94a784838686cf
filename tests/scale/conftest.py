"""One PostgreSQL server for the tests of this folder, and databases on it."""

import os
import tempfile
from pathlib import Path

import pytest
from database import Database

import postgres


@pytest.fixture(scope="session")
def server() -> postgres.Server:
    """Started once; its address has the name of a database left open."""
    folder = tempfile.mkdtemp(dir=os.environ["CHARGEPIPE_HOME"])
    Path(os.environ["CHARGEPIPE_HOME"]).chmod(0o711)
    return postgres.Server(Path(folder))


@pytest.fixture
def database(server: postgres.Server) -> Database:
    return Database(postgres.new_database(server.url))
