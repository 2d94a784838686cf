"""Runs on their way: the real queue on SQLite, real threads, the sandbox in process."""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from dbos import DBOS
from django.db import connection as store
from django.utils import timezone

from chargepipe.accounts.environment import Environment
from chargepipe.actions import connections, runs
from chargepipe.actions.refusal import Refused
from chargepipe.engine import heartbeat, queue, schedule
from chargepipe.engine.worker import working
from chargepipe.sandbox import Sandbox
from chargepipe.store.models import Account, Connection, Run, Worker
from served import HANGS
from world import CHARGEBEE, PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)


class RealWorld(World):
    """The small world on the real clock."""

    def __init__(self) -> None:
        super().__init__(customers=0)
        self.sandbox = Sandbox(customers=12, plan="ultimate")
        self.env = Environment(transport=self.transport, settle_seconds=0.2, lease_seconds=5.0)

    def transport(self, root: str) -> Any:
        return self.sandbox.transport("chargebee" if root == CHARGEBEE else "pipedrive")


@pytest.fixture
def world() -> RealWorld:
    return RealWorld()


@pytest.fixture
def worker(world: RealWorld) -> Iterator[None]:
    with working(world.env):
        yield


def wait_for(run: Run, *states: str) -> Run:
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        run.refresh_from_db()
        if run.state in states:
            return run
        time.sleep(0.05)
    raise AssertionError(f"run {run.pk} is {run.state}: {run.message}")


@pytest.mark.usefixtures("worker")
def test_a_queued_run_is_carried_to_its_end(world: RealWorld):
    world.connect()
    run = wait_for(runs.start("acme", "full", confirmed=True), "done", "failed")
    assert run.state == "done", run.message
    assert run.counts["created"] > 0


@pytest.mark.usefixtures("worker")
def test_runs_of_one_account_go_one_after_the_other(world: RealWorld):
    world.connect()
    first = runs.start("acme", "full", confirmed=True)
    second = runs.start("acme", "validate")
    wait_for(first, "done")
    wait_for(second, "done")
    first.refresh_from_db()
    assert first.finished_at is not None
    assert second.started_at is not None
    assert second.started_at >= first.finished_at


def test_runs_of_two_accounts_go_at_the_same_time(world: RealWorld):
    """The first write of each is answered only when the other's has come."""
    other, both = RealWorld(), threading.Barrier(2, timeout=HANGS)
    other.sandbox.crm.me["company_id"] += 1
    texts = world.text(), world.text(name="other").replace(":88", ":98")
    wires = {
        root.replace(":88", port): _meeting(of, root, both)
        for of, port in ((world, ":88"), (other, ":98"))
        for root in (CHARGEBEE, PIPEDRIVE)
    }
    env = Environment(transport=wires.__getitem__, settle_seconds=0.2)
    for text in texts:
        connections.apply(connections.propose(text), env)
    with working(env):
        begun = [runs.start(name, "full", confirmed=True) for name in ("acme", "other")]
        assert [wait_for(run, "done", "failed").state for run in begun] == ["done", "done"]


def _meeting(world: RealWorld, root: str, both: threading.Barrier) -> Any:
    """The wire to a service, whose first write waits for the one of the other account."""
    wire = world.transport(root)
    send, met = wire.handle_async_request, list[str]()

    async def meeting(request: Any) -> Any:
        if request.method != "GET" and not met:
            met.append(request.method)
            await asyncio.to_thread(both.wait)
        return await send(request)

    wire.handle_async_request = meeting
    return wire


def test_a_run_that_nobody_carries_is_taken_up_by_the_next_worker(world: RealWorld):
    connection = world.connect()
    run = Run.objects.create(connection=connection, kind="validate", state="running")
    with working(world.env):
        assert wait_for(run, "done").state == "done"


@pytest.mark.parametrize("state", ["running", "done"])
def test_a_workflow_that_a_living_worker_has_lost_is_taken_up(world: RealWorld, state: str):
    connection = world.connect()
    # One that is done all the same keeps its account's place in the queue.
    run = Run.objects.create(connection=connection, kind="validate", state=state)
    Worker.objects.create(executor="x", host="elsewhere", pid=1, seen_at=timezone.now())
    DBOS.migrate(queue.system_database_url())
    queue.enqueue(run)
    name = queue.workflow_id(run)
    for seconds, status in ((10, "PENDING"), (60, "ENQUEUED")):
        _begun_before(name, "x", seconds)
        schedule.take_up()
        assert queue.status_of([name])[name].status == status
    _begun_before(name, "x", 60)
    Account.objects.update(lease_owner="x", lease_until=timezone.now() + timedelta(seconds=1))
    schedule.take_up()
    assert queue.status_of([name])[name].status == "PENDING", "it is held"


def _begun_before(name: str, executor: str, seconds: float) -> None:
    """The queue says that a workflow was begun so long ago, and not what became of it."""
    schema = "" if store.vendor == "sqlite" else "dbos."
    with queue.client()._sys_db.engine.begin() as rows:
        rows.exec_driver_sql(
            f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = '{executor}', "
            f"started_at_epoch_ms = {round((time.time() - seconds) * 1000)} "
            f"WHERE workflow_uuid = '{name}'"
        )


def test_a_run_given_up_by_a_stopping_worker_goes_on_with_the_next(world: RealWorld):
    world.connect()
    with working(world.env):
        run = runs.start("acme", "full", confirmed=True)
        wait_for(run, "running", "done")
    with working(world.env):
        assert wait_for(run, "done").state == "done"


def test_a_sync_is_started_when_it_is_due_and_only_once(world: RealWorld):
    connection = world.connect()
    assert connection.next_sync_at is None, "not before the first full sync"
    Connection.objects.update(
        full_done_at=timezone.now(), next_sync_at=timezone.now() - timedelta(seconds=1)
    )
    with working(world.env):
        schedule.start_due()
        schedule.start_due()
        (run,) = Run.objects.all()
        assert run.automatic
        wait_for(run, "done", "waiting")
    connection.refresh_from_db()
    assert connection.next_sync_at is not None
    assert connection.next_sync_at > timezone.now() + timedelta(minutes=58)


def test_the_same_run_asked_for_twice_is_one_run(world: RealWorld):
    world.connect()
    assert runs.start("acme", "validate").pk == runs.start("acme", "validate").pk
    assert runs.start("acme", "trial").pk != runs.start("acme", "validate").pk


def test_a_sync_before_the_first_full_one_is_refused(world: RealWorld):
    world.connect()
    with pytest.raises(Refused, match="chargepipe full acme"):
        runs.start("acme", "sync")


def test_a_first_full_sync_waits_for_a_yes(world: RealWorld):
    world.connect()
    run = runs.start("acme", "full")
    assert run.state == "waiting"
    assert runs.approve(run.pk).state == "queued"


def test_who_follows_becomes_a_worker_only_where_none_is_alive(world: RealWorld):
    world.connect()
    with working(world.env):
        run = runs.start("acme", "full", confirmed=True)
        for _ in runs.follow(run):
            assert Worker.objects.count() == 1
    assert run.state == "done"
    assert not heartbeat.living()


def test_a_worker_whose_process_is_gone_is_not_alive(world: RealWorld):
    Worker.objects.create(executor="x", host="elsewhere", pid=1, seen_at=timezone.now())
    import socket

    Worker.objects.create(
        executor="y", host=socket.gethostname(), pid=2**22 - 3, seen_at=timezone.now()
    )
    assert [worker.executor for worker in heartbeat.living()] == ["x"]
