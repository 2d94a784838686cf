"""A deal is made by links alone; where its organization is gone, the next sync finds out."""

import pytest

from chargepipe.store.models import Connection, Link
from deals import INVOICES, deal_of, quiet_world, settled
from people import later, open_errors, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = f"organizations = true\n{INVOICES}"


@pytest.fixture
def world() -> World:
    return quiet_world()


def organization() -> int:
    return Link.objects.get(kind="organization").pipedrive_id


def synced(world: World) -> Connection:
    """Ada of Engines is synced, then billing raises her first one-time invoice."""
    connection = settled(world, SETTINGS)
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    later(world, connection)
    world.billing.add_invoice("ada", id="i1", total=4900, recurring=False)
    return connection


def merged(world: World) -> int:
    """People have merged the organization into another one; the id of that."""
    winner = world.crm.add_organization(name="Looms")["id"]
    world.crm.merge_organizations(organization(), winner)
    return winner


def test_the_next_sync_follows_the_merge_and_makes_the_deal(world: World):
    connection = synced(world)
    winner = merged(world)
    later(world, connection)
    assert open_errors() == [("refused", "invoice:i1")]
    later(world, connection)
    assert organization() == deal_of(world, "i1", "invoice")["org_id"] == winner
    assert not open_errors()
    later(world, connection)
    assert not writes(world)


def test_the_next_sync_makes_a_deleted_one_again_and_joins_the_deal_to_it(world: World):
    connection = synced(world)
    world.crm.delete_organization(organization())
    later(world, connection)
    assert not world.crm.deals()
    later(world, connection)
    later(world, connection)
    (made,) = world.crm.organizations()
    assert organization() == deal_of(world, "i1", "invoice")["org_id"] == made["id"]
    assert not open_errors()


def test_a_plan_follows_a_merge_that_its_preview_saw(world: World):
    connection = synced(world)
    winner = merged(world)
    world.billing.edit_customer("ada", first_name="Ada")
    preview = later(world, connection, "preview", of="sync")
    world.run(connection, "apply", about=preview)
    assert organization() == deal_of(world, "i1", "invoice")["org_id"] == winner
    assert not open_errors()


def test_a_plan_of_the_deal_alone_names_the_organization_that_took_over(world: World):
    connection = synced(world)
    winner = merged(world)
    first = later(world, connection, "preview", of="sync")
    later(world, connection, "apply", about=first)
    assert open_errors() == [("refused", "invoice:i1")]
    second = later(world, connection, "preview", of="sync")
    run = later(world, connection, "apply", about=second)
    assert (run.counts["moved"], open_errors()) == (0, [])
    assert organization() == deal_of(world, "i1", "invoice")["org_id"] == winner
