"""How many deals an error of a customer holds up (rule 18)."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from chargepipe.actions import error_csv, errors
from chargepipe.actions.held_up import deals_held_up, held_up_words
from chargepipe.store.models import Connection
from deals import INVOICES, ON, quiet_world, settled
from people import later
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return quiet_world()


def stuck(world: World, deals: dict[str, int]) -> Connection:
    """Customers without a key, each with so many subscriptions and an invoice of its own."""
    connection = settled(world, ON + INVOICES)
    for customer, number in deals.items():
        world.billing.add_customer(id=customer, email="")
        for _ in range(number):
            world.billing.add_subscription(customer)
        if number:
            world.billing.add_invoice(customer)
    return connection


def test_each_error_of_a_customer_tells_how_many_deals_wait(world: World):
    connection = stuck(world, {"ada": 2, "bo": 0, "cy": 1})
    run = later(world, connection)
    assert run.message == "Deals that wait: 5 (its customer has an error). "
    found = list(errors.listing("acme"))
    waiting = deals_held_up(connection, found)
    assert {each.source_key: waiting.get(each.pk) for each in found} == {
        "ada": 3,
        "bo": None,
        "cy": 2,
    }
    rows = [line.strip().rsplit(",", 1)[-1] for line in error_csv.csv("acme")]
    assert rows == ["deals that wait", "3", "", "2"]
    errors.ignore("acme", None)
    (ada, *_) = errors.listing("acme", ["ignored"])
    assert deals_held_up(connection, [ada]) == {ada.pk: 3}


def test_many_errors_are_told_by_few_queries(world: World):
    connection = stuck(world, {f"c{number}": 1 for number in range(8)})
    later(world, connection)
    found = list(errors.listing("acme"))
    connection.refresh_from_db()
    with CaptureQueriesContext(database) as queries:
        assert len(deals_held_up(connection, found)) == 8
    assert len(queries) == 1


def test_what_is_older_than_the_first_full_sync_does_not_wait(world: World):
    world.billing.add_customer(id="ada", email="")
    world.billing.add_subscription("ada")
    world.clock.advance(60)
    connection = settled(world)
    assert later(world, connection).message == ""
    assert deals_held_up(connection, list(errors.listing("acme"))) == {}
    later(world, connection, "full")  # it asks for the deals of all
    assert list(deals_held_up(connection, list(errors.listing("acme"))).values()) == [1]


def test_words_for_what_waits():
    assert held_up_words(0) == ""
    assert held_up_words(1) == "1 deal waits until this is over."
    assert held_up_words(3) == "3 deals wait until this is over."
