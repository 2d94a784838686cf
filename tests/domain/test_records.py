import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.records import Customer, Invoice, Kind, Subscription, allowed

from .builders import customer, invoice, plan, subscription

SAMPLES = Path(os.path.realpath(__file__)).parents[3] / "shared" / "specs" / "samples"
PARSERS: dict[Kind, Any] = {
    "customer": Customer.parse,
    "subscription": Subscription.parse,
    "invoice": Invoice.parse,
}
TEXTS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "phone": "phone",
    "company": "company",
    "business_entity_id": "business_entity_id",
    "active_id": "active_id",
}


def test_a_full_customer_is_read():
    found = customer(
        "c 1/x",
        first_name="Jane",
        last_name="Doe",
        email="jane@acme.test",
        phone="030 901820",
        company="Acme",
        billing_address={"company": "Acme Billing", "country": "de"},
        preferred_currency_code="eur",
        business_entity_id="be1",
        active_id="c2",
        pii_cleared="cleared",
        deleted=True,
        created_at=100,
        updated_at=200,
        resource_version=200123,
    )
    assert found.id == "c 1/x"
    assert (found.first_name, found.last_name) == ("Jane", "Doe")
    assert (found.email, found.phone) == ("jane@acme.test", "030 901820")
    assert (found.company, found.billing_company) == ("Acme", "Acme Billing")
    assert (found.billing_country, found.preferred_currency) == ("DE", "EUR")
    assert (found.business_entity_id, found.active_id) == ("be1", "c2")
    assert found.pii_cleared
    assert found.deleted
    assert (found.created_at, found.updated_at, found.resource_version) == (100, 200, 200123)


def test_a_customer_with_nothing_but_an_id_is_read():
    found = customer()
    assert [getattr(found, name) for name in TEXTS] == [None] * len(TEXTS)
    assert found.billing_company is None
    assert found.billing_country is None
    assert not found.deleted
    assert not found.pii_cleared
    assert found.resource_version == 0


@pytest.mark.parametrize("key", TEXTS)
@pytest.mark.parametrize("value", [None, "", "  ", 5, True, {}, ["x"]])
def test_an_optional_text_that_is_none_reads_as_absent(key: str, value: Any):
    assert getattr(customer(**{key: value}), TEXTS[key]) is None


def test_texts_lose_their_outer_blanks():
    assert customer(email=" a@b.test\n").email == "a@b.test"


@pytest.mark.parametrize("kind", PARSERS)
@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": ""}, {"id": "  "}, {"id": 5}])
def test_a_record_without_a_usable_id_is_refused(kind: Kind, row: dict[str, Any]):
    with pytest.raises(ValueError, match=f"a {kind} without an id"):
        PARSERS[kind](row)


def test_an_id_stays_exactly_as_it_is():
    assert customer(" 007 ").id == " 007 "


def test_a_scheduled_clearing_of_personal_data_is_not_one_yet():
    assert not customer(pii_cleared="scheduled_for_clear").pii_cleared
    assert not customer(pii_cleared="active").pii_cleared


@pytest.mark.parametrize("value", [None, "true", 1, False])
def test_only_true_means_deleted(value: Any):
    assert not customer(deleted=value).deleted
    assert not subscription(deleted=value).deleted
    assert not invoice(deleted=value).deleted
    assert invoice(deleted=True).deleted


def test_the_company_is_the_customers_else_that_of_the_billing_address():
    both = {"company": " Acme  Inc ", "billing_address": {"company": "Other"}}
    assert customer(**both).company_name == "Acme Inc"
    assert customer(billing_address={"company": " Other "}).company_name == "Other"
    assert customer(company="  ", billing_address={"company": "Other"}).company_name == "Other"
    assert customer(billing_address={"company": " "}).company_name is None
    assert customer(billing_address="nowhere").company_name is None
    assert customer().company_name is None


def test_a_record_is_live_unless_deleted_or_left_behind_by_a_transfer():
    assert customer().live
    assert customer("c1", active_id="c1").live
    assert not customer("c1", active_id="c2").live
    assert customer("c1", active_id="c2").left_behind
    assert not customer("c1", active_id="c1").left_behind


