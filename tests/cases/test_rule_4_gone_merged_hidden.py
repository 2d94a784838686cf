"""Section 5, rule 4: a linked person or organization that is deleted, merged or hidden."""

import pytest
from sheet import Outcome, Row
from story import Story, loses_person

from chargepipe.sandbox import Options


def replaced(story: Story, customer: str) -> None:
    """The person is deleted, and somebody makes another one by hand."""
    loses_person(story, customer)
    story.has_person("By hand", email=f"{customer}@x.co", phone="+15550100")


def merged(story: Story, customer: str) -> None:
    """The person is merged into another one."""
    winner = story.has_person("Winner", email="w@x.co", phone="+15550101")
    story.crm.merge_persons(story.link(customer) or 0, winner)


def loses_person_and_is_modified(story: Story, customer: str) -> None:
    loses_person(story, customer)
    story.changes(customer, first_name="Ida")


ROWS = [
    Row(
        "a deleted person is made again at the next sync",
        customer={"id": "ada", "email": "ada@x.co", "first_name": "Ada"},
        later=loses_person,
        comes_to="created",
        shows={"name": "Ada", "emails": ["ada@x.co"], "CB Customer ID": "ada"},
    ),
    Row(
        "another person with the key is taken before one is made",
        customer={"id": "bob", "email": "bob@x.co", "first_name": "Bob"},
        later=replaced,
        comes_to="updated",
        shows={"name": "Bob", "phones": ["+15550100"], "CB Customer ID": "bob"},
    ),
    Row(
        "the link of a merged person moves to the winner",
        customer={"id": "cem", "first_name": "Cem"},
        later=merged,
        comes_to="updated",
        shows={"name": "Cem", "phones": ["+15550101"], "CB Customer ID": "cem"},
    ),
    Row(
        "by choice a deleted person is left so",
        settings={"deleted_persons": "leave"},
        later=loses_person,
        comes_to="skipped",
        shows=None,
    ),
    Row(
        "by choice a deleted person is left so though its customer is modified",
        settings={"deleted_persons": "leave"},
        later=loses_person_and_is_modified,
        comes_to="skipped",
        shows=None,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_becomes_of_a_person(row: Row, outcome: Outcome):
    outcome.check(row)


def ada(story: Story, **settings: object) -> int:
    """Ada was synced, at Acme; the id of her person."""
    story.given(organizations=True, **settings)
    story.customer("ada", first_name="Ada", company="Acme")
    story.full()
    return story.link("ada") or 0


def test_it_is_made_again_once(story: Story):
    story.crm.delete_person(ada(story))
    story.hourly()
    assert story.hourly() == "nobody"
    assert story.people() == ["Ada"]


def test_a_hidden_person_is_an_error_and_no_second_one_is_made(transactional_db: None):
    story = Story(options=Options(hidden="403"))
    person = ada(story)
    story.crm.hide("person", person)
    assert story.hourly() == "1 failed"
    assert (story.errors(), len(story.people())) == (["hidden_person ada"], 1)
    story.crm.show("person", person)
    assert story.hourly() == "1 unchanged"
    assert story.errors() == []


def without_acme(story: Story) -> None:
    """Ada was synced; then somebody deleted her organization."""
    ada(story)
    (acme,) = story.crm.organizations()
    story.crm.delete_organization(acme["id"])


def test_a_deleted_organization_is_made_again_by_name_when_its_person_is_written(story: Story):
    without_acme(story)
    story.changes("ada", phone="+4930901820")
    story.hourly()
    assert story.organizations() == ["Acme"]
    story.shows("ada", {"organization": "Acme"})
    story.organization_shows("Acme", {"CB Status": "Active"})


def test_a_deleted_organization_is_made_again_by_name_for_the_next_customer_of_the_company(
    story: Story,
):
    without_acme(story)
    story.customer("bob", company="Acme")
    story.hourly()
    assert story.organizations() == ["Acme"]
    story.shows("bob", {"organization": "Acme"})


def test_another_organization_of_the_name_is_taken_before_one_is_made(story: Story):
    without_acme(story)
    other = story.has_organization("ACME")
    story.customer("bob", company="Acme")
    story.hourly()
    assert [row["id"] for row in story.crm.organizations()] == [other]
    story.shows("bob", {"organization": "ACME"})
