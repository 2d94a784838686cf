"""Setting 5: subscription data on the person or on the organization."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sheet import Outcome, Row
from story import Story

from chargepipe.domain.settings import SettingsError

ON = {"subscription_data": "person"}
FIELDS = (
    *("CB Subscription Status", "CB Plan", "CB MRR", "CB Next Billing", "CB Trial End"),
    *("CB Term End", "CB Cancelled On", "CB Active Subscriptions"),
)
LABELS = {
    "active": "Active",
    "non_renewing": "Non renewing",
    "in_trial": "In trial",
    "future": "Future",
    "paused": "Paused",
    "cancelled": "Cancelled",
}


def at(text: str) -> int:
    """Unix seconds of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def plan(name: str, mrr: int = 100) -> dict[str, object]:
    item = {"item_price_id": name, "item_type": "plan", "amount": mrr}
    return {"subscription_items": [item], "mrr": mrr}


ROWS = [
    Row(
        "of one subscription everything is written",
        settings=ON,
        subscriptions=(
            {
                **plan("gold-monthly", 4900),
                "status": "active",
                "next_billing_at": at("2026-12-01 12:00"),
                "trial_end": at("2026-10-01 12:00"),
                "current_term_end": at("2026-12-01 12:00"),
            },
        ),
        shows={
            "CB Subscription Status": "Active",
            "CB Plan": "gold-monthly",
            "CB MRR": "49 USD",
            "CB Next Billing": "2026-12-01",
            "CB Trial End": "2026-10-01",
            "CB Term End": "2026-12-01",
            "CB Cancelled On": None,
            "CB Active Subscriptions": 1,
        },
    ),
    Row(
        "without a subscription there is nothing to show, and none is active",
        settings=ON,
        shows={
            **dict.fromkeys(FIELDS),
            "CB MRR": "0 USD",
            "CB Active Subscriptions": 0,
        },
    ),
    Row(
        "a cancelled subscription shows when it was cancelled",
        settings=ON,
        subscriptions=({"status": "cancelled", "cancelled_at": at("2026-10-05 12:00")},),
        shows={
            "CB Subscription Status": "Cancelled",
            "CB Cancelled On": "2026-10-05",
            "CB Active Subscriptions": 0,
        },
    ),
    Row(
        "of several the sum and the count are over all",
        settings=ON,
        subscriptions=({"mrr": 100}, {"mrr": 200}, {"mrr": 400, "status": "cancelled"}),
        shows={"CB MRR": "3 USD", "CB Active Subscriptions": 2},
    ),
    Row(
        "a deleted subscription neither leads nor counts",
        settings=ON,
        subscriptions=({"status": "paused", "mrr": 100}, {"mrr": 200, "deleted": True}),
        shows={
            "CB Subscription Status": "Paused",
            "CB MRR": "1 USD",
            "CB Active Subscriptions": 0,
        },
    ),
    *(
        Row(
            f"one that is {better} leads before a newer one that is {worse}",
            settings=ON,
            subscriptions=({"status": better, **plan("a")}, {"status": worse, **plan("b")}),
            shows={"CB Subscription Status": LABELS[better], "CB Plan": "a"},
        )
        for better, worse in pairwise(LABELS)
    ),
    Row(
        "of two that are active the newer one leads",
        settings=ON,
        subscriptions=(plan("older"), plan("newer")),
        shows={"CB Plan": "newer"},
    ),
    Row(
        "dates are taken in UTC",
        settings=ON,
        subscriptions=({"next_billing_at": at("2026-12-31 23:30")},),
        shows={"CB Next Billing": "2026-12-31"},
    ),
    Row(
        "east of Greenwich the site's new year has begun already",
        settings={**ON, "time_zone": "Europe/Berlin"},
        subscriptions=({"next_billing_at": at("2026-12-31 23:30")},),
        shows={"CB Next Billing": "2027-01-01"},
    ),
    Row(
        "west of Greenwich the site's old year is not over yet",
        settings={**ON, "time_zone": "America/New_York"},
        subscriptions=({"next_billing_at": at("2027-01-01 04:30")},),
        shows={"CB Next Billing": "2026-12-31"},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_a_person_shows_of_subscriptions(row: Row, outcome: Outcome):
    outcome.check(row)


def test_by_default_no_subscription_data_is_written(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.subscription("ada")
    story.full()
    assert set(FIELDS).isdisjoint(story.fields("person") + story.fields("organization"))


def test_on_the_organization_it_is_over_all_customers_of_the_company(story: Story):
    story.given(organizations=True, subscription_data="organization")
    for name, amount in (("ada", 100), ("bob", 200)):
        story.customer(name, company="Acme")
        story.subscription(name, **plan(name, amount))
    story.full()
    shows = {"CB MRR": "3 USD", "CB Active Subscriptions": 2, "CB Plan": "bob"}
    story.organization_shows("Acme", shows)
    assert set(FIELDS).isdisjoint(story.fields("person"))


def test_on_the_organization_it_follows_a_subscription_that_changes(story: Story):
    story.given(organizations=True, subscription_data="organization")
    story.customer("ada", company="Acme")
    sold = story.subscription("ada", mrr=100)
    story.full()
    story.billing.edit_subscription(sold, status="cancelled", mrr=0)
    story.hourly()
    shows = {"CB Subscription Status": "Cancelled", "CB MRR": "0 USD"}
    story.organization_shows("Acme", {**shows, "CB Active Subscriptions": 0})


def test_on_the_organization_it_needs_organizations(story: Story):
    with pytest.raises(SettingsError, match="organizations"):
        story.given(subscription_data="organization")
