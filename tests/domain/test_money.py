import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.money import Money, from_wire, minor_per_major, to_wire

CURRENCIES = st.sampled_from(["EUR", "USD", "KWD", "JPY"])
AMOUNTS = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [
        (1234, "EUR", 12.34),
        (1200, "EUR", 12),
        (1, "EUR", 0.01),
        (0, "EUR", 0),
        (-1234, "EUR", -12.34),
        (-1200, "EUR", -12),
        (1234, "JPY", 1234),
        (1234, "KWD", 12.34),
    ],
)
def test_minor_units_become_major_units(amount: int, currency: str, value: float):
    wire = to_wire(Money(amount, currency), ("JPY",))
    assert wire == {"value": value, "currency": currency}


def test_whole_amounts_are_written_without_a_point():
    assert json.dumps(to_wire(Money(1200, "EUR"), ())["value"]) == "12"
    assert json.dumps(to_wire(Money(0, "EUR"), ())["value"]) == "0"


def test_every_currency_not_named_has_two_decimals_even_three_decimal_ones():
    assert minor_per_major("KWD", ("JPY",)) == 100
    assert minor_per_major("JPY", ("JPY",)) == 1
    assert minor_per_major("JPY", ()) == 100


@given(AMOUNTS, CURRENCIES)
def test_a_round_trip_over_the_wire_keeps_every_amount(amount: int, currency: str):
    money = Money(amount, currency)
    assert from_wire(json.loads(json.dumps(to_wire(money, ("JPY",)))), ("JPY",)) == money


@given(AMOUNTS)
def test_json_shows_at_most_two_decimals(amount: int):
    text = json.dumps(to_wire(Money(amount, "EUR"), ())["value"])
    assert len(text.partition(".")[2]) <= 2
    assert "e" not in text


@pytest.mark.parametrize(
    ("value", "minor"),
    [(0.005, 0), (0.015, 2), (0.025, 2), (0.0151, 2), (-0.005, 0), (-0.015, -2), (2.675, 268)],
)
def test_parts_of_a_cent_are_rounded_half_even(value: float, minor: int):
    assert from_wire({"value": value, "currency": "EUR"}, ()) == Money(minor, "EUR")


def test_a_zero_decimal_amount_is_rounded_to_whole_units():
    assert from_wire({"value": 2.5, "currency": "JPY"}, ("JPY",)) == Money(2, "JPY")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_not_finite_is_refused(value: float):
    with pytest.raises(ValueError):
        from_wire({"value": value, "currency": "EUR"}, ())


@pytest.mark.parametrize(
    ("value", "currency"),
    [*((value, "EUR") for value in (None, "12", True, [1])), *((1, c) for c in (None, "", 978))],
)
def test_a_value_without_a_number_or_a_currency_is_refused(value: Any, currency: Any):
    with pytest.raises(ValueError, match=r"^a monetary value needs a number and a currency code$"):
        from_wire({"value": value, "currency": currency}, ())