def test_who_was_left_behind_lives_on_as_the_live_copy():
    assert customer("c1", active_id="c2").heir == "c2"
    assert customer("c1", active_id="c1").heir is None
    assert customer("c1").heir is None
    assert not customer(deleted=True).live
    assert subscription("s1", active_id="s1").live
    assert not subscription("s1", active_id="s2").live
    assert not subscription(deleted=True).live
    assert not subscription(status="transferred").live
    assert subscription(status="cancelled").live


@pytest.mark.parametrize("value", [None, "5", 5.0, True, -1, 10**15])
def test_a_time_that_is_none_reads_as_absent(value: Any):
    assert customer(created_at=value).created_at is None


def test_the_first_and_the_last_second_are_times():
    assert customer(created_at=0).created_at == 0
    last = 253_402_128_000
    assert customer(created_at=last).created_at == last
    assert customer(created_at=last + 1).created_at is None


def test_the_version_falls_back_to_the_last_change_in_milliseconds():
    assert customer(updated_at=7).resource_version == 7000
    assert customer(updated_at=7, resource_version=7123).resource_version == 7123
    assert customer(updated_at=7, resource_version=0).resource_version == 0
    assert customer(updated_at=7, resource_version="x").resource_version == 7000


def test_attributes_hold_every_plain_value_and_nested_ones_dotted():
    found = customer(
        cf_tier="gold",
        vat_number="X1",
        cf_on=True,
        billing_address={"city": "Berlin", "deep": {"er": 1}},
        balances=[{"x": 1}],
        meta_data=None,
    )
    assert found.attributes == {
        "id": "c1",
        "cf_tier": "gold",
        "vat_number": "X1",
        "cf_on": True,
        "billing_address.city": "Berlin",
    }
    assert found.custom == {"cf_tier": "gold", "cf_on": True}
    for made in (subscription(cf_tier="gold"), invoice(cf_tier="gold")):
        assert made.attributes["cf_tier"] == "gold"


def test_no_repr_shows_personal_data():
    secret = "hush"
    personal = [key for key in TEXTS if key != "business_entity_id"]
    fields = dict.fromkeys(personal, secret) | {"billing_address": {"company": secret}}
    for record in (
        customer(secret, **fields, cf_a=secret),
        subscription("s1", customer_id=secret, cf_a=secret),
        invoice("i1", customer_id=secret, cf_a=secret),
    ):
        assert secret not in repr(record)
        hash(record)


def test_a_full_subscription_is_read():
    found = subscription(
        "s1",
        status="in_trial",
        currency_code="usd",
        billing_period=3,
        billing_period_unit="month",
        mrr=500,
        exchange_rate=0.9,
        base_currency_code="EUR",
        start_date=1,
        started_at=2,
        activated_at=3,
        created_at=4,
        trial_end=5,
        current_term_end=6,
        next_billing_at=7,
        cancelled_at=8,
        cancel_reason="not_paid",
        cancel_reason_code="too dear",
        total_dues=9,
        due_since=10,
        business_entity_id="be",
        active_id="s1",
        updated_at=11,
        resource_version=12,
    )
    assert (found.id, found.customer_id, found.status) == ("s1", "c1", "in_trial")
    assert (found.currency_code, found.base_currency_code) == ("USD", "EUR")
    assert found.exchange_rate == Decimal("0.9")
    assert (found.billing_period, found.billing_period_unit, found.mrr) == (3, "month", 500)
    assert (found.start_date, found.started_at, found.activated_at) == (1, 2, 3)
    assert (found.created_at, found.trial_end, found.current_term_end) == (4, 5, 6)
    assert (found.next_billing_at, found.cancelled_at) == (7, 8)
    assert (found.cancel_reason, found.cancel_reason_code) == ("not_paid", "too dear")
    assert (found.total_dues, found.due_since) == (9, 10)
    assert (found.business_entity_id, found.active_id) == ("be", "s1")
    assert (found.updated_at, found.resource_version) == (11, 12)


