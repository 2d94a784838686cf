"""What is about SQLite's own files has no place where the tests' store is PostgreSQL."""

import os

import pytest

sqlite_alone = pytest.mark.skipif(
    os.environ.get("CHARGEPIPE_TESTS_ON") == "postgresql", reason="it is about SQLite's own files"
)
