"""Setting 2: create people."""

import pytest
from sheet import Outcome, Row
from story import Story, loses_person

OFF = {"create_people": False, "organizations": True}

ROWS = [
    Row(
        "by default a customer with no match gets a person",
        customer={"id": "ada", "email": "ada@x.co", "first_name": "Ada"},
        comes_to="created",
        shows={"name": "Ada", "emails": ["ada@x.co"], "CB Customer ID": "ada"},
    ),
    Row(
        "with create people off, a customer with no match is skipped, not an error",
        settings=OFF,
        comes_to="skipped",
        shows=None,
    ),
    Row(
        "with create people off, a customer with a match is linked and its person written",
        settings=OFF,
        before={"name": "Kay"},
        customer={"first_name": "Katherine", "company": "Acme"},
        comes_to="updated",
        shows={"name": "Katherine", "organization": "Acme"},
    ),
    Row(
        "with create people off, a person that was deleted is not made again",
        settings=OFF,
        before={"name": "Kay"},
        later=loses_person,
        comes_to="skipped",
        shows=None,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_who_gets_a_person(row: Row, outcome: Outcome):
    outcome.check(row)


def test_with_create_people_off_no_organization_is_made_and_the_run_says_whom_it_skipped(
    story: Story,
):
    story.given(**OFF)
    for name in ("ada", "bob"):
        story.customer(name, company="Acme")
    assert story.full() == "2 skipped"
    assert (story.people(), story.organizations(), story.errors()) == ([], [], [])
    assert story.last is not None
    assert "Skipped: 2" in story.last.message
    assert "create_people" in story.last.message


def test_with_create_people_off_a_person_that_appears_later_is_found_by_a_full_sync(story: Story):
    story.given(**OFF)
    story.customer("ada", first_name="Ada")
    story.full()
    late = story.has_person("A. L.", email="ada@x.co")
    assert story.full() == "1 updated"
    assert story.link("ada") == late
