"""The oracle judges others, so it is judged here by hand: small records, deals written out."""

import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from billing_year import BillingYear
from history import History, Look, Outcome, compared

from chargepipe.sandbox import Sandbox
from deal_oracle import Anything, after, differences, remembered, title, wanted
from deal_terms import Terms

ACCOUNT: Any = {
    "currencies": frozenset({"USD", "JPY"}),
    "pipelines": ("Sales", "Renewals"),
    "first_stages": {"Sales": "Qualified", "Renewals": "Offered"},
}
TERMS = Terms.read(
    """
    [settings.subscription_deals]
    enabled = true
    [settings.subscription_deals.status]
    in_trial = { stage = "Demo", status = "open" }
    [settings.invoice_deals]
    enabled = true
    pipeline = "Renewals"
    """,
    **ACCOUNT,
)
ADA = {"id": "ada", "first_name": "Ada", "email": "a@b.co"}
PLAN = {"item_price_id": "team-USD", "item_type": "plan", "amount": 4_900}
ACTIVE = {
    "id": "s1",
    "status": "active",
    "currency_code": "USD",
    "activated_at": 1_000,
    "billing_period": 1,
    "billing_period_unit": "month",
    "mrr": 4_000,
    "subscription_items": [PLAN, {"item_type": "charge", "amount": 9, "item_price_id": "setup"}],
}
BILL = {
    "id": "i1",
    "status": "posted",
    "currency_code": "JPY",
    "recurring": False,
    "total": 700,
    "amount_due": 200,
    "due_date": 86_400 * 3,
}
DEAL = {
    "pipeline": "Sales",
    "stage": "Demo",
    "status": "open",
    "won_time": None,
    "lost_time": None,
    "lost_reason": None,
    "title": "Old",
    "value": Decimal(1),
    "currency": "USD",
    "expected_close": "2026-11-20",
    "archived": False,
    "products": False,
    "fields": {},
    "id": 7,
}
OURS = {"pipeline": "Sales", "stage": "Demo", "status": "open", "won_time": None, "lost_time": None}
WON = {
    "pipeline": "Sales",
    "stage": "Qualified",
    "status": "won",
    "won_time": 1_000,
    "lost_time": None,
    "lost_reason": None,
    "value": Decimal(49),
    "expected_close": None,
}


def test_an_active_subscription_written_out():
    assert wanted("subscription", ACTIVE, ADA, TERMS) == {
        "pipeline": "Sales",
        "stage": "Qualified",
        "status": "won",
        "title": "Ada - team-USD",
        "currency": "USD",
        "value": Decimal(49),
        "expected_close": None,
        "won_time": 1_000,
        "lost_time": None,
        "lost_reason": None,
        "fields": {
            "CB Subscription ID": "s1",
            "CB Subscription Status": "Active",
            "CB Plan": "team-USD",
            "CB Next Billing": None,
        },
    }


def test_an_open_invoice_written_out():
    assert wanted("invoice", BILL, ADA, TERMS) == {
        "pipeline": "Renewals",
        "stage": "Offered",
        "status": "open",
        "title": "Ada - i1",
        "currency": "JPY",
        "value": Decimal(700),
        "expected_close": "1970-01-04",
        "won_time": None,
        "lost_time": None,
        "lost_reason": None,
        "fields": {
            "CB Invoice ID": "i1",
            "CB Invoice Status": "Posted",
            "CB Due": (Decimal(200), "JPY"),
        },
    }


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("subscription", {**ACTIVE, "status": "transferred"}),
        ("subscription", {**ACTIVE, "status": "a new word"}),
        ("invoice", {**BILL, "total": 0}),
        ("invoice", {**BILL, "recurring": True}),
        ("invoice", {**BILL, "subscription_id": "s1"}),
        ("invoice", {**BILL, "line_items": [{"subscription_id": "s1"}]}),
        ("invoice", {**BILL, "status": "pending"}),
    ],
)
def test_what_makes_no_deal(kind: Any, record: Any):
    assert wanted(kind, record, ADA, TERMS) is None


def test_a_deleted_record_wants_one_word():
    assert wanted("invoice", {**BILL, "deleted": True}, ADA, TERMS) == {
        "fields": {"CB Invoice Status": "Deleted"}
    }


def test_a_deal_that_nobody_touched_becomes_what_is_wanted():
    held = after(DEAL, OURS, WON, care=True)
    assert (held["stage"], held["status"], held["won_time"]) == ("Qualified", "won", 1_000)
    assert (held["value"], held["expected_close"]) == (Decimal(49), "2026-11-20")


@pytest.mark.parametrize(
    ("touched", "kept"),
    [
        ({"stage": "Proposal"}, {"stage": "Proposal", "status": "won"}),
        ({"pipeline": "Renewals"}, {"pipeline": "Renewals", "stage": "Demo", "status": "won"}),
        ({"status": "lost", "lost_time": 5}, {"stage": "Demo", "status": "lost"}),
        ({"status": "won", "won_time": 5}, {"stage": "Demo", "won_time": 5}),
        ({"archived": True}, {"stage": "Demo", "status": "open"}),
        ({"products": True}, {"value": Decimal(1), "status": "won"}),
    ],
)
def test_what_a_person_touched_stays(touched: Any, kept: Any):
    held = after(DEAL | touched, OURS, WON, care=True)
    assert {key: held[key] for key in kept} == kept


