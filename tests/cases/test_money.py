"""Section 4, MRR and CMRR: which subscriptions count, in which currency, and how it is written."""

from typing import Any

import pytest
from sheet import Outcome, Row

YEAR = {"billing_period": 1, "billing_period_unit": "year"}
QUARTER = {"billing_period": 3, "billing_period_unit": "month"}
BASE = {"base_currency_code": "USD"}
LATER = 1_800_000_000  # 2027-01-15, after the day of the cases


def mrr(says: str, amount: str, *subscriptions: dict[str, Any], **more: Any) -> Row:
    return Row(says, {"CB Customer MRR": amount}, subscriptions=subscriptions, **more)


def cmrr(says: str, amount: str, *subscriptions: dict[str, Any], **more: Any) -> Row:
    return Row(says, {"CB Customer CMRR": amount}, subscriptions=subscriptions, **more)


def sub(status: str, amount: int | None, currency: str = "USD", **more: Any) -> dict[str, Any]:
    return {"status": status, "mrr": amount, "currency_code": currency, **BASE, **more}


def items(*amounts: tuple[str, int]) -> dict[str, Any]:
    rows = [{"item_price_id": f"{t}-{a}", "item_type": t, "amount": a} for t, a in amounts]
    return {"mrr": None, "subscription_items": rows}


ROWS = [
    mrr("MRR without a subscription is nothing", "0 USD"),
    mrr("MRR is what Chargebee tells of an active subscription", "49 USD", sub("active", 4900)),
    mrr("MRR keeps cents", "49.99 USD", sub("active", 4999)),
    mrr(
        "MRR adds active, non-renewing and paused subscriptions",
        "7 USD",
        *(sub("active", 100), sub("non_renewing", 200), sub("paused", 400)),
    ),
    mrr(
        "MRR leaves out what is future, in trial, cancelled or transferred",
        "1 USD",
        *(sub("active", 100), sub("future", 200), sub("in_trial", 400), sub("cancelled", 800)),
        sub("transferred", 1600),
    ),
    mrr(
        "MRR leaves out a deleted subscription",
        "1 USD",
        *(sub("active", 100), sub("active", 200, deleted=True)),
    ),
    mrr("an MRR that Chargebee does not tell is nothing", "0 USD", sub("active", None)),
    mrr("MRR in one currency stays in it", "30 EUR", sub("active", 3000, "EUR")),
    mrr(
        "MRR in one currency stays in it though a cancelled subscription had another",
        "30 EUR",
        *(sub("active", 3000, "EUR", exchange_rate=1.08), sub("cancelled", 100)),
    ),
    mrr("yen have no minor units", "5000 JPY", sub("active", 5000, "JPY")),
    mrr("won have no minor units", "5000 KRW", sub("active", 5000, "KRW")),
    mrr("dinars have two decimals as in Chargebee", "49.5 KWD", sub("active", 4950, "KWD")),
    mrr(
        "the list of currencies without minor units can be another",
        "50 KRW",
        sub("active", 5000, "KRW"),
        settings={"zero_decimal": ["JPY"]},
    ),
    mrr(
        "several currencies become the base currency at the subscriptions' own rates",
        "208 USD",
        *(sub("active", 10_000), sub("active", 10_000, "EUR", exchange_rate=1.08)),
    ),
    mrr(
        "yen are turned into dollars as whole yen",
        "68 USD",
        *(sub("active", 100), sub("active", 10_000, "JPY", exchange_rate=0.0067)),
    ),
    mrr(
        "two foreign currencies meet in the base currency",
        "235 USD",
        sub("active", 10_000, "EUR", exchange_rate=1.08),
        sub("active", 10_000, "GBP", exchange_rate=1.27),
    ),
    Row(
        "several currencies without a rate are an error and nothing is made",
        subscriptions=(sub("active", 100), sub("active", 100, "EUR", exchange_rate=None)),
        error="unconvertible",
    ),
    cmrr("CMRR of an active subscription is its MRR", "49 USD", sub("active", 4900)),
    cmrr("CMRR counts a paused subscription", "4 USD", sub("paused", 400)),
    cmrr(
        "CMRR adds what is future and in trial",
        "7 USD",
        *(sub("active", 100), sub("future", 200), sub("in_trial", 400)),
    ),
    cmrr(
        "CMRR takes a non-renewing subscription away again",
        "1 USD",
        *(sub("active", 100), sub("non_renewing", 200)),
    ),
    cmrr("CMRR counts no cancelled subscription", "0 USD", sub("cancelled", 100)),
    cmrr(
        "CMRR leaves out a trial whose cancellation is set",
        "1 USD",
        sub("active", 100),
        sub("in_trial", 400, cancelled_at=LATER, cancel_schedule_created_at=1_793_000_000),
    ),
    cmrr(
        "CMRR of a future subscription without an MRR is its recurring items by the month",
        "12 USD",
        {"status": "future", **YEAR, **items(("plan", 12_000), ("addon", 2_400))},
    ),
    cmrr(
        "CMRR leaves out one-time charges",
        "10 USD",
        {"status": "in_trial", **YEAR, **items(("plan", 12_000), ("charge", 5_000))},
    ),
    cmrr(
        "CMRR divides by all months of a longer period",
        "30 USD",
        {"status": "future", **QUARTER, **items(("plan", 9_000))},
    ),
    cmrr(
        "CMRR takes the MRR of a trial before its items",
        "5 USD",
        {"status": "in_trial", **YEAR, **items(("plan", 12_000)), "mrr": 500},
    ),
    cmrr(
        "CMRR of several currencies is in the base currency",
        "208 USD",
        *(sub("active", 10_000), sub("future", 10_000, "EUR", exchange_rate=1.08)),
    ),
    cmrr(
        "scheduled changes do not count",
        "49 USD",
        sub("active", 4900, has_scheduled_changes=True, changes_scheduled_at=LATER),
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_money_of_a_customer(row: Row, outcome: Outcome):
    outcome.check(row)
