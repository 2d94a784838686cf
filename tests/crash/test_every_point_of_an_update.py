"""The same law for an hourly sync: a changed person, a moved one, an organization-only change."""

from typing import Any

import pytest

from apart import apart
from chargepipe.store.models import Change, Connection, Record, Run
from deaths import count_names, deaths
from points import Points, until_dead
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


def synced_world() -> tuple[World, Connection]:
    world = World(customers=0, people_before=0.0)
    connection = world.connect('organizations = true\nsubscription_data = "organization"')
    for name, company in (("ada", "Engines"), ("bob", "Looms"), ("cleo", "")):
        world.billing.add_customer(id=name, email=f"{name}@x.co", company=company)
    world.billing.add_subscription(
        "ada", status="active", mrr=100, currency_code="USD", next_billing_at=1_800_000_000
    )
    world.run(connection, "full")
    world.clock.advance(3600)
    (own,) = world.billing.subscriptions()
    world.billing.edit_subscription(own["id"], next_billing_at=1_900_000_000)
    world.billing.edit_customer("bob", company="Mills")
    world.billing.edit_customer("cleo", first_name="Cleo")
    return world, connection


def begin() -> tuple[World, Run]:
    world, connection = synced_world()
    return world, Run.objects.create(connection=connection, kind="sync", approved=True)


def hold_the_law(world: World, run: Run) -> None:
    world.clock.advance(200)
    run = world.go_on(Run.objects.get(pk=run.pk))
    assert run.state == "done", run.message
    people = {p["emails"][0]["value"]: p for p in world.crm.persons()}
    assert sorted(people) == ["ada@x.co", "bob@x.co", "cleo@x.co"]
    assert people["cleo@x.co"]["name"] == "Cleo"
    organizations = {o["name"]: o for o in world.crm.organizations()}
    assert sorted(organizations) == ["Engines", "Looms", "Mills"]
    assert people["bob@x.co"]["org_id"] == organizations["Mills"]["id"]
    assert custom(world, organizations["Engines"], "CB Next Billing") == "2030-03-17"
    assert not Change.objects.filter(state__in=("planned", "intended", "unknown")).exists()
    assert not Record.objects.filter(kind="customer", dirty=True).exists()


def custom(world: World, organization: dict[str, Any], name: str) -> Any:
    fields = world.crm.fields("organization")
    code = next(f["field_code"] for f in fields if f["field_name"] == name)
    return organization["custom_fields"][code]


def die(world: World, run: Run, points: Points) -> None:
    until_dead(world, run, points)
    hold_the_law(world, run)


def test_a_death_at_any_point_of_an_hourly_sync():
    begun = begin()
    names = apart(count_names, *begun)
    assert sum(name.startswith("before P") for name in names) == 4
    for points in deaths(names):
        apart(die, *begun, points)
