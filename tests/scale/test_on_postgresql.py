"""A telling part of the tests again, with PostgreSQL as the store.

What differs there is the database: locks, what a dead process leaves, JSON, times, raw SQL.
`CHARGEPIPE_TESTS_ON=postgresql ./script/test tests/crash` takes every crash point there.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from postgres import programs

ROOT = Path(__file__).parents[2]
LOST = "test_a_death_that_also_loses_the_last_commit"
PART = (
    "tests/accounts",
    f"tests/crash/test_every_crash_point.py::{LOST}",
    f"tests/crash/test_every_point_of_deals.py::{LOST}",
    f"tests/crash/test_every_point_of_an_undo.py::{LOST}_of_an_undo",
    "tests/sync/test_deal_matching.py",
)


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
def test_a_part_of_the_tests_holds_on_postgresql_as_well() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", *PART],
        env={**_outside_of_pytest(), "CHARGEPIPE_TESTS_ON": "postgresql"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-2000:]
    assert " passed" in ran.stdout


def _outside_of_pytest() -> dict[str, str]:
    """The environment without what tells pytest that it is a part of another."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
