"""The law of crashes for taking back: wherever an undo dies, it ends as if it had not.

The run that is undone made two people (one shared by two customers) in an organization, changed a
third and an organization that was there. Its undo deletes and updates; the undo of that makes all
again; a preview's plan is applied through the same points.
"""

from collections.abc import Callable
from typing import Any

import pytest

from apart import apart
from chargepipe.store.models import Change, Link, Run
from deaths import (
    count_names,
    deaths,
    deaths_around_sends,
    deaths_with_a_lost_commit,
    every,
    lose_an_answer,
)
from points import Points, until_dead
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

State = list[dict[str, Any]]
Begun = tuple[World, Run, State]


def synced() -> tuple[World, Run, State]:
    """A world after a full sync, that sync, and what Pipedrive held before it."""
    world = World(customers=0, people_before=0.0)
    connection = world.connect()
    world.crm.add_person(name="Cleo", emails=[{"value": "cleo@x.co", "label": "home"}])
    world.crm.add_organization(name="Looms")
    for name, email, company in (
        ("ada", "ada@x.co", "Engines"),
        ("ada2", "ada@x.co", "Engines"),
        ("bob", "bob@x.co", "Looms"),
        ("cleo", "cleo@x.co", ""),
    ):
        world.billing.add_customer(id=name, first_name=name, email=email, company=company)
        world.clock.advance(2)
    before = content(world)
    full = world.run(connection, "full")
    assert full.state == "done"
    return world, full, before


def content(world: World) -> State:
    """Everything but ids and times: what was deleted stands again under a new id."""
    names = {row["id"]: row["name"] for row in world.crm.organizations()}
    rows = []
    for row in (*world.crm.persons(), *world.crm.organizations()):
        custom = {code: value for code, value in row["custom_fields"].items() if value is not None}
        kept = {key: row[key] for key in row if key not in ("id", "add_time", "update_time")}
        rows.append(kept | {"custom_fields": custom, "org_id": names.get(row.get("org_id"))})
    return sorted(rows, key=repr)


def undo_begun() -> Begun:
    world, full, before = synced()
    return world, _run(full, "undo"), before


def redo_begun() -> Begun:
    world, full, _ = synced()
    written = content(world)
    undone = world.run(full.connection, "undo", about=full)
    assert undone.state == "done"
    return world, _run(undone, "undo"), written


def apply_begun() -> Begun:
    """What a full sync writes, an apply of its preview writes too."""
    world, full, before = synced()
    written = content(world)
    undone = world.run(full.connection, "undo", about=full)
    assert content(world) == before
    Run.objects.filter(pk=undone.pk).update(kind="cancelled")
    full.connection.records.update(held_version=None, settled=0)
    Link.objects.all().delete()
    plan = world.run(full.connection, "preview", of="full")
    assert plan.state == "done"
    return world, _run(plan, "apply"), written


def _run(about: Run, kind: str) -> Run:
    return Run.objects.create(connection=about.connection, kind=kind, about=about, approved=True)


def hold_the_law(world: World, run: Run, expected: State) -> None:
    world.clock.advance(200)
    run = world.go_on(Run.objects.get(pk=run.pk))
    assert run.state == "done", run.message
    assert content(world) == expected
    assert not Change.objects.filter(state__in=("planned", "intended", "unknown")).exists()
    people = {person["id"] for person in world.crm.persons()}
    links = Link.objects.filter(kind="person")
    assert set(links.values_list("pipedrive_id", flat=True)) <= people
    world.sandbox.requests.clear()
    assert world.run(run.connection, "sync").state == "done"
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}


def die(world: World, run: Run, expected: State, points: Points) -> None:
    until_dead(world, run, points)
    hold_the_law(world, run, expected)


def names_of(begun: Begun) -> list[str]:
    world, run, _ = begun
    return apart(count_names, world, run)


def test_an_undo_ends_as_if_nothing_had_been_done():
    world, run, expected = undo_begun()
    world.go_on(run)
    hold_the_law(world, run, expected)


def test_a_death_before_or_after_any_commit_or_send_of_an_undo():
    begun = undo_begun()
    names = names_of(begun)
    assert len(every(names, "before D")) == 3
    assert len(every(names, "before P")) == 2
    for points in deaths(names):
        apart(die, *begun, points)


@pytest.mark.parametrize("begin", [redo_begun, apply_begun])
def test_a_death_around_any_send_of_what_makes_records_again(begin: Callable[[], Begun]):
    begun = begin()
    sends = deaths_around_sends(names_of(begun))
    assert len(sends) >= 10
    for points in sends:
        apart(die, *begun, points)


def lose(world: World, run: Run, expected: State, kind: Any, skip: int) -> None:
    lose_an_answer(world, run, kind, skip, lambda world, run: hold_the_law(world, run, expected))


@pytest.mark.parametrize(
    ("begin", "kind"),
    [(undo_begun, "drop_after"), (redo_begun, "late"), (apply_begun, "drop_before")],
)
def test_a_write_whose_answer_is_lost(begin: Callable[[], Begun], kind: Any):
    begun = begin()
    for skip in range(len(every(names_of(begun), "before P", "before D"))):
        apart(lose, *begun, kind, skip)


def test_a_death_that_also_loses_the_last_commit_of_an_undo():
    begun = undo_begun()
    for points in deaths_with_a_lost_commit(names_of(begun)):
        apart(die, *begun, points)
