"""Names: what stands in for one in billing never replaces one that a person in Pipedrive has."""

from typing import Any

import pytest

from chargepipe.store.models import Link
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def name_of(world: World, customer: str) -> str:
    return world.crm.person(Link.objects.get(source_key=customer).pipedrive_id)["name"]


@pytest.mark.parametrize(
    ("billing", "shown"),
    [
        ({}, "Jane of sales"),
        ({"company": "Acme"}, "Acme"),
        ({"first_name": "Jane", "last_name": "Roe"}, "Jane Roe"),
    ],
    ids=["only an email", "a company", "a name"],
)
def test_a_matched_person_keeps_its_name_unless_billing_knows_one(
    world: World, billing: dict[str, Any], shown: str
):
    connection = world.connect()
    world.crm.add_person(name="Jane of sales", emails=[{"value": "jane@x.co"}])
    jane = world.billing.add_customer(email="jane@x.co", **billing)["id"]
    world.run(connection, "full")
    assert name_of(world, jane) == shown


def test_a_person_that_we_name_by_the_email_follows_it_until_somebody_names_it(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(email="jane@x.co")["id"]
    world.run(connection, "full")
    assert name_of(world, jane) == "jane@x.co"
    world.billing.edit_customer(jane, email="roe@x.co")
    world.clock.advance(3600)
    world.run(connection, "sync")
    assert name_of(world, jane) == "roe@x.co"
    world.crm.edit_person(Link.objects.get().pipedrive_id, name="Jane, typed by hand")
    world.billing.edit_customer(jane, email="third@x.co")
    world.clock.advance(3600)
    world.run(connection, "sync")
    assert name_of(world, jane) == "Jane, typed by hand"


def test_without_an_email_the_id_stands_in(world: World):
    connection = world.connect('match_key = { chargebee = "phone", pipedrive = "phone" }')
    jane = world.billing.add_customer(email=None, phone="+4930901820")["id"]
    world.run(connection, "full")
    assert name_of(world, jane) == jane
