"""Setting 0: all business entities, or a chosen list."""

import pytest
from sheet import Outcome, Row
from story import Story

from chargepipe.domain.settings import SettingsError

CHOSEN = {"business_entities": ["be_main", "be_emea"]}

ROWS = [
    Row(
        "a customer of a chosen entity is synced and its person shows the entity",
        settings=CHOSEN,
        customer={"business_entity_id": "be_emea"},
        comes_to="created",
        shows={"CB Business Entity": "be_emea"},
    ),
    Row(
        "a customer of an entity that is not chosen is skipped, not an error",
        settings=CHOSEN,
        customer={"business_entity_id": "be_apac"},
        comes_to="skipped",
        shows=None,
    ),
    Row(
        "with all entities a customer of any is synced",
        customer={"business_entity_id": "be_apac"},
        comes_to="created",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_which_entities_are_synced(row: Row, outcome: Outcome):
    outcome.check(row)


def test_with_all_entities_every_customer_is_synced_and_no_entity_is_written(story: Story):
    story.given(organizations=True)
    story.customer("ada", business_entity_id="be_main")
    story.customer("bob", business_entity_id="be_emea")
    assert story.full() == "2 created"
    assert "CB Business Entity" not in story.fields("person") + story.fields("organization")


def test_with_a_list_the_entity_is_written_on_the_person_and_the_organization(story: Story):
    story.given(business_entities=["be_main", "be_emea"], organizations=True)
    story.customer("ada", business_entity_id="be_emea", company="Acme")
    story.full()
    story.shows("ada", {"CB Business Entity": "be_emea"})
    story.organization_shows("Acme", {"CB Business Entity": "be_emea"})


def test_a_customer_of_an_entity_that_is_chosen_later_comes_with_the_next_full_sync(story: Story):
    story.given(business_entities=["be_main"])
    story.customer("bob", business_entity_id="be_emea")
    assert story.full() == "1 skipped"
    story.given(business_entities=["be_main", "be_emea"])
    assert story.hourly() == "nobody", "a change of settings touches only what syncs from then on"
    assert story.full() == "1 created"


def test_a_linked_customer_whose_entity_is_taken_off_the_list_is_left_as_it_is(story: Story):
    story.given(business_entities=["be_main", "be_emea"])
    story.customer("bob", business_entity_id="be_emea", first_name="Bob")
    story.full()
    story.given(business_entities=["be_main"])
    story.changes("bob", first_name="Rob")
    assert story.hourly() == "1 skipped"
    story.shows("bob", {"name": "Bob", "CB Customer Status": "Active"})


def test_an_organization_goes_with_its_customer_to_another_entity(story: Story):
    story.given(business_entities=["be_main", "be_emea"], organizations=True)
    # Whichever of a copy and what it left has the higher id: it is the living one that tells.
    for old in ("0", "zz"):
        story.customer(old, business_entity_id="be_main", company=f"Acme {old}")
    story.full()
    copies = [story.sandbox.customers.transfer(old, "be_emea")["id"] for old in ("0", "zz")]
    story.hourly()
    for old in ("0", "zz"):
        expected = {"CB Business Entity": "be_emea", "CB Status": "Active"}
        story.organization_shows(f"Acme {old}", expected)
    for copy in copies:
        story.billing.delete_customer(copy)
    story.hourly()
    for old in ("0", "zz"):
        story.organization_shows(f"Acme {old}", {"CB Status": "Deleted"})


def test_an_organization_whose_customer_goes_to_an_entity_that_is_not_chosen_stays(story: Story):
    story.given(business_entities=["be_main"], organizations=True, subscription_data="organization")
    story.customer("ada", business_entity_id="be_main", company="Acme")
    story.subscription("ada")
    story.full()
    copy = story.sandbox.customers.transfer("ada", "be_apac")["id"]
    story.hourly()
    story.billing.delete_customer(copy)
    story.hourly()
    shown = {"CB Business Entity": "be_main", "CB Status": "Active", "CB MRR": "49 USD"}
    story.organization_shows("Acme", shown)


@pytest.mark.parametrize(("number", "fits"), [(1, True), (30, True), (31, False)])
def test_up_to_thirty_entities_can_be_chosen(story: Story, number: int, fits: bool):
    entities = [f"be_{each}" for each in range(number)]
    if fits:
        story.given(business_entities=entities)
        return
    with pytest.raises(SettingsError, match="30"):
        story.given(business_entities=entities)
