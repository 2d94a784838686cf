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
PARTS = {
    "leases, books and stored tokens": ["tests/accounts"],
    "an hourly sync that dies at any point, and commits that are lost": [
        *("tests/crash", "-k", "hourly or loses"),
    ],
    "what is kept, matched and joined": [
        *("tests/sync/test_retention.py", "tests/sync/test_deal_matching.py"),
        *("tests/sync/test_shared_keys.py", "tests/actions/test_decide.py"),
    ],
}


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
@pytest.mark.parametrize("part", PARTS)
def test_it_holds_on_postgresql_as_well(part: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", *PARTS[part]],
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
