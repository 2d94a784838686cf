"""Section 5, rule 7: ignore until modified, un-ignore, retry."""

from story import Story

from chargepipe.actions import errors
from chargepipe.store.models import SyncError


def ignored(story: Story, reason: str = "") -> None:
    """Ada has no email, and that error is ignored."""
    story.given(organizations=True)
    story.customer("ada", email=None, company="Acme")
    story.full()
    errors.ignore("acme", None, reason)


def test_an_ignored_error_is_off_the_list_and_its_customer_is_skipped(story: Story):
    ignored(story)
    assert story.full() == "1 skipped"
    assert (story.errors(), story.errors("ignored")) == ([], ["no_match_key ada"])
    assert (story.people(), story.organizations()) == ([], [])


def test_it_says_why_it_was_ignored(story: Story):
    ignored(story, "a test customer")
    assert SyncError.objects.get().reason == "a test customer"


def test_it_is_back_when_the_customer_is_modified_in_chargebee(story: Story):
    ignored(story)
    story.changes("ada", first_name="Ada")
    assert story.hourly() == "1 failed"
    assert story.errors() == ["no_match_key ada"]


def test_a_new_subscription_alone_is_no_modification_of_the_customer(story: Story):
    ignored(story)
    story.subscription("ada")
    assert story.hourly() == "1 skipped"
    assert story.errors() == []


def test_modified_so_that_it_fits_it_syncs(story: Story):
    ignored(story)
    story.changes("ada", email="ada@x.co")
    assert story.hourly() == "1 created"
    assert story.errors("resolved") == ["no_match_key ada"]


def test_un_ignored_it_stands_in_the_list_and_is_tried_again(story: Story):
    ignored(story)
    errors.unignore("acme", None)
    assert story.errors() == ["no_match_key ada"]
    assert story.hourly() == "1 failed"


def test_single_errors_can_be_ignored(story: Story):
    for name in ("ada", "bob"):
        story.customer(name, email=None)
    story.full()
    errors.ignore("acme", [SyncError.objects.get(source_key="ada").pk])
    assert story.full() == "1 skipped, 1 failed"
    assert story.errors() == ["no_match_key bob"]


def test_open_errors_are_retried_in_every_run(story: Story):
    first = story.has_person("First", email="ada@x.co")
    second = story.has_person("Second", email="ada@x.co")
    story.customer("ada")
    assert story.full() == "1 failed"
    assert story.hourly() == "1 failed"
    story.crm.delete_person(second)
    assert story.hourly() == "1 updated"
    assert (story.link("ada"), story.errors()) == (first, [])
