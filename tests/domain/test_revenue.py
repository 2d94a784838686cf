from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.money import Money
from chargepipe.domain.records import Subscription
from chargepipe.domain.revenue import Line, Unconvertible, cmrr, mrr, overdue

from .builders import ZERO_DECIMAL, plan, subscription

ALL = ["future", "in_trial", "active", "non_renewing", "paused", "cancelled", "transferred", "new"]


def total(*subscriptions: Subscription) -> Money:
    return mrr(subscriptions, "CHF", ZERO_DECIMAL).money


def committed(*subscriptions: Subscription) -> Money:
    return cmrr(subscriptions, "CHF", ZERO_DECIMAL).money


def foreign(id: str = "s9", **attributes: Any) -> Subscription:
    row = {"currency_code": "USD", "base_currency_code": "EUR", "exchange_rate": 0.9}
    return subscription(id, **{**row, **attributes})


@pytest.mark.parametrize("status", ALL)
def test_mrr_counts_what_is_active_non_renewing_or_paused(status: str):
    counts = status in ("active", "non_renewing", "paused")
    expected = Money(500, "EUR") if counts else Money(0, "CHF")
    assert total(subscription(status=status, mrr=500)) == expected


@pytest.mark.parametrize(
    ("status", "amount"),
    [("active", 500), ("paused", 500), ("future", 500), ("in_trial", 500)]
    + [(status, 0) for status in ("non_renewing", "cancelled", "transferred", "new")],
)
def test_cmrr_counts_what_stays_and_what_comes(status: str, amount: int):
    assert committed(subscription(status=status, mrr=500)).amount == amount


@pytest.mark.parametrize("row", [{"deleted": True}, {"active_id": "s2"}])
@pytest.mark.parametrize("status", ["active", "in_trial", "non_renewing"])
def test_deleted_and_moved_subscriptions_never_count(row: dict[str, Any], status: str):
    gone = subscription("s1", status=status, mrr=500, **row)
    for revenue in (mrr([gone], "CHF", ()), cmrr([gone], "CHF", ())):
        assert revenue.money == Money(0, "CHF")
        assert revenue.working[0].why == "deleted or transferred"


def test_an_absent_mrr_is_nothing():
    assert total(subscription(), subscription(mrr=5)) == Money(5, "EUR")


def test_without_subscriptions_it_is_nothing_in_the_fallback_currency():
    assert total() == committed() == Money(0, "CHF")


def test_one_currency_stays_even_when_it_is_not_the_base():
    assert total(foreign(mrr=500), foreign("s2", mrr=1)) == Money(501, "USD")


def test_a_subscription_that_does_not_count_makes_no_second_currency():
    assert total(subscription(mrr=500), foreign(status="cancelled", mrr=5)) == Money(500, "EUR")


def test_several_currencies_are_converted_to_the_base_currency():
    assert total(subscription(mrr=500), foreign(mrr=1000)) == Money(1400, "EUR")


def test_a_base_currency_may_be_neither_of_those_paid_in():
    pounds = foreign("s1", currency_code="GBP", exchange_rate=2, base_currency_code="CHF", mrr=100)
    dollars = foreign("s2", exchange_rate=3, base_currency_code="CHF", mrr=100)
    assert total(pounds, dollars) == Money(500, "CHF")


def test_each_subscription_is_rounded_half_even_once():
    half = foreign(exchange_rate=0.5, mrr=1)
    more = foreign("s8", exchange_rate=0.5, mrr=3)
    assert total(subscription(mrr=0), half) == Money(0, "EUR")
    assert total(subscription(mrr=0), more) == Money(2, "EUR")
    assert total(subscription(mrr=0), half, half) == Money(0, "EUR")


def test_minor_units_of_both_currencies_count_in_a_conversion():
    yen = foreign(currency_code="JPY", exchange_rate="0.006", mrr=1000)
    assert total(subscription(mrr=100), yen) == Money(700, "EUR")
    euro = subscription(base_currency_code="JPY", exchange_rate=160, mrr=250)
    assert total(euro, subscription("s2", currency_code="JPY", mrr=1000)) == Money(1400, "JPY")


