"""MRR, CMRR and dues of a customer, with the working that the record page shows.

Rules: product.md section 4. All arithmetic is exact; each subscription's amount is rounded once,
half-even, to minor units of the result's currency.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from chargepipe.domain.money import Money, minor_per_major
from chargepipe.domain.records import Subscription
from chargepipe.domain.values import JSON

_MONTHS: Mapping[str | None, Fraction] = {
    "year": Fraction(12),
    "month": Fraction(1),
    "week": Fraction(12, 52),
    "day": Fraction(12, 365),
}
"""Months in one billing period of a unit."""
_NOTHING = Fraction(0)


class Unconvertible(ValueError):
    """A subscription's amount has no way to the site's base currency."""

    def __init__(self, subscription_id: str) -> None:
        super().__init__(
            f"subscription {subscription_id} has no exchange rate to the base currency: "
            "set one in Chargebee, or keep this customer to one currency"
        )
        self.subscription_id = subscription_id


@dataclass(frozen=True, slots=True)
class Line:
    """What one subscription adds to a sum, and why."""

    subscription_id: str
    amount: int
    """Minor units of `currency`; 0 when not counted."""
    currency: str
    converted: int
    """Minor units of the result's currency."""
    counted: bool
    why: str

    def as_json(self) -> dict[str, JSON]:
        """The plain form, as a Change keeps it."""
        # Quicker than `asdict`, which copies what is plain already.
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Revenue:
    """A sum in one currency, and one line for each subscription in the order given."""

    money: Money
    working: tuple[Line, ...]

    def as_json(self) -> list[dict[str, JSON]]:
        """The working as a Change keeps it, a row for each subscription."""
        return [{**line.as_json(), "into": self.money.currency} for line in self.working]


@dataclass(frozen=True, slots=True)
class _Part:
    """A subscription's share of a sum in minor units of its own currency; None: not counted."""

    subscription: Subscription
    share: Fraction | None
    why: str

    def currency(self, fallback: str) -> str:
        return self.subscription.currency_code or fallback


def mrr(
    subscriptions: Iterable[Subscription], fallback_currency: str, zero_decimal: Collection[str]
) -> Revenue:
    """The sum of `mrr` of the live subscriptions that are active, non_renewing or paused.

    One currency among those that count stays; several are converted to the base currency.
    Where none counts it is 0 in the fallback currency. Raises Unconvertible for an amount in a
    foreign currency without a rate. An absent `mrr` is 0.
    """
    return _sum(subscriptions, _mrr_part, fallback_currency, zero_decimal)


def cmrr(
    subscriptions: Iterable[Subscription], fallback_currency: str, zero_decimal: Collection[str]
) -> Revenue:
    """MRR, plus what is going to start, less what is going to end; computed by us.

    Future and in-trial subscriptions without a cancellation count with their `mrr`, or, where
    Chargebee does not tell one yet (absent or 0), with their recurring items by the month.
    Non-renewing ones do not count. Currencies and errors as in `mrr`.
    """
    return _sum(subscriptions, _cmrr_part, fallback_currency, zero_decimal)


def overdue(
    subscriptions: Iterable[Subscription], fallback_currency: str, zero_decimal: Collection[str]
) -> Revenue:
    """The sum of `total_dues` of the subscriptions not deleted (extra "overdue").

    Once something is due, those that owe nothing do not count, so that their currencies do not.
    """
    owned = list(subscriptions)
    owed = any(each.total_dues for each in owned if not each.deleted)
    return _sum(owned, partial(_due_part, owed=owed), fallback_currency, zero_decimal)


def _mrr_part(subscription: Subscription) -> _Part:
    if not subscription.live:
        return _Part(subscription, None, "deleted or transferred")
    if subscription.status not in ("active", "non_renewing", "paused"):
        return _Part(subscription, None, f"status {subscription.status} does not count")
    return _Part(subscription, Fraction(subscription.mrr or 0), "MRR as Chargebee tells it")


def _cmrr_part(subscription: Subscription) -> _Part:
    if subscription.live and subscription.status == "non_renewing":
        return _Part(subscription, None, "ends with its term")
    if subscription.live and subscription.status in ("future", "in_trial"):
        return _coming(subscription)
    return _mrr_part(subscription)


def _coming(subscription: Subscription) -> _Part:
    if subscription.cancelled_at is not None:
        return _Part(subscription, None, "a cancellation is set")
    if subscription.mrr:
        return _Part(subscription, Fraction(subscription.mrr), "MRR as Chargebee tells it")
    by_month = recurring_by_month(subscription)
    if by_month is None:
        return _Part(subscription, None, "has no billing period")
    return _Part(subscription, by_month, "recurring items by the month")


def recurring_by_month(subscription: Subscription) -> Fraction | None:
    """Its recurring items in minor units a month; None without a billing period."""
    months = _MONTHS.get(subscription.billing_period_unit, Fraction(0))
    period = months * max(subscription.billing_period or 0, 0)
    return subscription.recurring_amount / period if period else None


def _due_part(subscription: Subscription, owed: bool) -> _Part:
    if subscription.deleted:
        return _Part(subscription, None, "deleted")
    if owed and not subscription.total_dues:
        return _Part(subscription, None, "owes nothing")
    return _Part(subscription, Fraction(subscription.total_dues), "unpaid invoices")


def _sum(
    subscriptions: Iterable[Subscription],
    part: Callable[[Subscription], _Part],
    fallback: str,
    zero_decimal: Collection[str],
) -> Revenue:
    parts = [part(subscription) for subscription in subscriptions]
    counted = [each for each in parts if each.share is not None]
    currency = _currency(counted, fallback)
    lines = tuple(_line(each, currency, fallback, zero_decimal) for each in parts)
    return Revenue(Money(sum(line.converted for line in lines), currency), lines)


def _currency(counted: Sequence[_Part], fallback: str) -> str:
    """The one currency of the parts that count; of several, the site's base currency."""
    found = {each.currency(fallback) for each in counted}
    if len(found) <= 1:
        return found.pop() if found else fallback
    bases = (each.subscription.base_currency_code for each in counted)
    base = next((code for code in bases if code), None)
    unknown = next((each for each in counted if each.share), None)
    if base is None and unknown is not None:
        raise Unconvertible(unknown.subscription.id)
    return base or fallback


def _line(part: _Part, currency: str, fallback: str, zero_decimal: Collection[str]) -> Line:
    own = part.currency(fallback)
    share = converted = part.share or _NOTHING
    if share and own != currency:
        minor, own_minor = (minor_per_major(each, zero_decimal) for each in (currency, own))
        converted = share * _rate(part.subscription, currency) * Fraction(minor, own_minor)
    return Line(
        subscription_id=part.subscription.id,
        amount=round(share),
        currency=own,
        converted=round(converted),
        counted=part.share is not None,
        why=part.why,
    )


def _rate(subscription: Subscription, currency: str) -> Fraction:
    """Units of `currency`, another one, for one unit of the subscription's own, both major."""
    to_base = subscription.base_currency_code in (None, currency)
    if subscription.exchange_rate is None or not to_base:
        raise Unconvertible(subscription.id)
    return Fraction(subscription.exchange_rate)
