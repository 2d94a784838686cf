"""Processes that share one PostgreSQL: commands, workers, and how many connections they hold."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from database import AT_MOST, FOLLOWER, Database, until

import postgres
from chargepipe.sandbox import Sandbox
from forked import Forked
from served import served

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed")


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
            until(lambda: database.rows("SELECT 1 FROM chargepipe_store_worker"), "a worker")
            other = database.home(tmp_path / "other", sandbox).fork("full", "acme", "--yes")
            most = most_connections(database, other)
            out, err = other.communicate()
        finally:
            worker.kill()
            worker.communicate()
    assert "customers      40" in out + err
    assert 3 <= most <= AT_MOST + FOLLOWER


def most_connections(database: Database, command: Forked) -> int:
    """The most that were ever seen while a command ran."""
    most = 0
    while command.poll() is None:
        most = max(most, database.connections())
        time.sleep(0.05)
    return most
