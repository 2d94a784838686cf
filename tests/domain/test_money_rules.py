"""The money and time rules of product.md section 4, one named case each: a table to read.

Amounts are minor units as Chargebee sends them; a case says what the person shows in Pipedrive.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepipe.domain.mapping import SiteFacts, organization_target, person_target
from chargepipe.domain.money import Money, to_wire
from chargepipe.domain.records import Subscription
from chargepipe.domain.revenue import Unconvertible, cmrr, mrr
from chargepipe.domain.values import Value

from .builders import customer, plan, settings, subscription

ZERO = ("JPY", "KRW", "XAF", "XOF")
EUR_SITE = SiteFacts(site="acme", base_currency="EUR", default_currency="USD")
BARE_SITE = SiteFacts(site="acme", base_currency=None, default_currency="USD")


def sub(status: str = "active", mrr: int | None = None, currency: str = "EUR", **more: Any) -> Any:
    row = {"status": status, "currency_code": currency, "base_currency_code": "EUR", **more}
    return row if mrr is None else {**row, "mrr": mrr}


def usd(mrr: int, rate: Any = 0.5, status: str = "active") -> Any:
    return sub(status, mrr, "USD", exchange_rate=rate)


def coming(status: str, amount: int, period: int, unit: str, **more: Any) -> Any:
    items = [plan(amount)]
    return sub(
        status, billing_period=period, billing_period_unit=unit, subscription_items=items, **more
    )


@dataclass(frozen=True)
class Case:
    name: str
    owned: list[Any]
    mrr: Any
    cmrr: Any
    who: dict[str, Any] = field(default_factory=dict)
    site: SiteFacts = EUR_SITE


ADDON = {"item_price_id": "seats", "item_type": "addon", "amount": 600}
CHARGE = {"item_price_id": "setup", "item_type": "charge", "amount": 99_900}
SUMS = [
    Case("no subscription is 0 in the site's currency", [], (0, "EUR"), (0, "EUR")),
    Case("no subscription is 0 in the customer's own currency", [], (0, "GBP"), (0, "GBP"),
         {"preferred_currency_code": "GBP"}),
    Case("a site that names no currency falls back to Pipedrive's", [], (0, "USD"), (0, "USD"),
         site=BARE_SITE),
    Case("active counts", [sub(mrr=4900)], (49, "EUR"), (49, "EUR")),
    Case("paused counts", [sub("paused", 4900)], (49, "EUR"), (49, "EUR")),
    Case("non_renewing counts in MRR only", [sub("non_renewing", 4900)], (49, "EUR"), (0, "EUR")),
    Case("cancelled counts nowhere, whatever its mrr says", [sub("cancelled", 4900)], (0, "EUR"),
         (0, "EUR")),
    Case("transferred counts nowhere", [sub("transferred", 4900)], (0, "EUR"), (0, "EUR")),
    Case("deleted counts nowhere", [sub(mrr=4900, deleted=True)], (0, "EUR"), (0, "EUR")),
    Case("a copy left behind by a transfer counts nowhere", [sub(mrr=4900, active_id="s9")],
         (0, "EUR"), (0, "EUR")),
    Case("an absent mrr is 0", [sub(), sub(mrr=100)], (1, "EUR"), (1, "EUR")),
    Case("several of one currency add up", [sub(mrr=4900), sub(mrr=101)], (50.01, "EUR"),
         (50.01, "EUR")),
    Case("one currency stays, though the site has another base", [usd(1000)], (10, "USD"),
         (10, "USD")),
    Case("one currency needs no rate", [sub(mrr=1000, currency="USD")], (10, "USD"), (10, "USD")),
    Case("two currencies become the base currency", [sub(mrr=1000), usd(1000)], (15, "EUR"),
         (15, "EUR")),
    Case("two foreign currencies become the base currency",
         [usd(1000), sub(mrr=1000, currency="GBP", exchange_rate="1.25")], (17.5, "EUR"),
         (17.5, "EUR")),
    Case("a cancelled one makes no second currency", [sub(mrr=1000), usd(1000, status="cancelled")],
         (10, "EUR"), (10, "EUR")),
    Case("currencies of CMRR may be others than those of MRR",
         [sub("non_renewing", 1000), usd(1000)], (15, "EUR"), (10, "USD")),
    Case("each amount is rounded once, half to even",
         [sub(mrr=0), usd(1, 0.5), usd(3, 0.5)], (0.02, "EUR"), (0.02, "EUR")),
    Case("a rate may have many decimals", [sub(mrr=0), usd(10_000, "0.923456789")],
         (92.35, "EUR"), (92.35, "EUR")),
    Case("the yen has no decimals", [sub(mrr=4900, currency="JPY")], (4900, "JPY"), (4900, "JPY")),
    Case("yen become euros by the rate of whole yen",
         [sub(mrr=0), sub(mrr=4900, currency="JPY", exchange_rate="0.0062")], (30.38, "EUR"),
         (30.38, "EUR")),
    Case("the won, too, has no decimals", [sub(mrr=7, currency="KRW")], (7, "KRW"), (7, "KRW")),
    Case("the dinar of Kuwait has two decimals here", [sub(mrr=1234, currency="KWD")],
         (12.34, "KWD"), (12.34, "KWD")),
    Case("the dinar of Bahrain as well", [sub(mrr=1230, currency="BHD")], (12.3, "BHD"),
         (12.3, "BHD")),
    Case("a large amount stays exact", [sub(mrr=900_719_925_474_099)], (9007199254740.99, "EUR"),
         (9007199254740.99, "EUR")),
    Case("a trial counts in CMRR with its mrr", [sub("in_trial", 4900)], (0, "EUR"), (49, "EUR")),
    Case("a trial without mrr counts its items by the month",
         [coming("in_trial", 12_000, 1, "year")], (0, "EUR"), (10, "EUR")),
    Case("a trial whose mrr is 0 counts its items", [coming("in_trial", 900, 1, "month", mrr=0)],
         (0, "EUR"), (9, "EUR")),
    Case("a future one of three months counts a third", [coming("future", 9000, 3, "month")],
         (0, "EUR"), (30, "EUR")),
    Case("a future one by the week counts 52/12 weeks", [coming("future", 1200, 1, "week")],
         (0, "EUR"), (52, "EUR")),
    Case("a future one by the day counts 365/12 days", [coming("future", 1200, 1, "day")],
         (0, "EUR"), (365, "EUR")),
    Case("addons count, one-time charges do not",
         [coming("future", 0, 1, "month") | {"subscription_items": [plan(1200), ADDON, CHARGE]}],
         (0, "EUR"), (18, "EUR")),
    Case("a trial with a cancellation set does not count",
         [sub("in_trial", 4900, cancelled_at=1_800_000_000)], (0, "EUR"), (0, "EUR")),
    Case("what comes without a billing period does not count", [sub("future")], (0, "EUR"),
         (0, "EUR")),
    Case("a scheduled change does not count",
         [sub(mrr=4900, has_scheduled_changes=True)], (49, "EUR"), (49, "EUR")),
]  # fmt: skip


@pytest.mark.parametrize("case", SUMS, ids=[case.name for case in SUMS])
def test_what_a_person_shows(case: Case):
    owned = [subscription(f"s{n}", **row) for n, row in enumerate(case.owned)]
    target = person_target(customer(**case.who), owned, settings(), case.site)
    shown = {name: on_the_wire(target.fields[name]) for name in ("CB Customer MRR", CMRR)}
    assert shown == {"CB Customer MRR": case.mrr, CMRR: case.cmrr}


CMRR = "CB Customer CMRR"


def on_the_wire(value: Value) -> tuple[float, str]:
    assert isinstance(value, Money)
    wire = to_wire(value, ZERO)
    return wire["value"], wire["currency"]


NO_WAY = {
    "no rate": [sub(mrr=100), usd(100, None)],
    "a rate of zero": [sub(mrr=100), usd(100, 0)],
    "no base currency": [
        sub(mrr=100, base_currency_code=None),
        sub(mrr=100, currency="USD", base_currency_code=None, exchange_rate=0.5),
    ],
    "a rate to another base": [sub(mrr=100), usd(100) | {"base_currency_code": "CHF"}],
}


@pytest.mark.parametrize("why", NO_WAY)
def test_currencies_without_a_way_to_the_base_are_refused(why: str):
    owned = [subscription(f"s{n}", **row) for n, row in enumerate(NO_WAY[why])]
    for total in (mrr, cmrr):
        with pytest.raises(Unconvertible):
            total(owned, "EUR", ZERO)


def test_the_sum_of_a_company_is_over_all_its_customers_in_the_base_currency():
    two = [customer(name, company="Acme", created_at=n) for n, name in enumerate(("a", "b"))]
    owned = [subscription("s1", **sub(mrr=1000)), subscription("s2", **usd(1000))]
    chosen = settings(organizations=True, subscription_data="organization")
    target = organization_target(two, owned, chosen, EUR_SITE)
    assert target.fields["CB MRR"] == Money(1500, "EUR")


def test_dues_of_cancelled_subscriptions_are_still_due():
    due = sub("cancelled", total_dues=4900, due_since=1_790_000_000)
    target = person_target(
        customer(), [subscription(**due)], settings(extras=["overdue"]), EUR_SITE
    )
    assert target.fields["CB Overdue Amount"] == Money(4900, "EUR")


EVENING = int(datetime(2026, 12, 31, 23, 30, tzinfo=UTC).timestamp())
SUMMER = int(datetime(2026, 6, 30, 22, 30, tzinfo=UTC).timestamp())
DAYS = [
    ("UTC keeps the day", "UTC", EVENING, "2026-12-31"),
    ("Berlin is an hour ahead in winter", "Europe/Berlin", EVENING, "2027-01-01"),
    ("Berlin is two hours ahead in summer", "Europe/Berlin", SUMMER, "2026-07-01"),
    ("London is one hour ahead in summer", "Europe/London", SUMMER, "2026-06-30"),
    ("Los Angeles is behind", "America/Los_Angeles", EVENING, "2026-12-31"),
    ("Auckland is half a day ahead", "Pacific/Auckland", EVENING, "2027-01-01"),
    ("Kathmandu has its quarters", "Asia/Kathmandu", EVENING, "2027-01-01"),
    ("an absent time is an empty date", "Europe/Berlin", None, None),
]
DATES = {
    "CB Next Billing": "next_billing_at",
    "CB Trial End": "trial_end",
    "CB Term End": "current_term_end",
    "CB Cancelled On": "cancelled_at",
}


@pytest.mark.parametrize(("name", "zone", "time", "day"), DAYS, ids=[name for name, *_ in DAYS])
def test_dates_are_taken_in_the_time_zone_of_the_site(
    name: str, zone: str, time: int | None, day: str | None
):
    times: dict[str, Any] = dict.fromkeys(DATES.values(), time)
    one: Subscription = subscription(**times)
    chosen = settings(time_zone=zone, subscription_data="person")
    target = person_target(customer(), [one], chosen, EUR_SITE)
    assert {name: target.fields[name] for name in DATES} == dict.fromkeys(DATES, day)


def test_overdue_since_is_a_date_in_that_zone_too():
    due = subscription(total_dues=1, due_since=EVENING)
    chosen = settings(time_zone="Europe/Berlin", extras=["overdue"])
    target = person_target(customer(), [due], chosen, EUR_SITE)
    assert target.fields["CB Overdue Since"] == "2027-01-01"
