"""What stands in a customer's way is what its sync would meet, neither more nor less."""

import pytest

from chargepipe.store.models import SyncError
from people import open_errors, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def test_a_customer_that_is_not_synced_shares_its_key_with_nobody(world: World):
    connection = world.connect('customers = "with_subscriptions"\nshared_keys = "fail"')
    pays = world.billing.add_customer(email="both@x.co")["id"]
    world.billing.add_subscription(pays, status="active", mrr=100)
    lacks = world.billing.add_customer(email="both@x.co")["id"]
    run = world.run(connection, "full")
    assert (run.counts["created"], open_errors()) == (1, [("no_subscription", lacks)])


def test_an_additional_amount_in_a_currency_that_pipedrive_lacks_is_an_error_unsent(world: World):
    connection = world.connect(
        "[[settings.additional_fields]]\n"
        'from = "customer.promotional_credits"\nto = "person.Credits"\ntype = "money"'
    )
    world.crm.currencies[:] = [c for c in world.crm.currencies if c["code"] != "CHF"]
    ada = world.billing.add_customer(
        email="a@x.co", preferred_currency_code="CHF", promotional_credits=500
    )["id"]
    world.billing.add_subscription(ada, status="active", mrr=100, currency_code="EUR")
    run = world.run(connection, "full")
    assert (run.counts["failed"], writes(world)) == (1, [])
    assert open_errors() == [("currency_missing", ada)]
    assert "CHF" in SyncError.objects.get().words
