"""Setting 15: owner, visibility and label of new records."""

from typing import Any

import pytest
from story import Story

ADMIN, SAM = 101, 102


def made_and_found(story: Story, **settings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ada is new; Kay was there: both as Pipedrive holds them after a full sync."""
    story.given(organizations=True, **settings)
    kay = story.has_person("Kay", email="kay@x.co")
    story.customer("ada", company="Acme")
    story.customer("kay", first_name="Katherine")
    story.full()
    return story.crm.person(story.link("ada") or 0), story.crm.person(kay)


def test_by_default_the_connecting_user_owns_them(story: Story):
    ada, kay = made_and_found(story)
    assert (ada["owner_id"], kay["owner_id"]) == (ADMIN, ADMIN)
    assert ada["label_ids"] == []


def test_a_chosen_user_owns_new_people_and_organizations_and_none_that_were_there(story: Story):
    ada, kay = made_and_found(story, owner="sam@sandbox.example")
    (acme,) = story.crm.organizations()
    assert (ada["owner_id"], acme["owner_id"], kay["owner_id"]) == (SAM, SAM, ADMIN)


def test_a_chosen_visibility_is_that_of_new_people_and_organizations_only(story: Story):
    ada, kay = made_and_found(story, visibility="owner")
    (acme,) = story.crm.organizations()
    assert (ada["visible_to"], acme["visible_to"]) == (1, 1)
    assert kay["visible_to"] != 1


def test_a_chosen_label_is_put_on_new_people_only(story: Story):
    label = story.crm.add_label("person", "From Billing")["id"]
    ada, kay = made_and_found(story, label="From Billing")
    assert (ada["label_ids"], kay["label_ids"]) == ([label], [])


@pytest.mark.parametrize("choice", [{"owner": "nobody@x.co"}, {"label": "No Such Label"}])
def test_an_owner_or_label_that_is_not_there_ends_the_run_before_it_writes(
    story: Story, choice: dict[str, str]
):
    story.given(**choice)
    story.customer("ada")
    assert story.full().startswith("failed: ")
    assert story.wrote() == []