def test_a_subscription_with_nothing_but_an_id_is_read():
    found = Subscription.parse({"id": "s1"})
    assert (found.status, found.customer_id, found.currency_code) == (None, None, None)
    assert (found.mrr, found.exchange_rate, found.plan) == (None, None, None)
    assert (found.items, found.recurring_amount, found.total_dues) == ((), 0, 0)


@pytest.mark.parametrize(
    ("value", "rate"),
    [(2, Decimal(2)), (1.1, Decimal("1.1")), ("0.5", Decimal("0.5"))]
    + [(bad, None) for bad in (None, True, "x", 0, -1, float("nan"), float("inf"), [1])],
)
def test_an_exchange_rate_is_a_number_above_zero(value: Any, rate: Decimal | None):
    assert subscription(exchange_rate=value).exchange_rate == rate


def test_recurring_amount_is_plan_and_addons_without_charges():
    rows = [
        {"item_price_id": "setup", "item_type": "charge", "amount": 5000},
        plan(1000),
        {"item_price_id": "seats", "item_type": "addon", "amount": 250},
        {"item_price_id": "free", "item_type": "addon"},
    ]
    found = subscription(subscription_items=rows)
    assert found.recurring_amount == 1250
    assert found.plan == "pro-eur"
    assert [item.type for item in found.items] == ["charge", "plan", "addon", "addon"]
    assert [item.price_id for item in found.items] == ["setup", "pro-eur", "seats", "free"]


def test_the_older_catalog_has_its_plan_and_addons():
    addons = [{"id": "seats", "amount": 250}, {"id": "free"}, "broken"]
    found = subscription(plan_id="basic", plan_amount=900, addons=addons)
    assert (found.plan, found.recurring_amount) == ("basic", 1150)
    assert [item.price_id for item in found.items] == ["basic", "seats", "free"]


def test_a_site_in_coexistence_is_not_counted_twice():
    found = subscription(subscription_items=[plan(1000)], plan_id="basic", plan_amount=900)
    assert (found.plan, found.recurring_amount) == ("pro-eur", 1000)


def test_without_a_plan_there_are_no_items():
    assert subscription(plan_amount=900, addons=[{"id": "x", "amount": 1}]).items == ()


@pytest.mark.parametrize("value", ["x", {}, 5, [5, None]])
def test_items_of_a_wrong_type_read_as_absent(value: Any):
    assert subscription(subscription_items=value).items == ()


def test_a_full_invoice_is_read():
    found = invoice(
        "INV/1",
        subscription_id="s1",
        recurring=False,
        status="paid",
        date=1,
        due_date=2,
        paid_at=3,
        voided_at=4,
        void_reason_code="typo",
        currency_code="eur",
        exchange_rate=2,
        total=500,
        amount_due=20,
        business_entity_id="be",
        updated_at=5,
        resource_version=6,
    )
    assert (found.id, found.customer_id, found.status) == ("INV/1", "c1", "paid")
    assert found.subscription_ids == {"s1"}
    assert not found.recurring
    assert (found.date, found.due_date, found.paid_at, found.voided_at) == (1, 2, 3, 4)
    assert (found.void_reason_code, found.currency_code) == ("typo", "EUR")
    assert (found.exchange_rate, found.total, found.amount_due) == (Decimal(2), 500, 20)
    assert (found.business_entity_id, found.updated_at, found.resource_version) == ("be", 5, 6)


@pytest.mark.parametrize(
    ("row", "one_time"),
    [
        ({"recurring": False}, True),
        ({"recurring": True}, False),
        ({}, False),
        ({"recurring": False, "subscription_id": "s1"}, False),
        ({"recurring": False, "line_items": [{"amount": 1}, {"subscription_id": "s1"}]}, False),
        ({"recurring": False, "line_items": [{"amount": 1}]}, True),
    ],
)
def test_an_invoice_is_one_time_without_recurrence_and_subscription(
    row: dict[str, Any], one_time: bool
):
    assert invoice(**row).one_time is one_time


