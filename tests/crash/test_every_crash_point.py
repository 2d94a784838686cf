"""The law of crashes: wherever a sync dies, nobody is made twice and nobody is missing.

Each test takes a small full sync through every point at which it can die. The world holds the
awkward cases: fields and organizations to be made, a person to be found, a shared email.
"""

import threading
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from apart import apart
from chargepipe.accounts.environment import new_owner
from chargepipe.store.models import Change, Link, Run
from deaths import (
    count_names,
    deaths_and_sleeps,
    deaths_with_a_lost_commit,
    die_or_sleep,
    every,
    lose_an_answer,
    lost_write,
)
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
    connected = world.connect()
    return world, Run.objects.create(connection=connected, kind="full", approved=True)


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


def die(world: World, run: Run, points: Points) -> None:
    """Die at a point; then another process goes on."""
    until_dead(world, run, points)
    hold_the_law(world, run)


def test_a_death_or_a_long_sleep_at_any_commit_or_send():
    begun = begin()
    names = apart(count_names, *begun)
    assert len(every(names, "before POST")) >= 8
    for points in deaths_and_sleeps(names):
        apart(die_or_sleep, *begun, points, hold_the_law)


def test_a_death_that_also_loses_the_last_commit():
    begun = begin()
    for points in deaths_with_a_lost_commit(apart(count_names, *begun)):
        apart(die, *begun, points)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "late"])
def test_a_write_whose_answer_is_lost(kind: Any):
    begun = begin()
    for skip in range(len(every(apart(count_names, *begun), "before P"))):
        apart(lose_an_answer, *begun, kind, skip, hold_the_law)


def die_with_a_late_write(world: World, run: Run, point: int, skip: int) -> None:
    world.faults.add(lost_write("late", skip))
    die(world, run, Points(point))


def test_a_death_while_the_write_is_still_on_its_way():
    begun = begin()
    for skip, point in enumerate(every(apart(count_names, *begun), "before P")):
        apart(die_with_a_late_write, *begun, point + 1, skip)


def everything(world: World) -> str:
    """What a process that dies now would leave: all that is committed, and both services."""
    disk: list[Any] = []

    def look() -> None:
        """On a connection of its own, which sees only what is committed."""
        for model in apps.get_app_config("chargepipe_store").get_models():
            disk.extend(model._default_manager.order_by("pk").values())
        connection.close()

    other = threading.Thread(target=look)
    other.start()
    other.join()
    crm, billing = world.crm, world.billing
    held = [
        *crm.persons(),
        *crm.organizations(),
        *crm.fields("person"),
        *crm.fields("organization"),
        *billing.customers(),
    ]
    return repr((disk, held))


class Looking(Points):
    """Looks at each point at what a death would leave there."""

    def __init__(self, world: World) -> None:
        super().__init__(None)
        self.world = world
        self.left: list[str] = []

    def pass_by(self, name: str) -> None:
        super().pass_by(name)
        self.left.append(everything(self.world))


def test_only_a_commit_or_a_send_changes_what_a_death_leaves():
    """Why a death before one may be left out: it is the death after its forerunner."""
    world, run = begin()
    looking = Looking(world)
    until_dead(world, run, looking)
    pairs = list(zip(looking.names, looking.left, looking.left[1:], strict=False))
    assert len(pairs) > 100
    for name, left, next_left in pairs:
        assert name.startswith("before") or left == next_left, name
    sends = [left != after for name, left, after in pairs if name.startswith("before P")]
    assert all(sends)
