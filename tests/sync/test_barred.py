"""A lost right, a key that is not valid, a closed account, blocked traffic: one notice, no storm."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import granted
import pytest
from django.utils import timezone

from chargepipe.actions import connections
from chargepipe.actions.glance import glances
from chargepipe.engine import schedule
from chargepipe.sandbox import Fault
from chargepipe.store.models import Connection, Run, SyncError
from people import open_errors, people
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
HOURS = 6
A_FEW = 5
"""Calls to the service that refuses, an hour."""
STATUSES = {401: "key is not valid", 402: "not open", 403: "lacks a right"}
PLACES = {
    "at the guard": {"path": "/users/me"},
    "at the walk": {"path": "/persons", "method": "GET"},
    "at apply": {"path": "/persons", "method": "POST"},
    "at an update": {"path": "/persons/", "method": "PATCH"},
}


@pytest.fixture(params=["token", "OAuth"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Five customers in sync, and two new ones and three changed ones that wait."""
    world = World(customers=0, people_before=0.0)
    ids = [ada(world, number) for number in range(5)]
    with granted.configured():
        connection = granted.connect(world, "") if request.param == "OAuth" else world.connect("")
        assert world.run(connection, "full").state == "done"
        world.clock.advance(3600)
        for id in ids[:3]:
            world.billing.edit_customer(id, first_name="Adelaide")
        ada(world, 8)
        ada(world, 9)
        yield world


def ada(world: World, number: int) -> str:
    return world.billing.add_customer(first_name="Ada", email=f"ada{number}@x.co")["id"]


def refuse(world: World, status: int, place: str = "at the guard", **more: Any) -> None:
    body = json.dumps({"success": False, "error": "no", "errorCode": status})
    where = {**PLACES[place], "status": status, "body": body, "content_type": JSON}
    world.faults.add(Fault(times=None, **{**where, **more}))


def the_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schedule looks at the world's clock."""
    monkeypatch.setattr(timezone, "now", world.clock.now)


def asked(world: World, service: str = "pipedrive") -> int:
    return sum(
        s == service and not p.startswith("/oauth/") for s, _, p, *_ in world.sandbox.requests
    )


def hours(world: World, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hours pass, and the schedule tick every five minutes as a worker lets it."""
    queued: list[Run] = []
    monkeypatch.setattr(schedule, "enqueue", queued.append)
    monkeypatch.setattr(schedule, "status_of", lambda _ids: {})
    monkeypatch.setattr(schedule, "stranded", lambda _alive: [])
    monkeypatch.setattr(schedule, "resume", lambda _ids: None)
    the_time(world, monkeypatch)
    end = world.clock.now() + timedelta(hours=number)
    while (moment := _due(world)) is not None and moment < end:
        world.clock.advance((moment - world.clock.now()).total_seconds())
        schedule.start_due()
        schedule.take_up()
        for run in {run.pk: run for run in queued}.values():
            world.go_on(run)
        queued.clear()
    world.clock.advance((end - world.clock.now()).total_seconds())


def _due(world: World) -> datetime | None:
    """When the schedule finds something to do next."""
    syncs = Connection.objects.exclude(next_sync_at=None).values_list("next_sync_at", flat=True)
    paused = Run.objects.filter(state="paused").exclude(due_at=None)
    moments = [*syncs, *paused.values_list("due_at", flat=True)]
    if Run.objects.filter(state__in=("queued", "running")).exists():
        moments.append(world.clock.now())
    busy = Run.objects.filter(state__in=Run.UNFINISHED).exists()
    late = [max(moment, world.clock.now()) for moment in moments if moment is not None]
    return min(late, default=None) if not (busy and moments == [*syncs]) else None


def now() -> Connection:
    return Connection.objects.get()


def automatic(world: World, monkeypatch: pytest.MonkeyPatch, every: str = "5m") -> None:
    """The connection syncs every five minutes from now on."""
    the_time(world, monkeypatch)
    file = connections.stored_file(now()).model_dump(mode="json", by_alias=True)
    file["schedule"]["every"] = every
    Connection.objects.update(file=file, next_sync_at=world.clock.now())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", STATUSES)
def test_the_run_fails_once_nothing_storms_and_it_goes_on_by_itself_once_it_is_mended(
    status: int, place: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(world, monkeypatch)
    runs, there = Run.objects.count(), len(people(world))
    refuse(world, status, place)
    world.sandbox.requests.clear()
    hours(world, HOURS, monkeypatch)

    (run,) = Run.objects.order_by("pk")[runs:]
    assert (run.state, run.automatic) == ("failed", True)
    assert STATUSES[status] in run.message
    barred = now().barred
    assert barred.startswith(run.message)
    assert "once an hour" in barred
    assert glances()[0].state.more == barred
    assert open_errors() == []
    refused = [p for _, m, p, *_ in world.sandbox.requests if _hit(m, p, PLACES[place])]
    first = 1 if place != "at an update" else 3
    assert (
        len(refused)
        <= HOURS * (2 if "OAuth" in str(now().grant) or status == 401 else 1) + 2 * first
    )
    assert asked(world) <= HOURS * 12

    world.faults.clear()
    hours(world, 2, monkeypatch)
    run.refresh_from_db()
    assert (run.state, run.message) == ("done", "")
    assert (now().barred, now().barred_since) == ("", None)
    assert len(people(world)) == there + 2
    assert not SyncError.objects.filter(state="open").exists()


def _hit(method: str, path: str, place: dict[str, str]) -> bool:
    return place["path"] in path and method == place.get("method", "GET")
