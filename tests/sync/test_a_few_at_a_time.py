"""What goes in pages for a million records comes to the same in pages of two."""

from typing import Any

import pytest
from test_exact_plan import apply, preview, shown

from chargepipe.store.models import Change, IndexRecord
from chargepipe.sync import exact, index
from chargepipe.sync.apply import page_size
from people import later, people
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "PAGE", 2)
    monkeypatch.setattr(index, "AT_ONCE", 2)


@pytest.fixture
def world() -> World:
    world = World(customers=0, people_before=0.0)
    for number in range(5):
        world.billing.add_customer(id=f"c{number}", company="Looms", email=f"{number}@x.co")
    for number in range(3):  # they share a person
        world.billing.add_customer(id=f"same{number}", first_name=f"{number}", email="same@x.co")
    return world


def states(plan: Any) -> dict[str, tuple[str, str]]:
    rows = Change.objects.filter(run=plan, kind__in=("person", "organization"))
    return {change.source_key: (change.state, change.words) for change in rows}


def test_a_plan_is_written_as_it_was_shown(world: World) -> None:
    plan = preview(world, world.connect())
    wanted = shown(plan)
    assert shown(apply(world, plan)) == wanted
    assert len(people(world)) == 6


def test_what_moved_takes_what_hangs_on_it_along(world: World) -> None:
    connection = world.connect()
    plan = preview(world, connection)
    world.clock.advance(60)
    world.billing.edit_customer("same0", first_name="New")
    world.crm.add_organization(name="Looms")
    run = apply(world, plan)
    found = states(run)
    assert found.pop("looms")[0] == "stale"
    joining = {found[f"c{number}"] for number in range(5)}
    assert joining == {("stale", exact.NOT_JOINED.format("organization"))}
    assert [found[f"same{number}"] for number in range(3)] == [
        ("stale", exact.CHANGED),
        ("stale", exact.FOLLOWS),
        ("stale", exact.FOLLOWS),
    ]
    assert not people(world)


def test_the_index_is_emptied_before_all_people_are_walked(world: World) -> None:
    connection = world.connect()
    world.run(connection, "full")
    gone, *_ = people(world)
    world.crm.delete_person(gone)
    assert later(world, connection).state == "done"
    assert people(world) == sorted(
        IndexRecord.objects.filter(entity="person").values_list("pipedrive_id", flat=True)
    )


def test_a_page_of_writes_is_what_goes_out_in_some_seconds() -> None:
    bursts = (None, 20, 40, 100, 120, 480)
    assert [page_size(burst) for burst in bursts] == [50, 50, 80, 100, 100, 100]
