"""The same law for deals: wherever a run dies that makes and updates deals, none is made twice."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from apart import apart
from chargepipe.accounts.environment import new_owner
from chargepipe.store.models import Change, Connection, Link, Record, Run, SyncError
from deals import INVOICES, ON, deal_of, quiet_world
from deaths import (
    count_names,
    deaths,
    deaths_and_sleeps,
    deaths_with_a_lost_commit,
    die_or_sleep,
    every,
    lose_an_answer,
)
from people import link_of, shown
from points import Points, until_dead
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS = ["invoice:i1", "subscription:new", "subscription:old", "subscription:s1"]


def synced_world() -> tuple[World, Connection]:
    """Next comes: a deal to update, one for a new person and company, one of an invoice."""
    world = quiet_world()
    connection = world.connect("organizations = true\n" + ON + INVOICES)
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    world.run(connection, "full")
    world.clock.advance(3600)
    world.billing.add_subscription("ada", id="old", status="in_trial")
    world.run(connection, "sync")
    world.clock.advance(3600)
    world.billing.edit_subscription("old", status="active")
    world.billing.add_customer(id="bo", email="bo@x.co", company="Mills")
    world.billing.add_subscription("bo", id="new")
    world.billing.add_subscription("ada", id="s1", status="cancelled", cancelled_at=1_793_000_000)
    world.billing.add_invoice("ada", id="i1")
    return world, connection


def begin() -> tuple[World, Run]:
    world, connection = synced_world()
    return world, Run.objects.create(connection=connection, kind="sync", approved=True)


def hold_the_law(world: World, run: Run) -> None:
    world.clock.advance(200)
    run = world.go_on(Run.objects.get(pk=run.pk), replace(world.env, owner=new_owner()))
    assert run.state == "done", run.message
    marks = Counter(mark for deal in world.crm.deals() for mark in marks_of(world, deal))
    assert marks == {"i1": 1, "new": 1, "old": 1, "s1": 1}
    links = Link.objects.filter(kind="deal").order_by("source_key")
    assert [link.source_key for link in links] == RECORDS
    assert deal_of(world, "old")["status"] == "won"
    new = deal_of(world, "new")
    assert new["person_id"] == link_of("bo").pipedrive_id
    assert new["org_id"] == Link.objects.get(kind="organization", source_key="mills").pipedrive_id
    assert deal_of(world, "s1")["lost_time"] == "2026-10-26T07:33:20Z"
    assert not Change.objects.filter(state__in=("planned", "intended", "unknown")).exists()
    assert not Record.objects.filter(dirty=True).exists()
    assert not SyncError.objects.filter(state="open").exists()
    assert all(link.ours["status"] and link.last for link in links)
    world.sandbox.requests.clear()
    assert world.run(run.connection, "sync").state == "done"
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}


def marks_of(world: World, deal: dict[str, Any]) -> list[str]:
    names = ("CB Subscription ID", "CB Invoice ID")
    return [mark for name in names if (mark := shown(world, "deal", deal, name))]


def die(world: World, run: Run, points: Points) -> None:
    until_dead(world, run, points)
    hold_the_law(world, run)


def test_a_death_or_a_long_sleep_at_any_point_of_a_run_that_makes_and_updates_deals():
    begun = begin()
    names = apart(count_names, *begun)
    assert sum(name.startswith("before POST /api/v2/deals") for name in names) == 3
    assert sum(name.startswith("before PATCH /api/v2/deals") for name in names) == 1
    for points in deaths_and_sleeps(names):
        apart(die_or_sleep, *begun, points, hold_the_law)


def test_a_death_that_also_loses_the_last_commit():
    begun = begin()
    for points in deaths_with_a_lost_commit(apart(count_names, *begun)):
        apart(die, *begun, points)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "late"])
def test_a_write_of_a_deal_whose_answer_is_lost(kind: Any):
    begun = begin()
    for skip in range(len(every(apart(count_names, *begun), "before P"))):
        apart(lose_an_answer, *begun, kind, skip, hold_the_law)


def begin_undo() -> tuple[World, Run]:
    """The undo of a run that made person, organization and two deals, and updated one."""
    world, connection = synced_world()
    run = world.run(connection, "sync")
    world.clock.advance(600)
    undone = Run.objects.create(connection=connection, kind="undo", about=run, approved=True)
    return world, undone


def nothing_left(world: World, run: Run, points: Points) -> None:
    until_dead(world, run, points)
    world.clock.advance(200)
    run = world.go_on(Run.objects.get(pk=run.pk), replace(world.env, owner=new_owner()))
    assert run.state == "done", run.message
    (deal,) = world.crm.deals()
    assert (marks_of(world, deal), deal["status"]) == (["old"], "open")
    assert [person["name"] for person in world.crm.persons()] == ["Engines"]
    assert [link.source_key for link in Link.objects.filter(kind="deal")] == ["subscription:old"]
    assert not Change.objects.filter(state__in=("planned", "intended", "unknown")).exists()
    world.sandbox.requests.clear()
    world.clock.advance(3600)
    assert world.run(run.connection, "sync").state == "done"
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}


def test_a_death_at_any_point_of_an_undo_of_deals():
    begun = begin_undo()
    names = apart(count_names, *begun)
    assert sum(name.startswith("before DELETE /api/v2/deals") for name in names) == 3
    for points in deaths(names):
        apart(nothing_left, *begun, points)
