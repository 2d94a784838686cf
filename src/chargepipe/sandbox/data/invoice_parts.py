"""Parts of a sample invoice: its amounts, line items and payments."""

from typing import Any

from .draw import ANCHOR, DAY

_OPEN = ("posted", "payment_due", "not_paid")


def amounts(
    drawn: bytes, status: str, number: int, date: int, subscriptions: list[dict[str, Any]]
) -> dict[str, Any]:
    """What it comes to, minor units; a few invoices say nothing of it.

    subscriptions: those that it renews, with a line each; none: one line outside of any.
    """
    total = 0 if drawn[3] < 8 else 1000 + int.from_bytes(drawn[4:6]) * 10
    if drawn[3] > 247:
        return {"line_items": []}
    due = total if status in _OPEN else 0
    paid = total if status == "paid" else 0
    return {
        "sub_total": total,
        "tax": 0,
        "total": total,
        "amount_due": due,
        "amount_paid": paid,
        "amount_to_collect": due,
        "amount_adjusted": 0,
        "credits_applied": 0,
        "write_off_amount": 0,
        "round_off_amount": 0,
        "line_items": _lines(number, total, date, subscriptions),
        "linked_payments": [_payment(number, paid, date)] if paid else [],
        "dunning_status": "exhausted" if status == "not_paid" and due else None,
        "dunning_attempts": [],
        "applied_credits": [],
        "adjustment_credit_notes": [],
        "issued_credit_notes": [],
        "linked_orders": [],
    }


def _lines(
    number: int, total: int, date: int, subscriptions: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if not subscriptions:
        return [_line(f"li_{number:06}", total, date) | {"entity_type": "adhoc"}]
    share = total // len(subscriptions)
    first = total - share * (len(subscriptions) - 1)
    return [
        _line(f"li_{number:06}_{place}", share if place else first, date) | _plan_of(row)
        for place, row in enumerate(subscriptions)
    ]


def _line(line_id: str, amount: int, date: int) -> dict[str, Any]:
    return {
        "id": line_id,
        "date_from": date,
        "date_to": date + 30 * DAY,
        "description": "Consulting",
        "quantity": 1,
        "unit_amount": amount,
        "amount": amount,
        "pricing_model": "per_unit",
        "is_taxed": False,
        "tax_amount": 0,
        "discount_amount": 0,
        "item_level_discount_amount": 0,
        "object": "line_item",
    }


def _plan_of(subscription: dict[str, Any]) -> dict[str, Any]:
    price = subscription["subscription_items"][0]["item_price_id"]
    return {
        "subscription_id": subscription["id"],
        "entity_type": "plan_item_price",
        "entity_id": price,
        "description": price,
    }


def _payment(number: int, amount: int, date: int) -> dict[str, Any]:
    paid_at = min(date + DAY, ANCHOR)
    return {
        "txn_id": f"txn_{number:06}_0",
        "applied_amount": amount,
        "applied_at": paid_at,
        "txn_status": "success",
        "txn_date": paid_at,
        "txn_amount": amount,
    }
