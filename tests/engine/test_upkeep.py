"""Once a day what is too old is forgotten: by the real queue, in our tables and in its own."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from chargepipe.accounts.environment import Environment
from chargepipe.engine import queue, upkeep
from chargepipe.engine.worker import working
from chargepipe.store.models import Connection, Run
from served import HANGS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue of the tests outlives a test: each has a day of its own."""
    monkeypatch.setattr(upkeep, "_begun", set())


@pytest.fixture
def worker() -> Iterator[None]:
    with working(Environment(settle_seconds=0.2, lease_seconds=5.0)):
        yield


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + HANGS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def over(name: str) -> bool:
    found = queue.status_of([name]).get(name)
    return found is not None and found.status == "SUCCESS"


@pytest.mark.usefixtures("worker")
def test_upkeep_is_done_once_a_day_whoever_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection.objects.create(name="acme", file={}, site="s")
    old = timezone.now() - timedelta(days=500)
    for _ in range(3):
        Run.objects.create(connection=connection, kind="sync", state="done", finished_at=old)
    day = timezone.now() + timedelta(days=1000)
    upkeep.begin(day)
    until(lambda: over(f"upkeep-{day.date()}"))
    assert Run.objects.count() == 1

    Run.objects.create(connection=connection, kind="sync", state="done", finished_at=old)
    monkeypatch.setattr(upkeep, "_begun", set())  # as another process, or after a restart
    upkeep.begin(day)
    assert (
        len(queue.client().list_workflows(name="upkeep", workflow_id_prefix=f"upkeep-{day.date()}"))
        == 1
    )
    upkeep.begin(day + timedelta(days=1))
    until(lambda: over(f"upkeep-{(day + timedelta(days=1)).date()}"))
    assert Run.objects.count() == 1


@pytest.mark.usefixtures("worker")
def test_workflows_that_have_long_been_over_leave_the_queue() -> None:
    connection = Connection.objects.create(name="acme", file={}, site="s")
    runs = [Run.objects.create(connection=connection, kind="sync", state="done") for _ in range(3)]
    for run in runs:
        queue.enqueue(run)
    names = [queue.workflow_id(run) for run in runs]
    until(lambda: all(over(name) for name in names))
    now = timezone.now()
    while upkeep.forget_workflows(now + timedelta(days=6)):
        pass
    assert set(queue.status_of(names)) == set(names)
    while upkeep.forget_workflows(now + timedelta(days=7, minutes=1)):
        pass
    assert not queue.status_of(names)
    with queue.client()._sys_db.engine.connect() as rows:
        schema = "" if rows.dialect.name == "sqlite" else "dbos."
        among = ", ".join(f"'{name}'" for name in names)
        left = rows.exec_driver_sql(
            f"SELECT count(*) FROM {schema}operation_outputs WHERE workflow_uuid IN ({among})"
        ).scalar()
    assert left == 0
    run = Run.objects.create(connection=connection, kind="sync", state="done")
    queue.enqueue(run)  # the queue works on
    until(lambda: over(queue.workflow_id(run)))


def test_a_process_that_stops_leaves_the_rest_for_tomorrow() -> None:
    connection = Connection.objects.create(name="acme", file={}, site="s")
    old = timezone.now() - timedelta(days=500)
    for _ in range(3):
        Run.objects.create(connection=connection, kind="sync", state="done", finished_at=old)
    upkeep.clean(lambda: True)
    assert Run.objects.count() == 3
