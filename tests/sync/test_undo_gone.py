"""Undo (rule 12) where what it would bring back hangs on something that is gone by now."""

from typing import Any

import pytest
from test_undo import undo

from chargepipe.sandbox import Options
from chargepipe.store.models import Change
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("away", ["delete", "hide"])
def test_a_person_does_not_go_back_to_an_organization_that_is_gone(away: str):
    world = World(customers=0, people_before=0.0, options=Options(hidden="403"))
    connection = world.connect()
    old = world.crm.add_organization(name="Of old")["id"]
    email: list[Any] = [{"value": "ada@x.co"}]
    person = world.crm.add_person(name="Ada of old", emails=email, org_id=old)["id"]
    world.billing.add_customer(email="ada@x.co", first_name="Ada", company="Looms")
    full = world.run(connection, "full")
    if away == "delete":
        world.crm.delete_organization(old)
    else:
        world.crm.hide("organization", old)
    new = world.crm.person(person)["org_id"]
    undone = undo(world, full)
    row = world.crm.person(person)
    assert (row["name"], row["org_id"]) == ("Ada of old", new)
    assert not any(row["custom_fields"].values())
    assert Change.objects.get(run=undone, kind="person").kept == ["organization"]


def test_an_organization_that_was_erased_from_the_journal_stays_as_it_is():
    world = World(customers=0, people_before=0.0)
    connection = world.connect()
    ada = world.billing.add_customer(email="ada@x.co", first_name="Ada", company="Looms")["id"]
    world.run(connection, "full")
    world.sandbox.customers.clear_personal_data(ada)
    world.clock.advance(25 * 3600)
    world.run(connection, "sync")
    world.billing.edit_customer(ada, company="Mills")
    world.billing.add_subscription(ada, mrr=4900)
    world.clock.advance(3600)
    moved = world.run(connection, "sync")
    (person,) = world.crm.persons()
    undone = undo(world, moved)
    assert next(world.crm.persons())["org_id"] == person["org_id"]
    assert "organization" in undone.changes.get(kind="person").kept


def test_who_has_taken_the_place_of_an_undone_person_is_never_taken_for_it():
    world = World(customers=0, people_before=0.0)
    connection = world.connect("organizations = true")
    ada = world.billing.add_customer(email="ada@x.co", first_name="Ada", company="Looms")["id"]
    undone = undo(world, world.run(connection, "full"))
    email: list[Any] = [{"value": "ada@x.co"}]
    person = world.crm.add_person(name="By hand", emails=email)["id"]
    company = world.crm.add_organization(name="Looms")["id"]
    world.clock.advance(3600)
    world.billing.edit_customer(ada, phone="+4930901820")
    world.billing.edit_customer(ada, phone=None)
    world.run(connection, "sync")
    before = world.crm.person(person)
    assert (before["name"], before["org_id"]) == ("Ada", company), "as if it were the one"

    redone = undo(world, undone)
    assert not redone.changes.filter(state="written").exists()
    words = set(redone.changes.values_list("state", "words"))
    assert words == {("skipped", "another record has taken its place since")}
    undo(world, redone)
    after = world.crm.person(person)
    assert (after["name"], after["org_id"]) == ("Ada", company)
    assert world.crm.organization(company)["name"] == "Looms"