def test_minor_units_count_in_a_conversion_of_what_is_due():
    yen = foreign(currency_code="JPY", exchange_rate="0.006", total_dues=1000)
    assert overdue([subscription(total_dues=100), yen], "CHF", ZERO_DECIMAL).money == Money(
        700, "EUR"
    )


def test_a_rate_without_a_named_base_is_a_rate_to_the_base():
    rated = subscription("s1", currency_code="USD", exchange_rate=0.5, mrr=100)
    named = subscription("s2", base_currency_code="EUR", mrr=100)
    assert total(rated, named) == Money(150, "EUR")


@pytest.mark.parametrize("row", [{"exchange_rate": None}, {"base_currency_code": "CHF"}])
def test_an_amount_without_a_way_to_the_base_is_refused(row: dict[str, Any]):
    euro = subscription("s1", base_currency_code="EUR", mrr=5)
    words = (
        "subscription s9 has no exchange rate to the base currency: "
        "set one in Chargebee, or keep this customer to one currency$"
    )
    with pytest.raises(Unconvertible, match=words) as caught:
        total(euro, foreign("s9", mrr=1, **row))
    assert caught.value.subscription_id == "s9"


def test_nothing_needs_no_rate():
    euro = subscription("s1", base_currency_code="EUR", mrr=5)
    assert total(euro, foreign(mrr=0, exchange_rate=None)) == Money(5, "EUR")


def test_without_a_base_currency_the_first_amount_is_named():
    rows = [subscription("s1", mrr=0), subscription("s2", currency_code="USD", mrr=7)]
    with pytest.raises(Unconvertible) as caught:
        total(*rows)
    assert caught.value.subscription_id == "s2"


def test_without_a_base_currency_the_fallback_is_not_taken_for_it():
    rows = [subscription("s1", mrr=5), subscription("s2", currency_code="USD", exchange_rate=2)]
    with pytest.raises(Unconvertible):
        mrr(rows, "EUR", ())


def test_nothing_in_several_currencies_is_nothing_in_the_base_else_the_fallback():
    dollars = subscription("s2", currency_code="USD")
    assert total(subscription(), dollars) == Money(0, "CHF")
    assert total(subscription(base_currency_code="USD"), dollars) == Money(0, "USD")


def test_a_subscription_without_a_currency_is_taken_in_the_fallback():
    assert total(subscription(currency_code=None, mrr=5)) == Money(5, "CHF")


@pytest.mark.parametrize(
    ("unit", "period", "amount"),
    [
        ("month", 1, 1000),
        ("month", 3, 333),
        ("year", 1, 83),
        ("year", 2, 42),
        ("week", 1, 4333),
        ("week", 2, 2167),
        ("day", 1, 30417),
        ("day", 30, 1014),
    ],
)
def test_what_comes_counts_its_items_by_the_month(unit: str, period: int, amount: int):
    row = {
        "billing_period_unit": unit,
        "billing_period": period,
        "subscription_items": [plan(1000)],
    }
    assert committed(subscription(status="future", **row)) == Money(amount, "EUR")
    assert committed(subscription(status="in_trial", mrr=0, **row)) == Money(amount, "EUR")


def test_the_mrr_of_what_comes_goes_before_its_items():
    row = {"billing_period_unit": "month", "billing_period": 1, "subscription_items": [plan(1000)]}
    assert committed(subscription(status="future", mrr=700, **row)) == Money(700, "EUR")


def test_what_comes_does_not_count_once_a_cancellation_is_set():
    for status in ("future", "in_trial"):
        revenue = cmrr([subscription(status=status, mrr=5, cancelled_at=9)], "CHF", ())
        assert revenue.money == Money(0, "CHF")
        assert revenue.working[0].why == "a cancellation is set"
    assert committed(subscription(mrr=5, cancelled_at=9)) == Money(5, "EUR")


@pytest.mark.parametrize(
    "row",
    [{}, {"billing_period_unit": "month"}, {"billing_period": 1}]
    + [{"billing_period_unit": "month", "billing_period": period} for period in (0, -1)]
    + [{"billing_period_unit": "eon", "billing_period": 1}],
)
def test_without_a_billing_period_items_have_no_month(row: dict[str, Any]):
    revenue = cmrr(
        [subscription(status="future", subscription_items=[plan(1000)], **row)], "CHF", ()
    )
    assert revenue.money == Money(0, "CHF")
    assert revenue.working[0].why == "has no billing period"


