"""What a record made by hand holds where nothing else is said."""

from ..messages import Row

NEW_CUSTOMER: Row = {"auto_collection": "on", "taxability": "taxable", "pii_cleared": "active"}
_CURRENCY: Row = {"currency_code": "USD", "exchange_rate": 1.0, "base_currency_code": "USD"}


def new_subscription(customer_id: str, now: int) -> Row:
    """An active one, a month, one plan of 49.00 USD. `now`: unix seconds."""
    item: Row = {
        "item_price_id": "team-USD-monthly",
        "item_type": "plan",
        "quantity": 1,
        "unit_price": 4900,
        "amount": 4900,
        "object": "subscription_item",
    }
    return _CURRENCY | {
        "customer_id": customer_id,
        "status": "active",
        "billing_period": 1,
        "billing_period_unit": "month",
        "started_at": now,
        "activated_at": now,
        "subscription_items": [item],
        "mrr": 4900,
        "has_scheduled_changes": False,
    }


def new_invoice(customer_id: str, now: int) -> Row:
    """A paid one-time invoice of 100.00 USD. `now`: unix seconds."""
    return _CURRENCY | {
        "customer_id": customer_id,
        "recurring": False,
        "status": "paid",
        "date": now,
        "due_date": now,
        "paid_at": now,
        "total": 10_000,
        "amount_due": 0,
        "amount_paid": 10_000,
    }
