"""The law of crashes: wherever a sync dies, nobody is made twice and nobody is missing.

Each test takes a small full sync through every point at which it can die. The world holds the
awkward cases: fields and organizations to be made, a person to be found, a shared email.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apart import apart
from chargepipe.accounts.environment import new_owner
from chargepipe.sandbox import Fault
from chargepipe.store.models import Change, Link, Run
from points import Points, until_dead
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


def small_world() -> World:
    world = World(customers=0, people_before=0.0)
    for first, company in (("Ada", "Engines Ltd"), ("Bob", "engines  ltd"), ("Cleo", "")):
        world.billing.add_customer(
            first_name=first, email=f"{first.lower()}@example.com", company=company
        )
    world.billing.add_customer(first_name="Ada Two", email="ADA@example.com")
    world.crm.add_person(name="Cleo (CRM)", emails=[{"value": "cleo@example.com"}])
    return world


def begin() -> tuple[World, Run]:
    world = small_world()
    connection = world.connect()
    return world, Run.objects.create(connection=connection, kind="full", approved=True)


def hold_the_law(world: World, run: Run) -> None:
    """Another process takes over; then everybody is there once."""
    world.clock.advance(200)
    run = world.go_on(Run.objects.get(pk=run.pk), replace(world.env, owner=new_owner()))
    assert run.state == "done", run.message
    people = Counter(e["value"].lower() for p in world.crm.persons() for e in p["emails"])
    assert people == {"ada@example.com": 1, "bob@example.com": 1, "cleo@example.com": 1}
    assert [o["name"] for o in world.crm.organizations()] == ["Engines Ltd"]
    for entity in ("person", "organization"):
        names = Counter(f["field_name"] for f in world.crm.fields(entity) if own(f))
        assert set(names.values()) == {1}, names
    assert Link.objects.filter(kind="person").count() == 4
    assert not Change.objects.filter(state__in=("planned", "intended", "unknown")).exists()
    assert run.counts["created"] + run.counts["updated"] + run.counts["unchanged"] == 4
    world.sandbox.requests.clear()
    again = world.run(run.connection, "sync")
    assert again.state == "done"
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}


def own(field: dict[str, Any]) -> bool:
    return str(field["field_name"]).startswith("CB ")


def count_names(world: World, run: Run) -> list[str]:
    """The points that a run passes when nothing happens to it."""
    points = Points(None)
    until_dead(world, run, points)
    assert Run.objects.get(pk=run.pk).state == "done"
    return points.names


def every(names: list[str], *starts: str) -> list[int]:
    return [i for i, name in enumerate(names) if name.startswith(starts)]


def die(world: World, run: Run, points: Points) -> None:
    """Die at a point; then another process goes on."""
    until_dead(world, run, points)
    hold_the_law(world, run)


def test_a_death_before_or_after_any_commit_or_send():
    begun = begin()
    names = apart(count_names, *begun)
    assert len(every(names, "before POST")) >= 8
    for point in range(len(names)):
        apart(die, *begun, Points(point))


def test_a_death_that_also_loses_the_last_commit(tmp_path: Path):
    begun = begin()
    for point in every(apart(count_names, *begun), "before commit"):
        apart(die, *begun, Points(point, "lose", tmp_path / "lost.sqlite3"))


def lose_an_answer(world: World, run: Run, kind: Any, skip: int) -> None:
    world.faults.add(lost_write(kind, skip))
    world.go_on(run)
    assert lost_answers(world) == 1
    hold_the_law(world, run)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "late"])
def test_a_write_whose_answer_is_lost(kind: Any):
    begun = begin()
    for skip in range(len(every(apart(count_names, *begun), "before P"))):
        apart(lose_an_answer, *begun, kind, skip)


def lost_write(kind: Any, skip: int) -> Fault:
    """The answer of one write is lost, after so many others that are answered."""
    return Fault(
        service="pipedrive",
        method="POST|PATCH|DELETE",
        path="/",
        kind=kind,
        times=1,
        skip=skip,
        seconds=90.0,
    )


def lost_answers(world: World) -> int:
    """Calls whose connection died, as the client saw it."""
    return sum(status == 0 for _, _, _, status, _ in world.sandbox.requests)


def die_with_a_late_write(world: World, run: Run, point: int, skip: int) -> None:
    world.faults.add(lost_write("late", skip))
    die(world, run, Points(point))


def test_a_death_while_the_write_is_still_on_its_way():
    begun = begin()
    for skip, point in enumerate(every(apart(count_names, *begun), "before P")):
        apart(die_with_a_late_write, *begun, point + 1, skip)


def freeze(world: World, run: Run, point: int) -> None:
    """Stand still at a point until another worker has done all."""
    points = Points(point, "freeze")

    def others_turn() -> None:
        world.clock.advance(200)
        world.go_on(Run.objects.get(pk=run.pk), replace(world.env, owner=new_owner()))

    points.freeze = others_turn
    die(world, run, points)


def test_a_worker_that_freezes_after_a_commit_and_wakes_when_another_is_done():
    begun = begin()
    for point in every(apart(count_names, *begun), "after commit"):
        apart(freeze, *begun, point)
