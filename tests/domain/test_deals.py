"""The deal that a subscription or a one-time invoice makes (settings 7 and 8)."""

from typing import Any

import pytest

from chargepipe.domain.deals import NoDeal, deal_key, invoice_deal, split_key, subscription_deal
from chargepipe.domain.money import Money
from chargepipe.domain.pipelines import Place
from chargepipe.domain.targets import DealTarget, Standing
from domain.builders import customer, invoice, plan, settings, subscription
from domain.test_pipelines import facts

ADA = customer("ada", first_name="Ada", company="Engines", preferred_currency_code="GBP")
DAY = 86_400


def of_subscription(chosen: dict[str, Any] | None = None, /, **attributes: Any) -> Any:
    items = [plan(4900), {"item_price_id": "seat", "item_type": "addon", "amount": 1000}]
    own = subscription(**{"subscription_items": items, **attributes})
    rules = settings(**{"subscription_deals": {"enabled": True, "pipeline": 1}, **(chosen or {})})
    return subscription_deal(own, ADA, rules, facts())


def with_deals(**deals: Any) -> dict[str, Any]:
    return {"subscription_deals": {"enabled": True, **deals}}


def of_invoice(chosen: dict[str, Any] | None = None, /, **attributes: Any) -> Any:
    own = invoice(**{"recurring": False, "total": 9900, "currency_code": "EUR", **attributes})
    rules = settings(**{"invoice_deals": {"enabled": True, "pipeline": 1}, **(chosen or {})})
    return invoice_deal(own, ADA, rules, facts())


@pytest.mark.parametrize(
    ("status", "times", "standing", "close"),
    [
        ("future", {"start_date": 10 * DAY}, Standing("open"), "1970-01-11"),
        ("in_trial", {"trial_end": 20 * DAY}, Standing("open"), "1970-01-21"),
        ("active", {"activated_at": DAY}, Standing("won", "1970-01-02T00:00:00Z"), None),
        ("non_renewing", {"started_at": DAY}, Standing("won", "1970-01-02T00:00:00Z"), None),
        ("paused", {"created_at": DAY}, Standing("won", "1970-01-02T00:00:00Z"), None),
        (
            "cancelled",
            {"cancelled_at": DAY, "cancel_reason": "not_paid", "cancel_reason_code": "Too dear"},
            Standing("lost", "1970-01-02T00:00:00Z", "Too dear"),
            None,
        ),
        ("cancelled", {"cancel_reason": "not_paid"}, Standing("lost", None, "not_paid"), None),
    ],
)
def test_the_status_decides_how_a_subscription_stands(
    status: str, times: dict[str, Any], standing: Standing, close: str | None
):
    made = of_subscription(status=status, **times)
    assert (made.standing, made.expected_close) == (standing, close)


def test_activated_goes_before_started_and_that_before_created():
    made = of_subscription(activated_at=3 * DAY, started_at=2 * DAY, created_at=DAY)
    assert made.standing.time == "1970-01-04T00:00:00Z"


@pytest.mark.parametrize(
    ("status", "words"),
    [("transferred", "no deal in the status transferred"), ("rumoured", "does not know")],
)
def test_a_status_without_a_rule_makes_no_deal(status: str, words: str):
    made = of_subscription(status=status)
    assert isinstance(made, NoDeal)
    assert words in made.words


def test_a_chosen_stage_is_where_a_deal_begins_and_is_moved_to():
    rules = with_deals(pipeline=1, status={"in_trial": {"stage": "Demo", "status": "open"}})
    made = of_subscription(rules, status="in_trial")
    assert (made.place, made.moves) == (Place(1, 11), True)
    made = of_subscription(rules, status="active")
    assert (made.place, made.moves) == (Place(1, 10), False)


@pytest.mark.parametrize(
    ("basis", "attributes", "amount"),
    [
        ("amount", {}, 5900),
        ("mrr", {"mrr": 700}, 700),
        ("arr", {"mrr": 700}, 8400),
        ("mrr", {}, 0),
        ("mrr", {"status": "in_trial", "billing_period": 2, "billing_period_unit": "month"}, 2950),
        ("arr", {"status": "cancelled", "billing_period": 1, "billing_period_unit": "year"}, 5900),
        ("mrr", {"status": "future", "mrr": 650}, 650),
        ("mrr", {"status": "future"}, 0),
    ],
)
def test_the_value_is_the_period_the_mrr_or_twelve_times_that(
    basis: str, attributes: dict[str, Any], amount: int
):
    made = of_subscription(with_deals(pipeline=1, value=basis), **attributes)
    assert made.value == Money(amount, "EUR")


