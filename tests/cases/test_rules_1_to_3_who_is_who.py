"""Section 5, rules 1 to 3: link, mark and key; several matches; customers that share a key."""

import pytest
from sheet import Happening, Outcome, Row
from story import Story

from chargepipe.actions import decide, errors
from chargepipe.store.models import Link, Record, SyncError


def takes_the_email_of_another(story: Story, customer: str) -> None:
    story.has_person("Other", email="new@x.co")
    story.changes(customer, email="new@x.co")


def has_marked(mark: str, email: str) -> Happening:
    """Pipedrive has a person with this CB Customer ID."""

    def given(story: Story, _: str) -> None:
        story.has_person("M", email=email, custom_fields={story.codes["CB Customer ID"]: mark})

    return given


def gets_duplicates(story: Story, customer: str) -> None:
    for name in ("First", "Second"):
        story.has_person(name, email="twin@x.co")
    story.changes(customer, first_name="Ida")


ROWS = [
    Row(
        "a stored link wins over another person with the key",
        customer={"id": "ada", "email": "ada@x.co"},
        later=takes_the_email_of_another,
        comes_to="updated",
        shows={"CB Customer ID": "ada", "emails": ["new@x.co"]},
    ),
    Row(
        "a linked customer without a key keeps syncing",
        customer={"first_name": "Ada"},
        later={"email": None, "first_name": "Ida"},
        comes_to="updated",
        shows={"name": "Ida"},
    ),
    Row(
        "a mark links before the match key",
        given=has_marked("bob", "bobs@x.co"),
        before={"name": "Keyed", "email": "bob@x.co"},
        customer={"id": "bob", "email": "bob@x.co"},
        comes_to="updated",
        shows={"emails": ["bob@x.co", "bobs@x.co"]},
    ),
    Row(
        "a mark that only begins alike links nobody",
        given=has_marked("cem-1", "cems@x.co"),
        customer={"id": "cem", "email": "cem@x.co"},
        comes_to="created",
        shows={"emails": ["cem@x.co"]},
    ),
    Row(
        "duplicates that appear once it is linked are ignored",
        customer={"email": "twin@x.co", "first_name": "Ada"},
        later=gets_duplicates,
        comes_to="updated",
        shows={"name": "Ida"},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_which_person_a_customer_has(row: Row, outcome: Outcome):
    outcome.check(row)


def forget_links(story: Story) -> None:
    """The database is lost: Pipedrive still holds the marks."""
    Link.objects.all().delete()
    Record.objects.update(settled=0)


def twins(story: Story) -> list[int]:
    """Two people who both have Ada's email."""
    story.customer("ada", first_name="Ada", company="Acme")
    return [story.has_person(name, email="ada@x.co") for name in ("First", "Second")]


def test_when_the_database_is_lost_nobody_is_made_twice(story: Story):
    story.given(organizations=True)
    story.customer("ada", first_name="Ada", company="Acme")
    story.full()
    linked = story.link("ada")
    story.crm.edit_person(linked or 0, emails=[{"value": "changed@x.co"}])
    forget_links(story)
    story.full()
    assert (story.link("ada"), story.people(), story.organizations()) == (linked, ["Ada"], ["Acme"])


def test_several_people_that_match_are_an_error_that_lists_them_and_nothing_is_written(
    story: Story,
):
    story.given(organizations=True)
    both = twins(story)
    assert story.full() == "1 failed"
    assert story.errors() == ["ambiguous_person ada"]
    assert [each["id"] for each in SyncError.objects.get().candidates] == both
    assert (story.wrote(), story.organizations()) == ([], [])


def test_the_user_picks_one_of_them(story: Story):
    _, second = twins(story)
    story.full()
    decide.decide(SyncError.objects.get().pk, person=second, env=story.env)
    assert story.hourly() == "1 updated"
    assert (story.link("ada"), story.errors()) == (second, [])
    assert story.people() == ["First", "Ada"]


def test_the_user_has_a_new_one_made(story: Story):
    twins(story)
    story.full()
    decide.decide(SyncError.objects.get().pk, new=True, env=story.env)
    assert story.hourly() == "1 created"
    assert story.people() == ["First", "Second", "Ada"]


def test_the_user_ignores_it(story: Story):
    twins(story)
    story.full()
    errors.ignore("acme", None)
    assert story.full() == "1 skipped"
    assert (story.people(), story.errors()) == (["First", "Second"], [])


def test_an_error_that_gave_way_to_another_one_is_off_the_list(story: Story):
    story.given(organizations=True)
    first, second = twins(story)
    for name in ("Acme", "ACME"):
        story.has_organization(name)
    story.full()
    assert story.errors() == ["ambiguous_person ada"]
    story.crm.merge_persons(second, first)
    assert story.hourly() == "1 failed"
    assert story.errors() == ["ambiguous_organization ada"]
    assert story.errors("resolved") == ["ambiguous_person ada"]


def shared(story: Story, **settings: object) -> None:
    """Old was there first and was changed last; both have one email."""
    story.given(**settings)
    story.customer("old", email="both@x.co", first_name="Old")
    story.customer("new", email="both@x.co", first_name="New")


def test_customers_that_share_a_key_share_the_person_and_overwrite_it_in_turn(story: Story):
    shared(story)
    story.changes("old", first_name="Oldest")
    assert story.full() == "1 created, 1 updated"
    assert story.link("old") == story.link("new")
    story.shows("new", {"name": "Oldest", "CB Customer ID": "old"})
    story.changes("new", first_name="Newest")
    assert story.hourly() == "1 updated"
    story.shows("old", {"name": "Newest", "CB Customer ID": "new"})


def test_with_fail_each_of_them_is_an_error(story: Story):
    shared(story, shared_keys="fail")
    assert story.full() == "2 failed"
    assert (story.errors(), story.people()) == (["shared_key new", "shared_key old"], [])


def test_with_first_the_oldest_has_the_person_and_the_other_is_skipped(story: Story):
    shared(story, shared_keys="first")
    assert story.full() == "1 created, 1 skipped"
    assert (story.people(), story.link("new"), story.errors()) == (["Old"], None, [])
