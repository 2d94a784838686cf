"""Money as integer minor units with its currency, and its form on Pipedrive's wire."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, or whole units of a zero-decimal currency).

    `currency` is the upper-case ISO code as Chargebee gives it.
    """

    amount: int
    currency: str


def minor_per_major(currency: str, zero_decimal: Collection[str]) -> int:
    """Minor units in one major unit: 1 for a zero-decimal currency, 100 for every other.

    Chargebee treats three-decimal currencies (KWD, BHD) as two-decimal, so ISO 4217 exponents
    must not be used (chargebee-api.md section 4, Money).
    """
    return 1 if currency in zero_decimal else 100


def to_wire(money: Money, zero_decimal: Collection[str]) -> dict[str, Any]:
    """Pipedrive's monetary value: `{"value": major units, "currency": code}`.

    Whole amounts are an int, others the float nearest to the exact amount, which JSON prints
    with two decimals. Exact up to 15 digits. Source: pipedrive-api.md section 6.
    """
    unit = minor_per_major(money.currency, zero_decimal)
    whole, rest = divmod(money.amount, unit)
    return {"value": money.amount / unit if rest else whole, "currency": money.currency}


def from_wire(json: Mapping[str, Any], zero_decimal: Collection[str]) -> Money:
    """The Money of a monetary value on Pipedrive's wire, rounded half-even to minor units.

    Raises ValueError when the value is not a finite number or the currency not a text.
    """
    value, currency = json.get("value"), json.get("currency")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not isinstance(currency, str) or not currency:
        raise ValueError("a monetary value needs a number and a currency code")
    return Money(round(Fraction(str(value)) * minor_per_major(currency, zero_decimal)), currency)
