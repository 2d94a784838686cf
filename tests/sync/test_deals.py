"""Deals from subscriptions: when they are made, and what they hold (settings 7; product.md 2.6)."""

import pytest

from chargepipe.store.models import Link, SyncError
from deals import ON, deal_of, quiet_world, settled
from people import later, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return quiet_world()


def test_a_subscription_that_is_created_after_the_first_full_sync_gets_its_deal(world: World):
    world.billing.add_customer(id="ada", first_name="Ada", email="ada@x.co", company="Engines")
    connection = settled(world, "organizations = true\n" + ON)
    world.billing.add_subscription("ada", id="s1", status="active", activated_at=1_790_000_000)
    run = later(world, connection)
    assert (run.state, run.counts["objects"]["deal"]) == ("done", {"created": 1, "updated": 0})
    deal = deal_of(world, "s1")
    person = Link.objects.get(kind="person", source_key="ada").pipedrive_id
    organization = Link.objects.get(kind="organization").pipedrive_id
    assert (deal["person_id"], deal["org_id"]) == (person, organization)
    assert (deal["status"], deal["won_time"]) == ("won", "2026-09-21T14:13:20Z")
    assert (deal["value"], deal["currency"]) == (49, "USD")
    assert deal["title"].startswith("Engines - ")
    assert shown(world, "deal", deal, "CB Subscription ID") == "s1"
    assert shown(world, "deal", deal, "CB Subscription Status") == "Active"
    again = later(world, connection)
    assert not writes(world)
    assert again.counts["objects"]["deal"] == {"created": 0, "updated": 0}
    assert not SyncError.objects.exists()
