"""Deals at their edges: what a record lacks, other currencies and time zones, cleared customers."""

from collections.abc import Iterator
from time import tzset
from typing import Any

import pytest

from chargepipe.domain.deals import DealTarget, deal_of
from chargepipe.domain.held import FieldMap
from chargepipe.domain.held_deal import decode_deal, encode_deal, time_text
from chargepipe.domain.money import Money
from chargepipe.domain.pipelines import Place
from chargepipe.domain.records import Invoice, Subscription
from chargepipe.domain.targets import Standing
from domain.builders import customer, invoice, settings, subscription
from domain.test_pipelines import facts

DAY = 86_400
TIER = {"from": "customer.cf_tier", "to": "deal.Tier"}
FIELDS = FieldMap({}, ())


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own time zone is nine hours ahead."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        tzset()
        yield
    tzset()


def made(
    record: Subscription | Invoice, title: str = "{id}", whose: Any = None, **chosen: Any
) -> Any:
    deals = {"enabled": True, "pipeline": 1, "title": title}
    rules = settings(subscription_deals=deals, invoice_deals=deals, **chosen)
    return deal_of(record, customer("ada", **(whose or {})), rules, facts())


def paid(**more: Any) -> Invoice:
    return invoice(**{"recurring": False, "status": "paid", "total": 9900, **more})


def test_a_deal_may_be_called_by_the_id_of_its_record():
    assert made(subscription()).title == "s1"
    assert made(paid()).title == "i1"


@pytest.mark.parametrize(
    ("preferred", "value"), [("GBP", Money(0, "GBP")), (None, Money(0, "USD"))]
)
def test_an_amount_without_a_currency_is_in_the_customers_else_in_dollars(
    preferred: str | None, value: Money
):
    whose = {"preferred_currency_code": preferred}
    assert made(subscription(currency_code=None), whose=whose).value == value
    assert made(paid(currency_code=None, total=5), whose=whose).value == Money(5, value.currency)


@pytest.mark.parametrize(("preferred", "currency"), [("GBP", "GBP"), (None, "EUR")])
def test_additional_amounts_are_in_the_currency_of_their_record(
    preferred: str | None, currency: str
):
    fields = [
        {"from": "subscription.plan_amount", "to": "deal.Price"},
        {"from": "invoice.tax", "to": "deal.Tax"},
        {"from": "customer.promotional_credits", "to": "deal.Credits"},
    ]
    whose = {"preferred_currency_code": preferred, "promotional_credits": 700}
    credits = Money(700, currency)
    own = made(subscription(plan_amount=4900), whose=whose, additional_fields=fields).fields
    assert (own["Price"], own["Credits"]) == (Money(4900, "EUR"), credits)
    bill = paid(tax=190, currency_code="EUR")
    fields_of_bill = made(bill, whose=whose, additional_fields=fields).fields
    assert (fields_of_bill["Tax"], fields_of_bill["Credits"]) == (Money(190, "EUR"), credits)


def test_an_additional_date_is_a_day_of_the_sites_time_zone():
    since = {"from": "customer.created_at", "to": "deal.Since"}
    whose = {"created_at": DAY - 1}
    deal = made(subscription(), whose=whose, additional_fields=[since], time_zone="Asia/Tokyo")
    assert deal.fields["Since"] == "1970-01-02"


def test_what_a_record_does_not_say_is_empty():
    lost = made(paid(status="voided", voided_at=DAY))
    assert lost.standing == Standing("lost", "1970-01-02T00:00:00Z", None)
    assert made(subscription()).fields["CB Plan"] is None


@pytest.mark.parametrize("status", ["active", "cancelled", "paused"])
def test_only_of_a_future_subscription_the_start_is_when_it_is_expected(status: str):
    assert made(subscription(status=status, start_date=DAY)).expected_close is None


@pytest.mark.parametrize("status", ["active", "non_renewing", "paused"])
def test_a_running_subscription_without_mrr_is_worth_none(status: str):
    rules = settings(subscription_deals={"enabled": True, "pipeline": 1, "value": "mrr"})
    row = {"status": status, "billing_period": 1, "billing_period_unit": "month"}
    items = [{"item_price_id": "pro", "item_type": "plan", "amount": 4900}]
    own = subscription(subscription_items=items, **row)
    made = deal_of(own, customer(), rules, facts())
    assert isinstance(made, DealTarget)
    assert made.value == Money(0, "EUR")


@pytest.mark.parametrize(
    ("record", "status", "title"),
    [
        (subscription(deleted=True), "CB Subscription Status", "ada: Active"),
        (subscription(deleted=True, status=None), "CB Subscription Status", "ada"),
        (invoice(recurring=False, deleted=True), "CB Invoice Status", "ada"),
    ],
)
def test_the_deal_of_a_deleted_record_loses_a_cleared_customers_name_and_fields(
    record: Subscription | Invoice, status: str, title: str
):
    cleared = {"pii_cleared": "cleared"}
    deal = made(record, "{name}: {status}", cleared, additional_fields=[TIER])
    assert deal == DealTarget(
        title=title,
        value=None,
        person=None,
        organization=None,
        place=None,
        moves=False,
        standing=None,
        expected_close=None,
        fields={status: "Deleted", "Tier": None},
        cleared=True,
    )


def test_every_part_of_a_target_survives_json():
    whole = DealTarget(
        title="A",
        value=Money(5, "EUR"),
        person="ada",
        organization="engines",
        place=Place(1, 10),
        moves=True,
        standing=Standing("lost", "2026-11-02T09:00:00Z", "Budget"),
        expected_close="2026-12-01",
        fields={"Tier": "gold"},
        cleared=True,
    )
    assert DealTarget.from_json(whole.as_json()) == whole


@pytest.mark.usefixtures("far_from_utc")
def test_times_are_in_utc_whatever_the_machines_own_time_zone():
    assert time_text("2026-11-02 09:00:00") == "2026-11-02T09:00:00Z"
    assert time_text("2026-11-02T09:00:00+09:00") == "2026-11-02T00:00:00Z"
    assert made(paid(paid_at=DAY)).standing.time == "1970-01-02T00:00:00Z"


def test_what_a_deal_holds_has_the_form_of_a_change():
    row = {"id": 1, "title": "A", "value": 5, "currency": "EUR", "pipeline_id": 1, "stage_id": 10}
    assert decode_deal({**row, "status": "open", "person_id": 5}, FIELDS).built_in() == {
        "title": "A",
        "value": {"amount": 500, "currency": "EUR"},
        "stage": {"pipeline": 1, "stage": 10},
        "status": {"status": "open", "time": None, "reason": None},
        "expected_close_date": None,
        "person": {"key": None, "id": 5},
        "organization": None,
    }


@pytest.mark.parametrize("value", [None, {"raw": "much"}])
def test_what_is_no_amount_is_not_written_as_a_value(value: Any):
    assert encode_deal({"value": value}, FIELDS) == {}
