"""Four processes carry the runs of several accounts, whatever happens to one of them.

docs/how-to/scale-out.md says what is promised; one set-up serves all tests.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from database import AT_MOST, FOLLOWER, QUICK, Database, until
from fleet import SIZE, Account, Fleet

import postgres
from chargepipe.cli.follow import DONE, OPEN_ERRORS
from chargepipe.engine.queue import APPLICATION_VERSION
from chargepipe.engine.worker import RUNS_AT_ONCE
from forked import Forked

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed")
dear = pytest.mark.skipif(
    os.environ.get("CHARGEPIPE_TESTS_ON") != "postgresql", reason="with the tests on PostgreSQL"
)
TAKEN_OVER_WITHIN = sum(map(float, QUICK.values())) + 60
SILENT = 15
"""Seconds after which a process that says nothing counts as dead, where it cannot be seen to be."""


@pytest.fixture(scope="module")
def the_fleet(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("fleet")
        fleet = Fleet(Database(postgres.new_database(server.url)), folder, stack)
        fleet.command("connection", "list").communicate()  # makes the tables
        yield fleet


@pytest.fixture
def fleet(the_fleet: Fleet) -> Fleet:
    the_fleet.whole()
    return the_fleet


def begin(fleet: Fleet, *accounts: Account) -> list[Forked]:
    """Ask for the first sync of each; returns when each has made somebody."""
    asked = [fleet.command("full", each.name, "--yes") for each in accounts]
    until(lambda: all(each.creates() for each in accounts), "each is written to")
    return asked


def all_done(fleet: Fleet, *accounts: Account) -> None:
    names = [each.name for each in accounts]
    until(lambda: all(fleet.state(name) == "done" for name in names), "all are done")
    for each in accounts:
        each.has_nobody_twice()
        assert each.creates() > 1


def leave_it_to_the_lease(fleet: Fleet, *names: str) -> None:
    """Two connections have one account, and the queue lets them run at once.

    By itself it would keep them apart; so the one that waits there gets a place of its own.
    """
    mine = """w.name = 'carry' AND w.workflow_uuid = 'run-' || r.id || '-' || r.attempt
        AND r.connection_id IN
        (SELECT id FROM chargepipe_store_connection WHERE name = ANY(%s))"""
    moved = f"""UPDATE dbos.workflow_status w SET queue_partition_key = 'elsewhere'
        FROM chargepipe_store_run r WHERE {mine} AND w.status = 'ENQUEUED'
        AND r.state = 'queued' AND EXISTS (SELECT 1 FROM dbos.workflow_status b WHERE
        b.status = 'PENDING' AND b.queue_partition_key = w.queue_partition_key) RETURNING 1"""
    begun = f"""SELECT 1 FROM dbos.workflow_status w, chargepipe_store_run r
        WHERE {mine} AND w.status = 'PENDING'"""
    until(lambda: fleet.database.rows(moved, list(names)), "one waits for the other")
    until(lambda: len(fleet.database.rows(begun, list(names))) == 2, "the queue lets both run")


@dear
def test_runs_are_spread_and_each_account_has_one_writer(fleet: Fleet) -> None:
    accounts = [fleet.account(customers=3) for _ in range(2 * RUNS_AT_ONCE)]
    accounts += [fleet.account(customers=20) for _ in range(2)]
    *_, crowded, other = accounts
    crowded.slow(0.5)
    # A second site that feeds the first account.
    fleet.connect("second", (other.ports[0], crowded.ports[1]))
    names = ["second", *(each.name for each in reversed(accounts))]
    commands = [fleet.command("full", name, "--yes") for name in names]
    leave_it_to_the_lease(fleet, crowded.name, "second")
    most = fleet.most_connections(commands)
    assert [fleet.state(name) for name in names] == ["done"] * len(names)
    carried = fleet.database.rows(
        "SELECT DISTINCT executor_id FROM dbos.workflow_status WHERE name = 'carry'"
    )
    assert len(carried) >= 3
    assert most <= SIZE * AT_MOST + len(commands) * FOLLOWER
    # Pipedrive numbers people as they are made: whoever writes has the account to itself.
    fences = fleet.database.rows(
        """SELECT h.fence FROM chargepipe_store_change h JOIN chargepipe_store_connection c
        ON c.id = h.connection_id WHERE c.name IN (%s, 'second') AND h.kind = 'person'
        AND h.action = 'create' AND h.state = 'written' ORDER BY h.pipedrive_id""",
        crowded.name,
    )
    assert len(set(fences)) == 2
    assert fences == sorted(fences)
    assert not any("taken over" in each.complains() for each in fleet.processes.values())


def test_one_killed_and_one_frozen_are_taken_over_and_the_frozen_one_writes_no_more(
    fleet: Fleet,
) -> None:
    frozen, killed = fleet.account(customers=20), fleet.account(customers=20)
    frozen.slow(30)
    begin(fleet, frozen)
    sleeper, first = fleet.holder(frozen)
    os.kill(sleeper, signal.SIGSTOP)
    killed.slow(30)
    begin(fleet, killed)
    victim, second = fleet.holder(killed)
    assert victim != sleeper
    os.kill(victim, signal.SIGKILL)
    for each in (frozen, killed):
        each.sandbox.faults.clear()
    until(lambda: fleet.holder(killed)[1] > second, "another has it", TAKEN_OVER_WITHIN)
    until(lambda: fleet.holder(frozen)[1] > first, "another has it", TAKEN_OVER_WITHIN + SILENT)
    all_done(fleet, frozen, killed)

    made, process = frozen.creates(), fleet.processes[sleeper]
    os.kill(sleeper, signal.SIGCONT)
    until(lambda: "taken over" in process.complains(), "the revived one gives up")
    os.kill(sleeper, signal.SIGTERM)
    process.communicate()
    assert process.returncode == 0
    assert frozen.creates() == made


def test_a_restart_of_postgresql_ends_no_process_and_no_run(
    fleet: Fleet, server: postgres.Server
) -> None:
    accounts = [fleet.account(customers=20) for _ in range(3)]
    for each in accounts:
        each.slow(0.5)
    commands = begin(fleet, *accounts)
    server.stop(signal.SIGINT)
    time.sleep(2)
    server.go_on()
    said = [command.communicate() for command in commands]
    assert {command.returncode for command in commands} <= {DONE, OPEN_ERRORS}, said
    all_done(fleet, *accounts)
    assert [process.poll() for process in fleet.processes.values()] == [None] * SIZE


@dear
def test_an_upgrade_one_after_the_other_loses_nothing(fleet: Fleet) -> None:
    accounts = [fleet.account(customers=30) for _ in range(3)]
    for each in accounts:
        each.slow(1)
    begin(fleet, *accounts)
    for pid, process in list(fleet.processes.items()):
        os.kill(pid, signal.SIGTERM)
        said = process.communicate()
        assert process.returncode == 0, said
        fleet.whole()
    all_done(fleet, *accounts)
    names = [each.name for each in accounts]
    attempts = fleet.database.rows(
        """SELECT r.attempt FROM chargepipe_store_run r JOIN chargepipe_store_connection c
        ON c.id = r.connection_id WHERE c.name = ANY(%s)""",
        names,
    )
    assert max(attempts) > (1,), "some run went from an old process to a new one"
    versions = fleet.database.rows("SELECT DISTINCT application_version FROM dbos.workflow_status")
    assert versions == [(APPLICATION_VERSION,)]
