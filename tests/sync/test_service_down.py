"""A service is down while a connection syncs every few minutes: one failed run, tried seldom."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chargepipe.actions.glance import glances
from chargepipe.sandbox import Fault
from chargepipe.store.models import Connection, Run
from people import people
from ticking import automatic, hours, the_time
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
INTERVAL = timedelta(minutes=5)
HOURS = 6
A_SECOND = 1 / 3600


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A customer in sync, a second who waits, and a sync every five minutes."""
    world = World(customers=0, people_before=0.0)
    world.billing.add_customer(first_name="Ada", email="ada@x.co")
    assert world.run(world.connect(""), "full").state == "done"
    world.clock.advance(3600)
    world.billing.add_customer(first_name="Bea", email="bea@x.co")
    automatic(world, monkeypatch, every="5m")
    return world


def down(world: World, service: Any) -> None:
    world.faults.add(Fault(service=service, status=503, times=None))


def due() -> Any:
    return Connection.objects.get().next_sync_at


@pytest.mark.parametrize("service", ["chargebee", "pipedrive"])
def test_a_service_that_is_down_is_one_failed_run_that_is_tried_ever_more_seldom(
    service: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    down(world, service)
    runs = Run.objects.count()
    tried: list[timedelta] = []
    for _ in range(8):
        world.clock.advance(max(0, (due() - world.clock.now()).total_seconds()))
        hours(world, A_SECOND, monkeypatch)
        tried.append(due() - Run.objects.latest("pk").finished_at)
    (run,) = Run.objects.order_by("pk")[runs:]
    assert (run.state, run.automatic) == ("failed", True)
    assert f"tried again at {due():%Y-%m-%d %H:%M} UTC." in run.message
    assert run.message.count("tried again") == 1
    assert glances()[0].state.more
    assert tried == sorted(tried)
    assert tried[0] == INTERVAL <= tried[1] < 1.2 * INTERVAL
    assert all(late >= 1.9 * early for early, late in pairwise(tried[1:5]))
    assert tried[-1] == timedelta(hours=1)


def test_it_goes_on_by_itself_and_begins_a_new_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    down(world, "pipedrive")
    hours(world, HOURS, monkeypatch)
    failed = Run.objects.latest("pk")
    world.faults.clear()
    hours(world, 1, monkeypatch)
    failed.refresh_from_db()
    assert (failed.state, failed.message) == ("done", "")
    assert len(people(world)) == 2
    last = Run.objects.latest("pk")
    assert last.pk > failed.pk, "the next ones come at their interval"
    assert due() - last.finished_at == INTERVAL


def test_a_person_who_syncs_now_begins_a_new_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_time(world, monkeypatch)
    down(world, "pipedrive")
    hours(world, HOURS, monkeypatch)
    connection = Connection.objects.get()
    by_hand = world.run(connection, "sync")
    assert (by_hand.state, "tried again" in by_hand.message) == ("failed", False)
    assert due() - by_hand.finished_at == INTERVAL
    hours(world, 1, monkeypatch)
    fresh = Run.objects.latest("pk")
    assert fresh.pk > by_hand.pk
    assert fresh.automatic
