"""The law of crashes: wherever a sync dies, nobody is made twice and nobody is missing.

Each test takes a small full sync through every point at which it can die. The world holds the
awkward cases: fields and organizations to be made, a person to be found, a shared email.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chargepipe.accounts.environment import new_owner
from chargepipe.sandbox import Fault
from chargepipe.store.models import Change, Connection, Link, Run
from points import Points, until_dead
from world import World, wipe

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


def begin(world: World) -> tuple[Connection, Run]:
    connection = world.connect()
    return connection, Run.objects.create(connection=connection, kind="full", approved=True)


def hold_the_law(world: World, connection: Connection, run: Run) -> None:
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
    again = world.run(connection, "sync")
    assert again.state == "done"
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}


def own(field: dict[str, Any]) -> bool:
    return str(field["field_name"]).startswith("CB ")


def count_points() -> list[str]:
    world = small_world()
    _, run = begin(world)
    return count_names(world, run)


def count_names(world: World, run: Run) -> list[str]:
    """The points that a run passes when nothing happens to it."""
    points = Points(None)
    until_dead(world, run, points)
    assert Run.objects.get(pk=run.pk).state == "done"
    return points.names


def every(names: list[str], *starts: str) -> list[int]:
    return [i for i, name in enumerate(names) if name.startswith(starts)]


def test_a_death_before_or_after_any_commit_or_send():
    names = count_points()
    assert len(every(names, "before POST")) >= 8
    for point in range(len(names)):
        wipe()
        world = small_world()
        connection, run = begin(world)
        until_dead(world, run, Points(point))
        hold_the_law(world, connection, run)


def test_a_death_that_also_loses_the_last_commit(tmp_path: Path):
    names = count_points()
    for point in every(names, "before commit"):
        wipe()
        world = small_world()
        connection, run = begin(world)
        until_dead(world, run, Points(point, "lose", tmp_path / "lost.sqlite3"))
        hold_the_law(world, connection, run)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "late"])
def test_a_write_whose_answer_is_lost(kind: Any):
    writes = len(every(count_points(), "before P"))
    for skip in range(writes):
        wipe()
        world = small_world()
        connection, run = begin(world)
        world.faults.add(
            Fault(
                service="pipedrive",
                method="POST|PATCH",
                path="/",
                kind=kind,
                times=1,
                skip=skip,
                seconds=90.0,
            )
        )
        world.go_on(run)
        assert lost_answers(world) == 1
        hold_the_law(world, connection, run)


def lost_answers(world: World) -> int:
    """Calls whose connection died, as the client saw it."""
    return sum(status == 0 for _, _, _, status, _ in world.sandbox.requests)


def test_a_death_while_the_write_is_still_on_its_way():
    names = count_points()
    writes = every(names, "before P")
    for skip, point in enumerate(writes):
        wipe()
        world = small_world()
        connection, run = begin(world)
        world.faults.add(
            Fault(
                service="pipedrive",
                method="POST|PATCH",
                path="/",
                kind="late",
                times=1,
                skip=skip,
                seconds=90.0,
            )
        )
        until_dead(world, run, Points(point + 1))
        hold_the_law(world, connection, run)


def test_a_worker_that_freezes_after_a_commit_and_wakes_when_another_is_done():
    names = count_points()
    for point in every(names, "after commit"):
        wipe()
        world = small_world()
        connection, run = begin(world)
        points = Points(point, "freeze")

        def others_turn(world: World = world, run: Run = run) -> None:
            world.clock.advance(200)
            world.go_on(Run.objects.get(pk=run.pk), replace(world.env, owner=new_owner()))

        points.freeze = others_turn
        until_dead(world, run, points)
        hold_the_law(world, connection, run)
