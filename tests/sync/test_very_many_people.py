"""Rule 4: where there are too many people for a walk a day, each week sees them all."""

from dataclasses import replace
from typing import Any

import pytest

from chargepipe.store.models import IndexRecord, Link, SyncError
from chargepipe.sync import presence
from people import later, link_of, people
from world import PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(presence, "MOST_AT_ONCE", 5)
    monkeypatch.setattr(presence, "PAGE_PEOPLE", 2)
    monkeypatch.setattr(presence, "CHEAP", 0.0)
    world = World(customers=0, people_before=0.0)
    for number in range(14):
        world.billing.add_customer(id=f"c{number:02}", email=f"{number}@x.co")
    return world


def asked_for(world: World) -> list[int]:
    """The people that are read by id from now on, in order."""
    seen: list[int] = []
    wire = world.transport(PIPEDRIVE)
    send = wire.handle_async_request

    async def listening(request: Any) -> Any:
        if request.url.path.endswith("/persons"):
            seen.extend(map(int, filter(None, request.url.params.get("ids", "").split(","))))
        return await send(request)

    wire.handle_async_request = listening
    others = world.transport
    world.env = replace(world.env, transport=lambda r: wire if r == PIPEDRIVE else others(r))
    return seen


def test_a_week_of_syncs_reads_each_person_once_and_makes_the_lost_ones_again(world: World):
    connection = world.connect()
    world.run(connection, "full")
    everyone = people(world)
    lost = [link_of(f"c{number:02}").pipedrive_id for number in (0, 6, 13)]
    for each in lost:
        world.crm.delete_person(each)
    seen, found = asked_for(world), list[int]()
    for _ in range(presence.DAYS):
        world.clock.advance(DAY)
        assert later(world, connection).state == "done"
        found += dict.fromkeys(each for each in seen if each in everyone)
        assert 0 < len(set(seen)) <= 5
        seen.clear()
    assert sorted(set(found)) == everyone
    assert len(people(world)) == len(everyone)
    assert not Link.objects.filter(pipedrive_id__in=lost).exists()
    there = IndexRecord.objects.filter(entity="person").values_list("pipedrive_id", flat=True)
    assert sorted(there) == people(world)


def test_whom_an_error_names_is_looked_at_every_day(world: World):
    connection = world.connect()
    world.run(connection, "full")
    emails = [{"value": "twin@x.co", "primary": True}]
    twins = [world.crm.add_person(name="Twin", emails=emails)["id"] for _ in range(2)]
    world.billing.add_customer(id="twin", email="twin@x.co")
    assert later(world, connection).counts["failed"] == 1
    world.crm.delete_person(twins[1])
    world.clock.advance(DAY)
    assert later(world, connection).counts["failed"] == 0
    assert link_of("twin").pipedrive_id == twins[0]
    assert not SyncError.objects.filter(state="open").exists()


def test_all_are_walked_where_that_is_cheap(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(presence, "CHEAP", 1.0)
    connection = world.connect()
    world.run(connection, "full")
    seen = asked_for(world)
    later(world, connection)
    assert seen == []