def test_the_mirror_keeps_only_what_some_rule_needs():
    row = {"id": "c1", "email": "a@b", "vat_number": "X", "billing_address": {"zip": "1"}}
    assert allowed("customer", row) == {"id": "c1", "email": "a@b"}


def test_the_mirror_keeps_what_the_settings_ask_for():
    row = {"id": "c1", "cf_x": 1, "billing_address": {"zip": "1", "city": "B", "country": "DE"}}
    assert allowed("customer", row, ["cf_x", "billing_address.city", "gone"]) == {
        "id": "c1",
        "cf_x": 1,
        "billing_address": {"city": "B", "country": "DE"},
    }


def test_the_mirror_never_keeps_whole_objects_or_lists():
    row = {"id": "c1", "meta_data": {"secret": 1}, "contacts": [{"email": "x"}], "email": ["x"]}
    assert allowed("customer", row, ["meta_data", "contacts"]) == {"id": "c1"}


def test_the_mirror_keeps_of_rows_what_the_rules_read():
    row = {
        "id": "s1",
        "subscription_items": [{**plan(5), "unit_price": 5, "note": {}}, {"note": 1}],
        "addons": [{"id": "a", "amount": 1, "x": 2}],
        "coupons": [{"id": "x"}],
    }
    assert allowed("subscription", row) == {
        "id": "s1",
        "subscription_items": [plan(5)],
        "addons": [{"id": "a", "amount": 1}],
    }
    lines = [{"subscription_id": "s1", "amount": 5}, {"amount": 6}]
    assert allowed("invoice", {"id": "i", "line_items": lines}) == {
        "id": "i",
        "line_items": [{"subscription_id": "s1"}],
    }
    assert allowed("invoice", {"id": "i", "line_items": [{"amount": 6}]}) == {"id": "i"}


def _samples() -> list[tuple[Kind, dict[str, Any]]]:
    if not SAMPLES.is_dir():
        return []
    found: list[tuple[Kind, dict[str, Any]]] = []
    for path in sorted(SAMPLES.rglob("*.json")):
        page = json.loads(path.read_text())
        for row in page.get("list", [page.get("content", {})]):
            found.extend((kind, row[kind]) for kind in PARSERS if kind in row)
    return found


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded payloads (../shared) are not here")
def test_recorded_payloads_read_the_same_whole_and_cut():
    samples = _samples()
    assert {kind for kind, _ in samples} == set(PARSERS)
    for kind, row in samples:
        whole, cut = PARSERS[kind](row), PARSERS[kind](allowed(kind, row))
        names = [name for name in type(whole).__slots__ if name != "attributes"]
        assert [getattr(whole, n) for n in names] == [getattr(cut, n) for n in names]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
KEYS = """
    status billing_address subscription_items addons plan_id mrr deleted email company created_at
    updated_at resource_version exchange_rate currency_code line_items recurring total cf_x
    pii_cleared active_id due_since trial_end
"""
ROWS = st.fixed_dictionaries({"id": st.just("x1")}, optional=dict.fromkeys(KEYS.split(), JUNK))


def test_an_addon_without_an_id_is_none():
    row = {"id": "x1", "plan_id": "pro", "plan_amount": 5, "addons": [{"amount": 3}, {"id": "a"}]}
    assert [item.price_id for item in Subscription.parse(row).items] == ["pro", "a"]


@given(st.sampled_from(sorted(PARSERS)), ROWS)
def test_whatever_else_a_record_holds_it_is_read_whole_and_cut(kind: Kind, row: dict[str, Any]):
    cut = allowed(kind, row, ["cf_x"])
    whole, again = PARSERS[kind](row), PARSERS[kind](cut)
    names = [name for name in type(whole).__slots__ if name != "attributes"]
    assert [getattr(whole, n) for n in names] == [getattr(again, n) for n in names]
    assert json.dumps(allowed(kind, cut, ["cf_x"])) == json.dumps(cut)
