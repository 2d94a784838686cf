"""Customers of two sites of one account share a person: neither takes away what is the other's."""

from typing import Any

import pytest

from chargepipe.store.models import Connection, Link, Run
from people import later, people, shown
from second_site import SecondSite
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, OWN = "both@x.co", "ada@x.co"
TIER = 'additional_fields = [{from = "customer.cf_tier", to = "person.Tier"}]'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def two(world: World, settings: str = "") -> tuple[Connection, SecondSite]:
    """Ada of the first site and Oda of the second are one person, which Oda's site wrote last."""
    connection = world.connect(settings)
    world.billing.add_customer(id="ada", email=EMAIL, first_name="Ada", cf_tier="gold")
    world.run(connection, "full")
    second = SecondSite(world, settings)
    second.billing.add_customer(id="oda", email=EMAIL, first_name="Oda", cf_tier="gold")
    second.sync("full")
    assert shared(world)["name"] == "Oda"
    return connection, second


def shared(world: World) -> dict[str, Any]:
    (person,) = world.crm.persons()
    return person


def emails(world: World) -> list[str]:
    return [each["value"] for each in shared(world)["emails"]]


def of(world: World, name: str) -> Any:
    return shown(world, "person", shared(world), name)


def next_day(world: World, connection: Connection) -> Run:
    """The complete walk notices a clearing that moved no time."""
    world.clock.advance(86_400)
    return later(world, connection)


def test_with_delete_the_person_of_the_others_living_customer_stays_and_says_deleted(world: World):
    connection, _ = two(world, 'deleted_customers = "delete"')
    world.billing.delete_customer("ada")
    assert later(world, connection, approved=False).state == "done", "nothing is deleted"
    assert (shared(world)["name"], emails(world)) == ("Oda", [EMAIL])
    assert of(world, "CB Customer Status") == "Deleted"
    assert of(world, "CB Customer Status (other-test)") == "Active"
    assert later(world, connection, "full").counts["unchanged"] == 1


def test_with_delete_the_last_of_both_sites_takes_the_person_away(world: World):
    connection, second = two(world, 'deleted_customers = "delete"')
    world.billing.delete_customer("ada")
    later(world, connection)
    second.billing.delete_customer("oda")
    second.sync()
    assert people(world) == []


def test_with_delete_another_customer_of_the_own_site_has_the_fields_for_itself(world: World):
    connection, _ = two(world, 'deleted_customers = "delete"')
    world.billing.add_customer(id="bob", email=EMAIL, first_name="Bob")
    later(world, connection)
    world.billing.delete_customer("ada")
    later(world, connection)
    assert not Link.objects.filter(source_key="ada").exists()
    assert (of(world, "CB Customer ID"), of(world, "CB Customer Status")) == ("bob", "Active")


def test_a_clear_takes_only_the_fields_of_its_own_connection(world: World):
    connection, second = two(world, TIER)
    world.billing.edit_customer("ada", cf_tier="gold", phone="+4930901820")
    later(world, connection)
    assert later(world, connection, "clear").state == "done"
    assert (emails(world), shared(world)["phones"], of(world, "Tier")) == ([EMAIL], [], "gold")
    assert (of(world, "CB Customer ID"), of(world, "CB Customer ID (other-test)")) == (None, "oda")
    assert second.sync().counts["updated"] == 1, "its name was written over before"
    assert shared(world)["name"] == "Oda"


def test_an_erasure_leaves_name_and_email_that_the_other_site_wants(world: World):
    connection, second = two(world)
    world.sandbox.customers.clear_personal_data("ada")
    next_day(world, connection)
    assert (shared(world)["name"], emails(world)) == ("Oda", [EMAIL])
    assert second.sync().counts["customers"] == 0
    link = Link.objects.get(source_key="ada")
    assert (link.last["cleared"], link.ours.get("email")) == (True, None)


def test_after_an_erasure_the_other_site_writes_its_own_name(world: World):
    connection, second = two(world)
    world.billing.edit_customer("ada", email=OWN, last_name="Roe")
    later(world, connection)
    assert emails(world) == [OWN]
    world.sandbox.customers.clear_personal_data("ada")
    next_day(world, connection)
    assert (shared(world)["name"], emails(world)) == ("ada", [])
    second.sync()
    assert (shared(world)["name"], emails(world)) == ("Oda", [EMAIL])
