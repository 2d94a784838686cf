"""A database that several installations share, as several machines do."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from chargepipe.sandbox import Sandbox
from served import HANGS, Home

QUICK = {"CHARGEPIPE_LEASE_SECONDS": "5", "CHARGEPIPE_SETTLE_SECONDS": "0.2"}
KEYS = "R0lZQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaMDEyMzQ="
AT_MOST = 15
"""Connections of one worker: docs/how-to/scale-out.md."""
FOLLOWER = 3
"""Connections of a command that follows a run."""


@dataclass
class Database:
    """One database of the server; a command in any home works on it."""

    url: str

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def home(self, path: Path, sandbox: Sandbox) -> Home:
        return Home(path, sandbox, {**QUICK, "DATABASE_URL": self.url, "CHARGEPIPE_KEYS": KEYS})

    def connections(self) -> int:
        """How many are open; the one that looks does not count."""
        query = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
        return self.rows(query)[0][0]


def until(true: Callable[[], Any], what: str, within: float = HANGS) -> None:
    """Wait until something is true; fails when that takes longer than so many seconds."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, f"not within {within:.1f} s: {what}"
        time.sleep(0.02)
