"""Amounts that cannot be added are an error in words, never the end of a run."""

from typing import Any

import pytest

from chargepipe.store.models import Change, Link, Run, SyncError
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def subscribe(world: World, customer: str, currency: str, **more: Any) -> str:
    row = {"status": "active", "mrr": 1000, "base_currency_code": "EUR", "currency_code": currency}
    return world.billing.add_subscription(customer, **{**row, **more})["id"]


def later(world: World, connection: Any) -> Run:
    world.clock.advance(90_000)
    run = world.run(connection, "sync")
    assert run.state == "done", run.message
    return run


def test_a_company_whose_customers_pay_in_currencies_without_a_rate_is_an_error(world: World):
    connection = world.connect('organizations = true\nsubscription_data = "organization"')
    two = [world.billing.add_customer(email=f"{n}@x.co", company="Acme")["id"] for n in "ab"]
    subscribe(world, two[0], "EUR")
    foreign = subscribe(world, two[1], "USD", exchange_rate=None)
    run = world.run(connection, "full")
    assert (run.state, run.counts["failed"]) == ("done", 2)
    assert {e.code for e in SyncError.objects.filter(state="open")} == {"unconvertible"}
    assert all(foreign in error.words for error in SyncError.objects.all())
    world.billing.edit_subscription(foreign, exchange_rate=0.5)
    assert later(world, connection).counts["created"] == 2
    assert not SyncError.objects.filter(state="open").exists()
    link = Link.objects.get(kind="organization")
    assert link.last["fields"]["CB MRR"] == {"amount": 1500, "currency": "EUR"}
    made = Change.objects.get(kind="organization", state="written")
    assert [line["converted"] for line in made.working["CB MRR"]] == [1000, 500]


def test_dues_that_cannot_be_added_are_an_error_of_that_customer(world: World):
    connection = world.connect('extras = ["overdue"]')
    ada = world.billing.add_customer(email="a@x.co", first_name="Ada")["id"]
    world.billing.add_customer(email="b@x.co", first_name="Bob")
    for currency in ("EUR", "USD"):
        subscribe(
            world, ada, currency, status="cancelled", mrr=0, total_dues=500, exchange_rate=None
        )
    run = world.run(connection, "full")
    assert (run.state, run.counts["failed"], run.counts["created"]) == ("done", 1, 1)
    assert SyncError.objects.get(state="open").code == "unconvertible"