def test_a_subscription_shows_its_own_fields_and_those_that_were_chosen():
    chosen = with_deals(pipeline=1) | {
        "additional_fields": [
            {"from": "subscription.cf_seats", "to": "deal.Seats", "type": "number"},
            {"from": "customer.cf_tier", "to": "deal.Tier"},
            {"from": "customer.cf_tier", "to": "person.Tier"},
        ],
        "time_zone": "Asia/Tokyo",
        "organizations": True,
    }
    made = of_subscription(chosen, next_billing_at=DAY - 1, cf_seats="12")
    assert made.fields == {
        "CB Subscription ID": "s1",
        "CB Subscription Status": "Active",
        "CB Plan": "pro-eur",
        "CB Next Billing": "1970-01-02",
        "Seats": 12,
        "Tier": None,
    }
    assert (made.person, made.organization, made.title) == ("ada", "engines", "Engines - pro-eur")


def test_without_organizations_a_deal_names_none():
    assert of_subscription().organization is None


def test_a_deleted_subscription_only_says_so():
    made = of_subscription(deleted=True)
    assert not made.makes
    assert made.fields == {"CB Subscription Status": "Deleted"}
    assert made.as_json() == DealTarget.from_json(made.as_json()).as_json()
    left = of_subscription({"deleted_customers": "leave"}, deleted=True)
    assert isinstance(left, NoDeal)


def test_the_old_copy_of_a_transferred_subscription_makes_no_deal():
    assert isinstance(of_subscription(active_id="s2"), NoDeal)


@pytest.mark.parametrize(
    ("status", "times", "standing"),
    [
        ("posted", {}, Standing("open")),
        ("payment_due", {}, Standing("open")),
        ("not_paid", {}, Standing("open")),
        ("paid", {"paid_at": DAY}, Standing("won", "1970-01-02T00:00:00Z")),
        (
            "voided",
            {"voided_at": DAY, "void_reason_code": "Mistake"},
            Standing("lost", "1970-01-02T00:00:00Z", "Mistake"),
        ),
    ],
)
def test_the_status_decides_how_an_invoice_stands(
    status: str, times: dict[str, Any], standing: Standing
):
    made = of_invoice(status=status, due_date=5 * DAY, amount_due=400, **times)
    assert (made.standing, made.expected_close) == (standing, "1970-01-06")
    assert (made.value, made.title) == (Money(9900, "EUR"), "Engines - i1")
    assert made.fields == {
        "CB Invoice ID": "i1",
        "CB Invoice Status": status.replace("_", " ").capitalize(),
        "CB Due": Money(400, "EUR"),
    }


@pytest.mark.parametrize(
    "attributes",
    [
        {"status": "pending"},
        {"status": "paid", "total": 0},
        {"status": "paid", "recurring": True},
        {"status": "paid", "subscription_id": "s1"},
        {"status": "paid", "line_items": [{"subscription_id": "s1"}]},
    ],
)
def test_pending_empty_and_subscription_invoices_make_no_deal(attributes: dict[str, Any]):
    assert isinstance(of_invoice(**attributes), NoDeal)


def test_a_deleted_invoice_only_says_so():
    made = of_invoice(deleted=True)
    assert (made.makes, made.fields) == (False, {"CB Invoice Status": "Deleted"})


def test_without_a_currency_an_amount_is_the_customers():
    made = of_invoice(status="paid", currency_code=None)
    assert made.value == Money(9900, "GBP")


def test_a_target_is_its_json():
    for made in (of_subscription(status="in_trial", trial_end=DAY), of_invoice(status="paid")):
        assert DealTarget.from_json(made.as_json()) == made


def test_ids_of_subscriptions_and_invoices_never_meet():
    assert deal_key("invoice", "7") != deal_key("subscription", "7")
    assert split_key(deal_key("invoice", "a:b")) == ("invoice", "a:b")