def test_without_care_nothing_but_products_stays():
    touched = {"stage": "Proposal", "status": "lost", "archived": True, "products": True}
    held = after(DEAL | touched, OURS, WON, care=False)
    assert (held["stage"], held["status"], held["value"]) == ("Qualified", "won", Decimal(1))


def test_what_billing_and_a_person_agree_on_is_ours_but_for_the_time():
    held = DEAL | {"status": "won", "won_time": 5}
    ours = remembered(OURS, WON, held)
    assert (ours["status"], ours["stage"], ours["won_time"]) == ("won", "Demo", None)
    assert after(held, ours, WON, care=True)["won_time"] == 5


def test_an_adopted_deal_stays_where_it_is_and_may_be_closed_not_reopened():
    assert after(DEAL, {}, WON, care=True)["status"] == "won"
    assert after(DEAL, {}, WON, care=True)["stage"] == "Demo"
    lost = DEAL | {"status": "lost"}
    assert after(lost, {}, DEAL | {"title": "New"}, care=True)["status"] == "lost"


@pytest.mark.parametrize("key", [*WON, "title", "person"])
def test_a_difference_in_any_attribute_is_told(key: str):
    want = {"title": "T", "person": 1, **WON}
    assert list(differences(want, want | {key: "else"})) == [key]


def test_a_time_that_pipedrive_sets_itself_is_any_time():
    assert differences({"won_time": Anything()}, {"won_time": 5}) == {}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{company} - {plan}", "team-USD"),
        ("{name}, {status}", "Ada, Active"),
        ("{company}", "s1"),
        ("{company} {company}x", "x"),
    ],
)
def test_titles(template: str, filled: str):
    assert title(template, "subscription", ACTIVE, ADA) == filled


class Deals:
    """Deals by mark, as `held.Held` gives them."""

    def __init__(self, *deals: Any) -> None:
        self.deals = {deal["id"]: deal for deal in deals}

    def marked(self, kind: str) -> Any:
        ours = [deal for deal in self.deals.values() if deal.get("kind") == kind]
        return {mark: [d for d in ours if d["mark"] == mark] for mark in {d["mark"] for d in ours}}


def marked(id: int, **more: Any) -> Any:
    return {**DEAL, "id": id, "kind": "subscription", "mark": "s1", **more}


def look(record: Any, **more: Any) -> Look:
    facts: Any = {
        "customers": {"ada": ADA},
        "people": {"ada": (1, None)},
        "waiting": set(),
        "complete": True,
    }
    return Look({"subscription": {"s1": {"customer_id": "ada", **record}}}, **{**facts, **more})


def expected(look: Look, *deals: Any, started: int = 500) -> Outcome:
    return History(TERMS, started).expect(look, Deals(*deals))  # type: ignore[arg-type]


def test_a_record_from_after_the_start_is_made_an_older_one_is_not():
    assert expected(look({**ACTIVE, "updated_at": 600})).made == [("subscription", "s1")]
    assert expected(look({**ACTIVE, "updated_at": 400})).none == {("subscription", "s1")}
    assert expected(look({**ACTIVE, "updated_at": 400}, full=True)).made != []


@pytest.mark.parametrize("missing", [{"people": {}}, {"waiting": {"ada"}}])
def test_a_record_whose_customer_waits_has_no_deal(missing: Any):
    assert expected(look({**ACTIVE, "updated_at": 600}, **missing)).made == []


def test_a_currency_that_the_account_lacks_has_no_deal():
    assert expected(look({**ACTIVE, "updated_at": 600, "currency_code": "NOK"})).made == []


def test_missing_doubled_and_needless_deals_are_told():
    outcome = expected(look({**ACTIVE, "updated_at": 600}))
    assert "no deal" in compared(outcome, Deals())[0]  # type: ignore[arg-type]
    twice = Deals(marked(1), marked(2))
    assert "2 deals" in compared(outcome, twice)[0]  # type: ignore[arg-type]
    none = expected(look({**ACTIVE, "updated_at": 400}))
    assert "none is due" in compared(none, Deals(marked(1)))[0]  # type: ignore[arg-type]


class Sites:
    """As much of a world as billing needs."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(customers=60, now=lambda: 1_793_610_000)
        self.billing = self.sandbox.billing


def test_a_year_of_billing_alone_comes_by_every_status_and_every_deed():
    sites = Sites()
    life = BillingYear(sites, random.Random(1), 120)  # type: ignore[arg-type]
    subscriptions, invoices = Counter[str](), Counter[str]()
    for _ in range(365):
        sites.sandbox.travel(86_400)
        for _ in range(4):
            life.something()
        subscriptions.update(row["status"] for row in sites.billing.subscriptions())
        one_time = (row for row in sites.billing.invoices() if not row["recurring"])
        invoices.update(row["status"] for row in one_time)
    assert set(life.done) == set(life.deeds), set(life.deeds) - set(life.done)
    assert len(subscriptions) == 7, subscriptions
    assert len(invoices) == 6, invoices
