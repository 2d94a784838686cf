"""Sample subscriptions of Chargebee (Product Catalog 2.0)."""

import re
from fractions import Fraction
from typing import Any

from .children import Children
from .customers import CURRENCIES, Customers, entity
from .draw import ANCHOR, DAY, draw, touched

STATUSES = ("active", "non_renewing", "in_trial", "future", "paused", "cancelled", "transferred")
RATES = {"USD": 1.0, "EUR": 1.08, "GBP": 1.27, "JPY": 0.0067, "KWD": 3.25}
"""What one unit of the currency is worth in the base currency USD."""
ZERO_DECIMAL = ("JPY",)
PLANS = (("basic", 1900), ("team", 4900), ("business", 19900), ("enterprise", 99000))
_MONTHS = {
    "day": Fraction(365, 12),
    "week": Fraction(365, 84),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}
"""How often a period fits into a month."""
_ENDED = ("cancelled", "transferred", "future")
_COUNTS = (1, 1, 2, 0, 1, 1, 1, 4, 0, 1, 1, 2, 1, 1, 1, 0, 1, 3, 1, 1, 2, 1, 1)
_DIGITS = re.compile(r"^sub_([0-9]{6,12})$")


class Subscriptions:
    """The subscriptions of the sample customers, about 1.2 each.

    paused_keeps_mrr: whether paused ones have their `mrr` still, or 0.
    """

    def __init__(self, seed: int, customers: Customers, *, paused_keeps_mrr: bool = True) -> None:
        self.children = Children(_COUNTS, customers.size)
        self.size = self.children.size
        self._seed = seed
        self._customers = customers
        self._worthless = _ENDED if paused_keeps_mrr else (*_ENDED, "paused")

    def created(self, number: int) -> int:
        """Unix seconds; after the customer's creation and before the next customer's."""
        parent = self.children.parent(number)
        made = self._customers.created(parent)
        gap = self._customers.created(parent + 1) - made
        return made + gap * (number - self.children.of(parent).start) // 8

    def updated(self, number: int) -> int:
        """Unix seconds of the last change."""
        return touched(self.created(number))

    def number(self, subscription_id: str) -> int | None:
        """The number of an id, or None where no sample subscription has it."""
        found = _DIGITS.match(subscription_id)
        number = int(found[1]) if found else 0
        return number if 1 <= number <= self.size else None

    def row(self, number: int) -> dict[str, Any]:
        """The subscription as Chargebee's JSON; attributes without a value are absent."""
        parent = self.children.parent(number)
        owner, drawn = self._customers.drawn(parent), draw(self._seed, "subscription", number)
        created, updated = self.created(number), self.updated(number)
        status, currency = status_of(drawn), self._currency(number, owner, drawn)
        unit = "year" if drawn[1] < 64 else "month"
        items = _items(drawn, currency, unit)
        row: dict[str, Any] = {
            "id": f"sub_{number:06}",
            "customer_id": self._customers.id(parent, owner),
            "status": status,
            "currency_code": currency,
            "billing_period": 1,
            "billing_period_unit": unit,
            "created_at": created,
            "updated_at": updated,
            "resource_version": updated * 1000 + number % 1000,
            "auto_collection": "on",
            "has_scheduled_changes": False,
            "subscription_items": items,
            "mrr": self._mrr(drawn, status, items, unit),
            "exchange_rate": RATES[currency],
            "base_currency_code": "USD",
            "channel": "web",
            "due_invoices_count": 0,
            "business_entity_id": entity(owner),
            "deleted": self._customers.is_deleted(owner) or drawn[2] < 8,
            "object": "subscription",
            **_times(drawn, status, created, updated, unit),
        }
        return {name: value for name, value in row.items() if value is not None}

    def _mrr(self, drawn: bytes, status: str, items: list[dict[str, Any]], unit: str) -> int | None:
        if drawn[10] < 12 or (status in ("in_trial", "future") and drawn[10] < 128):
            return None
        return 0 if status in self._worthless else per_month(items, unit)

    def _currency(self, number: int, owner: bytes, drawn: bytes) -> str:
        first = self.children.of(self.children.parent(number)).start == number
        if first or drawn[3] < 160:
            return self._customers.currency(owner)
        return CURRENCIES[drawn[4] % len(CURRENCIES)]


