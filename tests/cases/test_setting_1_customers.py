"""Setting 1: all customers, or only those with subscriptions; and its half of rule 18."""

import pytest
from sheet import Outcome, Row
from story import Story

ONLY = {"customers": "with_subscriptions"}
STATUSES = ("future", "in_trial", "active", "non_renewing", "paused", "cancelled")

ROWS = [
    Row("by default a customer without a subscription is synced", shows={"name": "c0@x.co"}),
    *(
        Row(
            f"with subscriptions only, one that is {status} will do",
            settings=ONLY,
            customer={"first_name": "Ada"},
            subscriptions=({"status": status},),
            shows={"name": "Ada"},
        )
        for status in STATUSES
    ),
    Row(
        "with subscriptions only, a customer without one is an error and has no person",
        settings=ONLY,
        error="no_subscription",
    ),
    Row(
        "with subscriptions only, one that was transferred does not count",
        settings=ONLY,
        subscriptions=({"status": "transferred"},),
        error="no_subscription",
    ),
    Row(
        "with subscriptions only, one that was deleted does not count",
        settings=ONLY,
        subscriptions=({"status": "active", "deleted": True},),
        error="no_subscription",
    ),
    Row(
        "with subscriptions only, a deleted one beside a living one does no harm",
        settings=ONLY,
        customer={"first_name": "Ada"},
        subscriptions=({"deleted": True}, {"status": "cancelled"}),
        shows={"name": "Ada"},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_which_customers_are_synced(row: Row, outcome: Outcome):
    outcome.check(row)


def test_a_customer_that_gets_its_first_subscription_is_made_and_its_error_is_over(story: Story):
    story.given(**ONLY)
    story.customer("ada")
    assert story.full() == "1 failed"
    story.subscription("ada")
    assert story.hourly() == "1 created"
    assert (story.errors(), story.errors("resolved")) == ([], ["no_subscription ada"])


def test_a_customer_that_loses_its_last_subscription_keeps_syncing_once_linked(story: Story):
    story.given(**ONLY)
    story.customer("ada", first_name="Ada")
    sold = story.subscription("ada", mrr=4900)
    story.full()
    story.billing.delete_subscription(sold)
    story.changes("ada", first_name="Ida")
    assert story.hourly() == "1 updated"
    story.shows("ada", {"name": "Ida", "CB Customer MRR": "0 USD"})
    assert story.errors() == []


def test_a_customer_synced_before_the_setting_keeps_syncing_without_a_subscription(story: Story):
    story.customer("ada", first_name="Ada")
    story.full()
    story.given(**ONLY)
    story.changes("ada", first_name="Ida")
    assert story.hourly() == "1 updated"
    story.shows("ada", {"name": "Ida"})
