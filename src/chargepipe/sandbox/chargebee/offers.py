"""What a subscription begins with, and what its items become."""

from ..data.draw import DAY
from ..data.subscriptions import PLANS, RATES, plan_item
from ..messages import Row
from .checks import one_of, whole

DAYS, QUANTITY = 3650, 10_000
"""The most that a verb takes."""
_UNITS = ("month", "year")
_NAMES = [name for name, _ in PLANS]


def bought(customer: Row, plan: str, currency: str, unit: str, quantity: int) -> Row:
    """The attributes of a new subscription but for status and times. Raises ValueError."""
    _check(plan, currency, unit, quantity)
    return {
        "customer_id": customer["id"],
        "currency_code": currency,
        "exchange_rate": RATES[currency],
        "base_currency_code": "USD",
        "billing_period": 1,
        "billing_period_unit": unit,
        "auto_collection": "on",
        "has_scheduled_changes": False,
        "subscription_items": [plan_item(plan, currency, unit, quantity)],
        "channel": "web",
        "due_invoices_count": 0,
        "business_entity_id": customer.get("business_entity_id"),
    }


def beginning(now: int, trial_days: int, start_in_days: int) -> Row:
    """Status and times: a future one first, then its trial, then the paid terms."""
    start = now + whole(start_in_days, 0, DAYS, "start_in_days") * DAY
    end = start + whole(trial_days, 0, DAYS, "trial_days") * DAY
    trial = {"trial_start": start, "trial_end": end} if trial_days else {}
    if start_in_days:
        return {"status": "future", "start_date": start, "next_billing_at": start, **trial}
    if trial_days:
        return {"status": "in_trial", "started_at": now, "next_billing_at": end, **trial}
    return {"status": "active", "started_at": now}


def changed_items(subscription: Row, plan: str | None, quantity: int | None) -> list[Row]:
    """The items with another plan or quantity. Raises ValueError."""
    items, currency = subscription["subscription_items"], subscription["currency_code"]
    old = next((item for item in items if item["item_type"] == "plan"), None)
    if old is None:
        raise ValueError(f"subscription {subscription['id']} has no plan to change")
    name = plan or old["item_price_id"].partition("-")[0]
    amount = old.get("quantity", 1) if quantity is None else quantity
    unit = subscription["billing_period_unit"]
    _check(name, currency, unit, amount)
    return [plan_item(name, currency, unit, amount), *(item for item in items if item is not old)]


def _check(plan: str, currency: str, unit: str, quantity: int) -> None:
    one_of(plan, _NAMES, f"plan {plan} not found; there are {', '.join(_NAMES)}")
    one_of(currency, RATES, f"the site has no currency {currency}; there are {', '.join(RATES)}")
    one_of(unit, _UNITS, f"a plan is billed by {' or '.join(_UNITS)}, not by {unit}")
    whole(quantity, 1, QUANTITY, "quantity")
