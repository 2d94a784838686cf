"""Processes that share one PostgreSQL: commands, workers, and how many connections they hold."""

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

import postgres
from chargepipe.sandbox import Sandbox
from forked import Forked
from served import HANGS, Home, served

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed")
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

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def home(self, path: Path, sandbox: Sandbox) -> Home:
        return Home(path, sandbox, {**QUICK, "DATABASE_URL": self.url, "CHARGEPIPE_KEYS": KEYS})


@pytest.fixture(scope="module")
def server() -> str:
    """Started once; its address with the name of a database left open."""
    folder = tempfile.mkdtemp(dir=os.environ["CHARGEPIPE_HOME"])
    Path(os.environ["CHARGEPIPE_HOME"]).chmod(0o711)
    return postgres.start(Path(folder))


@pytest.fixture
def database(server: str) -> Database:
    return Database(postgres.new_database(server))


def test_first_commands_of_four_machines_at_once_make_the_tables_once(
    database: Database, tmp_path: Path
) -> None:
    sandbox = Sandbox(customers=0)
    homes = [database.home(tmp_path / f"machine{number}", sandbox) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda home: home.run("connection", "list"), homes))
    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 4


def test_the_whole_way_from_the_first_look_to_an_undo(database: Database, tmp_path: Path) -> None:
    sandbox = Sandbox(customers=15, plan="ultimate")
    with served(sandbox) as ports:
        home = database.home(tmp_path / "home", sandbox)
        home.apply(ports)
        looked = [home.json(word, "acme") for word in ("validate", "preview", "trial")]
        full = home.json("full", "acme", "--yes")
        assert {each["state"] for each in (*looked, full)} == {"done"}
        assert full["customers"] == 15
        people = len(list(sandbox.crm.persons()))
        assert people >= full["created"] > 0
        assert home.json("undo", str(full["run"]), "--yes")["state"] == "done"
        assert len(list(sandbox.crm.persons())) < people


def test_a_worker_holds_few_connections(database: Database, tmp_path: Path) -> None:
    sandbox = Sandbox(customers=40, plan="ultimate")
    with served(sandbox) as ports:
        home = database.home(tmp_path / "home", sandbox)
        home.apply(ports)
        worker = home.fork("worker")
        try:
            until_it_works(database)
            other = database.home(tmp_path / "other", sandbox).fork("full", "acme", "--yes")
            most = most_connections(database, other)
            out, err = other.communicate()
        finally:
            worker.kill()
            worker.communicate()
    assert "customers      40" in out + err
    assert 3 <= most <= AT_MOST + FOLLOWER


def until_it_works(database: Database) -> None:
    end = time.monotonic() + HANGS
    while not database.rows("SELECT 1 FROM chargepipe_store_worker"):
        assert time.monotonic() < end, "no worker"
        time.sleep(0.05)


def most_connections(database: Database, command: Forked) -> int:
    """The most that were ever seen while a command ran; the one that looks does not count."""
    query = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
    most = 0
    while command.poll() is None:
        most = max(most, database.rows(query)[0][0])
        time.sleep(0.05)
    return most
