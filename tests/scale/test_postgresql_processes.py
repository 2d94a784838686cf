"""Processes that share one PostgreSQL: commands, workers, and how many connections they hold."""

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

import postgres
from chargepipe.sandbox import Sandbox
from served import HANGS, Home, served

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed")
QUICK = {"CHARGEPIPE_LEASE_SECONDS": "5", "CHARGEPIPE_SETTLE_SECONDS": "0.2"}
AT_MOST = 15
"""Connections of one worker: docs/how-to/scale-out.md."""


@dataclass
class Database:
    """One database of the server; a command in any home works on it."""

    url: str
    address: str
    keys: dict[str, str] = field(default_factory=dict)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.address) as connection:
            return connection.execute(query.encode()).fetchall()

    def home(self, path: Path, sandbox: Sandbox) -> Home:
        return Home(path, sandbox, {**QUICK, "DATABASE_URL": self.url, "CHARGEPIPE_KEYS": KEYS})


KEYS = "R0lZQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaMDEyMzQ="


@pytest.fixture(scope="module")
def server() -> str:
    """Started once; its address with the name of a database left open."""
    folder = tempfile.mkdtemp(dir=os.environ["CHARGEPIPE_HOME"])
    Path(os.environ["CHARGEPIPE_HOME"]).chmod(0o711)
    return postgres.start(Path(folder))


@pytest.fixture
def database(server: str, request: pytest.FixtureRequest) -> Database:
    name = f"t{abs(hash(request.node.name))}"
    folder = server.split("host=")[1]
    with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as main:
        main.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = server.replace("/chargepipe?", f"/{name}?")
    return Database(url, f"host={folder} user=postgres dbname={name}")


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
        other = None
        most = 0
        try:
            end = time.monotonic() + HANGS
            while not database.rows("SELECT 1 FROM chargepipe_store_worker"):
                assert time.monotonic() < end, "no worker"
                time.sleep(0.05)
            other = database.home(tmp_path / "other", sandbox).fork("full", "acme", "--yes")
            while other.poll() is None:
                held = database.rows(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                )
                most = max(most, held[0][0] - 1)
                time.sleep(0.05)
        finally:
            worker.kill()
            worker.communicate()
        out, err = other.communicate()
    assert other.returncode in (0, 3), out + err
    assert 3 <= most <= AT_MOST + 3, most