def status_of(drawn: bytes) -> str:
    """The status: six in ten active, each other one a few percent."""
    kind = drawn[5]
    return STATUSES[0 if kind < 150 else 1 + kind % 5] if kind < 250 else STATUSES[6]


def plan_item(plan: str, currency: str, unit: str, quantity: int) -> dict[str, Any]:
    """The one plan of a subscription, in the form of Product Catalog 2.0; minor units."""
    price = _price(plan, currency, unit)
    return _item(f"{plan}-{currency}-{unit}ly", "plan", quantity, price)


def per_month(items: list[dict[str, Any]], unit: str, period: int = 1) -> int:
    """What plan and addons come to in a month, half to even; charges do not count."""
    amount = sum(item.get("amount", 0) for item in items if item["item_type"] != "charge")
    return round(Fraction(amount) * _MONTHS[unit] / period)


def _price(plan: str, currency: str, unit: str) -> int:
    price = dict(PLANS)[plan] * (10 if unit == "year" else 1)
    return price * 110 // 100 if currency in ZERO_DECIMAL else price


def _items(drawn: bytes, currency: str, unit: str) -> list[dict[str, Any]]:
    plan, _ = PLANS[drawn[6] % len(PLANS)]
    price = _price(plan, currency, unit)
    items = [plan_item(plan, currency, unit, 1 + drawn[7] % 5)]
    if drawn[8] < 64:
        items.append(_item(f"support-{currency}-{unit}ly", "addon", 1, price // 4))
    if drawn[8] < 24:
        items.append(_item(f"setup-{currency}", "charge", 1, price // 2))
    if drawn[9] < 8:
        items[0] = {k: v for k, v in items[0].items() if k not in ("amount", "unit_price")}
    return items


def _item(price_id: str, kind: str, quantity: int, price: int) -> dict[str, Any]:
    return {
        "item_price_id": price_id,
        "item_type": kind,
        "quantity": quantity,
        "unit_price": price,
        "amount": quantity * price,
        "object": "subscription_item",
    }


def _times(
    drawn: bytes, status: str, created: int, updated: int, unit: str
) -> dict[str, int | str | None]:
    ahead = ANCHOR + (1 + drawn[11] % 60) * DAY
    if status == "future":
        return {"start_date": ahead, "next_billing_at": ahead}
    if status == "in_trial":
        leaves = ahead if drawn[12] < 64 else None
        trial: dict[str, int | str | None] = {"trial_start": created, "trial_end": ahead}
        nexts = None if leaves else ahead
        return {"started_at": created, **trial, "next_billing_at": nexts, "cancelled_at": leaves}
    period = (365 if unit == "year" else 30) * DAY
    start = created + (ANCHOR - created) // period * period
    end = start + period
    running: dict[str, int | str | None] = {"started_at": created, "activated_at": created}
    term = {"current_term_start": start, "current_term_end": end}
    match status:
        case "active":
            return {**running, **term, "next_billing_at": end}
        case "non_renewing":
            return {**running, **term, "cancelled_at": end}
        case "paused":
            back = ahead if drawn[12] < 128 else None
            return {**running, "pause_date": updated, "resume_date": back}
        case "cancelled":
            return {**running, "cancelled_at": updated, **_reason(drawn)}
        case _:
            return {**running, "active_id": f"sub_moved_{drawn[13]:03}"}


def _reason(drawn: bytes) -> dict[str, int | str | None]:
    if drawn[13] < 100:
        return {"cancel_reason": "not_paid"}
    return {"cancel_reason_code": "Too expensive"} if drawn[13] < 200 else {}