def test_the_share_of_a_month_is_rounded_only_after_its_conversion():
    row = {"billing_period_unit": "year", "billing_period": 1, "subscription_items": [plan(6)]}
    third = foreign(status="future", exchange_rate=3, **row)
    assert committed(subscription(mrr=0), third) == Money(2, "EUR")


def test_the_working_says_for_each_subscription_why():
    rows = [
        subscription("a", mrr=500),
        foreign("b", mrr=1000),
        subscription("c", status="cancelled"),
    ]
    assert mrr(rows, "CHF", ()).working == (
        Line("a", 500, "EUR", 500, True, "MRR as Chargebee tells it"),
        Line("b", 1000, "USD", 900, True, "MRR as Chargebee tells it"),
        Line("c", 0, "EUR", 0, False, "status cancelled does not count"),
    )


def test_the_working_of_cmrr_tells_where_an_amount_comes_from():
    row = {"billing_period_unit": "year", "billing_period": 1, "subscription_items": [plan(1200)]}
    rows = [
        subscription("a", status="non_renewing", mrr=5),
        subscription("b", status="future", **row),
        subscription("c", status="in_trial", mrr=7),
    ]
    assert cmrr(rows, "CHF", ()).working == (
        Line("a", 0, "EUR", 0, False, "ends with its term"),
        Line("b", 100, "EUR", 100, True, "recurring items by the month"),
        Line("c", 7, "EUR", 7, True, "MRR as Chargebee tells it"),
    )


def test_the_working_has_a_plain_form_with_the_currency_of_the_sum():
    rows = [subscription("a", mrr=500), foreign("b", mrr=1000)]
    (_, dollars) = mrr(rows, "CHF", ()).as_json()
    assert dollars == {
        "subscription_id": "b",
        "amount": 1000,
        "currency": "USD",
        "converted": 900,
        "counted": True,
        "why": "MRR as Chargebee tells it",
        "into": "EUR",
    }


def test_dues_add_up_over_all_that_are_not_deleted():
    rows = [
        subscription("a", status="cancelled", total_dues=5),
        subscription("b", total_dues=7),
        subscription("c", total_dues=9, deleted=True),
    ]
    assert overdue([], "CHF", ()).money == Money(0, "CHF")
    revenue = overdue(rows, "CHF", ())
    assert revenue.money == Money(12, "EUR")
    assert [line.why for line in revenue.working] == [
        "unpaid invoices",
        "unpaid invoices",
        "deleted",
    ]
    (line, _) = overdue([subscription("d"), rows[0]], "CHF", ()).working
    assert (line.why, line.counted) == ("owes nothing", False)


SUBSCRIPTIONS = st.lists(
    st.builds(
        subscription,
        id=st.text("abc", min_size=1, max_size=3),
        status=st.sampled_from(ALL),
        currency_code=st.sampled_from(["EUR", "USD", "JPY"]),
        exchange_rate=st.sampled_from([0.5, 1.25, 160]),
        base_currency_code=st.just("EUR"),
        mrr=st.none() | st.integers(0, 10**9),
        deleted=st.booleans(),
    ),
    max_size=5,
)


@given(SUBSCRIPTIONS)
def test_the_working_always_adds_up_to_the_sum(rows: list[Subscription]):
    for revenue in (mrr(rows, "CHF", ZERO_DECIMAL), cmrr(rows, "CHF", ZERO_DECIMAL)):
        assert sum(line.converted for line in revenue.working) == revenue.money.amount
        assert [line.subscription_id for line in revenue.working] == [row.id for row in rows]
        assert all(line.counted or line.converted == line.amount == 0 for line in revenue.working)


@given(SUBSCRIPTIONS, st.randoms())
def test_the_order_of_subscriptions_does_not_matter(rows: list[Subscription], random: Any):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert total(*shuffled) == total(*rows)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_a_conversion_is_exact(amount: int, millionths: int):
    rate = Fraction(millionths, 10**6)
    row = foreign(mrr=amount, exchange_rate=f"{millionths / 10**6:.6f}")
    assert total(subscription(mrr=0), row).amount == round(amount * rate)
