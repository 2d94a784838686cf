"""A change of settings touches what syncs from then on; a full sync applies it to everything."""

from typing import Any

import pytest

from chargepipe.store.models import Connection, Link, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

TIER = '[[settings.additional_fields]]\nfrom = "customer.cf_tier"\nto = "person.Tier"'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def synced(world: World, settings: str) -> Connection:
    connection = world.connect(settings)
    for n in range(4):
        customer = world.billing.add_customer(
            email=f"c{n}@x.co", first_name=f"N{n}", company="Acme", cf_tier="gold" if n else None
        )["id"]
        world.billing.add_subscription(customer, status="active", mrr=100, currency_code="USD")
    world.run(connection, "full")
    return connection


def later(world: World, connection: Connection, kind: str, **more: Any) -> Run:
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    run = world.run(connection, kind, **more)
    assert run.state == "done", run.message
    return run


def writes(world: World) -> list[tuple[str, str]]:
    return [(m, p) for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def patched(world: World) -> list[str]:
    return [path for method, path in writes(world) if method == "PATCH"]


CHANGES = {
    "an extra": ("", 'extras = ["link"]', 4),
    "subscription data": ("", 'subscription_data = "person"', 4),
    "an additional field": ("", TIER, 3),
    "organizations": ("", "organizations = true", 4),
    "an additional field no more": (TIER, "", 0),
    "subscription data no more": ('subscription_data = "person"', "", 0),
    "the owner of new records": ("", 'visibility = "owner"', 0),
}


@pytest.mark.parametrize("case", CHANGES)
def test_nothing_is_touched_until_it_syncs_and_a_full_sync_touches_what_differs(
    world: World, case: str
):
    before, after, number = CHANGES[case]
    synced(world, before)
    connection = world.connect(after)
    run = later(world, connection, "sync")
    assert (run.counts["customers"], writes(world)) == (0, [])
    run = later(world, connection, "full")
    assert run.counts["updated"] == number
    assert len(patched(world)) == number
    later(world, connection, "full")
    assert writes(world) == [], "applied once, it stands"


@pytest.mark.parametrize("case", ["an extra", "an additional field"])
def test_one_customer_that_changes_takes_the_new_settings_alone(world: World, case: str):
    before, after, _ = CHANGES[case]
    synced(world, before)
    connection = world.connect(after)
    world.billing.edit_customer(list(world.billing.customers())[1]["id"], first_name="New")
    later(world, connection, "sync")
    assert len(patched(world)) == 1


def test_another_way_to_overwrite_is_applied_to_everything_by_a_full_sync(world: World):
    synced(world, 'overwrite = "fill_empty"')
    link = Link.objects.filter(kind="person").order_by("pk")[0]
    world.crm.edit_person(link.pipedrive_id, name="By hand")
    connection = world.connect('overwrite = "always"')
    assert later(world, connection, "sync").counts["customers"] == 0
    run = later(world, connection, "full")
    assert (run.counts["updated"], patched(world)) == (1, [f"/api/v2/persons/{link.pipedrive_id}"])
    assert world.crm.person(link.pipedrive_id)["name"] == "N0"
    later(world, connection, "full")
    assert writes(world) == []


def test_another_list_of_currencies_without_cents_corrects_the_amounts(world: World):
    synced(world, 'zero_decimal = ["JPY"]')
    connection = world.connect('zero_decimal = ["JPY", "USD"]')
    run = later(world, connection, "full")
    assert run.counts["updated"] == 4
    code = next(
        f["field_code"] for f in world.crm.fields("person") if f["field_name"] == "CB Customer MRR"
    )
    amounts = {person["custom_fields"][code]["value"] for person in world.crm.persons()}
    assert amounts == {100}


def test_a_preview_shows_what_the_full_sync_would_touch(world: World):
    synced(world, "")
    connection = world.connect('extras = ["link"]')
    run = later(world, connection, "preview", of="full")
    assert writes(world) == []
    assert run.changes.filter(kind="person", action="update", state="planned").count() == 4
    assert run.changes.filter(kind="person_field", source_key="CB Link").count() == 1
