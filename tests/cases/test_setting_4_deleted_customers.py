"""Setting 4: what becomes of the person of a customer that was deleted in Chargebee."""

import pytest
from sheet import Outcome, Row
from story import Story, is_deleted, loses_person


def is_deleted_and_loses_person(story: Story, customer: str) -> None:
    is_deleted(story, customer)
    loses_person(story, customer)


ROWS = [
    Row(
        "by default the person of a deleted customer is flagged and keeps all else",
        customer={"first_name": "Ada"},
        later=is_deleted,
        comes_to="updated",
        shows={"name": "Ada", "CB Customer Status": "Deleted"},
    ),
    Row("the person of a living one is active", shows={"CB Customer Status": "Active"}),
    Row(
        "the person of a deleted customer that is gone is not made again",
        later=is_deleted_and_loses_person,
        comes_to="skipped",
        shows=None,
    ),
    Row(
        "with leave the person stays as it is",
        settings={"deleted_customers": "leave"},
        customer={"first_name": "Ada"},
        later=is_deleted,
        comes_to="skipped",
        shows={"name": "Ada", "CB Customer Status": "Active"},
    ),
    *(
        Row(
            f"with {choice} a customer deleted before it was linked is never matched",
            settings={"deleted_customers": choice},
            before={"name": "Ada of ours"},
            given=is_deleted,
            comes_to="skipped",
            shows=None,
        )
        for choice in ("flag", "leave", "delete")
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_becomes_of_a_person(row: Row, outcome: Outcome):
    outcome.check(row)


def gone(story: Story, **settings: object) -> None:
    """Two customers of Acme were synced; then Ada was deleted in Chargebee."""
    story.given(organizations=True, **settings)
    story.customer("ada", first_name="Ada", company="Acme")
    story.customer("bob", first_name="Bob", company="Acme")
    story.full()
    story.billing.delete_customer("ada")


def test_an_organization_is_deleted_with_its_last_customer_and_active_with_the_next(story: Story):
    gone(story)
    story.hourly()
    story.organization_shows("Acme", {"CB Status": "Active"})
    story.billing.delete_customer("bob")
    story.hourly(approved=True)
    story.organization_shows("Acme", {"CB Status": "Deleted"})
    story.customer("cem", company="Acme")
    story.hourly()
    story.organization_shows("Acme", {"CB Status": "Active"})


def test_it_is_deleted_with_a_customer_that_never_had_a_person(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.customer("bob", company="Acme", email=None)
    assert story.full() == "1 created, 1 failed"
    story.billing.delete_customer("ada")
    story.hourly()
    story.organization_shows("Acme", {"CB Status": "Active"})
    story.billing.delete_customer("bob")
    assert story.hourly() == "1 skipped"
    story.organization_shows("Acme", {"CB Status": "Deleted"})
    story.customer("cem", company="Acme", email=None)
    assert story.hourly() == "1 failed"
    story.organization_shows("Acme", {"CB Status": "Active"})
    assert story.hourly() == "1 failed"
    assert story.wrote() == []


@pytest.mark.parametrize("email", ["bob@x.co", None])
def test_an_organization_that_is_gone_is_not_made_again_for_the_deleted(
    story: Story, email: str | None
):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.customer("bob", company="Acme", email=email)
    story.full()
    story.billing.delete_customer("ada")
    story.hourly()
    (made,) = story.crm.organizations()
    story.crm.delete_organization(made["id"])
    story.billing.delete_customer("bob")
    story.hourly()
    assert story.organizations() == []
    story.customer("cem", company="Acme")
    story.hourly()
    story.organization_shows("Acme", {"CB Status": "Active"})
    story.shows("cem", {"organization": "Acme"})


def test_nothing_is_asked_or_made_for_a_company_of_nobody_who_syncs(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme", email=None)
    story.full()
    story.billing.delete_customer("ada")
    story.hourly()
    assert (story.organizations(), story.wrote()) == ([], [])


def test_with_leave_person_and_organization_stay_as_they_are(story: Story):
    gone(story, deleted_customers="leave")
    story.billing.delete_customer("bob")
    assert story.hourly() == "2 skipped"
    story.shows("ada", {"name": "Ada", "CB Customer Status": "Active"})
    story.organization_shows("Acme", {"CB Status": "Active"})


def test_with_delete_the_run_asks_and_then_deletes_the_person(story: Story):
    gone(story, deleted_customers="delete")
    assert story.hourly().startswith("waiting: ")
    assert story.people() == ["Ada", "Bob"]
    story.yes()
    assert story.people() == ["Bob"]
    story.organization_shows("Acme", {"CB Status": "Active"})


def test_with_delete_the_last_customer_gone_marks_the_organization_but_keeps_it(story: Story):
    gone(story, deleted_customers="delete")
    story.billing.delete_customer("bob")
    story.hourly(approved=True)
    assert story.people() == []
    story.organization_shows("Acme", {"CB Status": "Deleted"})


def test_a_customer_deleted_before_it_was_linked_is_never_made(story: Story):
    story.given(deleted_customers="delete", organizations=True)
    story.has_person("Ada of ours", email="ada@x.co")
    for name in ("ada", "bob"):
        story.customer(name, company="Acme")
        story.billing.delete_customer(name)
    assert story.full(approved=False) == "2 skipped"
    assert (story.people(), story.wrote(), story.errors()) == (["Ada of ours"], [], [])
