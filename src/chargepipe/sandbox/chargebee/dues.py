"""What is due on a subscription: values derived from its invoices (fact sheets 3 and 4)."""

from typing import cast

from ..messages import Row
from .book import Book

_DUE = ("payment_due", "not_paid")
_NAMES = ("due_invoices_count", "total_dues", "due_since")


def count_dues(book: Book, subscription_id: str) -> None:
    """Set due_invoices_count, total_dues and due_since; derived values, so no time moves.

    All three are absent once an invoice of several subscriptions bills this one.
    """
    row = book.find("subscription", subscription_id)
    bills = list(book.of("invoice", row["customer_id"]))
    attrs: Row = dict.fromkeys(_NAMES)
    if not any(_is_consolidated(bill, row["id"]) for bill in bills):
        attrs = _dues([bill for bill in bills if _is_due(bill, row["id"])])
    if any(row.get(name) != value for name, value in attrs.items()):
        book.change_quietly("subscription", row["id"], attrs)


def _dues(due: list[Row]) -> Row:
    return {
        "due_invoices_count": len(due),
        "total_dues": sum(bill["amount_due"] for bill in due) or None,
        "due_since": min((bill["date"] for bill in due), default=None),
    }


def _is_due(invoice: Row, subscription_id: str) -> bool:
    mine = invoice.get("subscription_id") == subscription_id
    return mine and invoice["status"] in _DUE and invoice.get("amount_due", 0) > 0


def _is_consolidated(invoice: Row, subscription_id: str) -> bool:
    lines = cast(list[Row], invoice.get("line_items", []))
    named = any(line.get("subscription_id") == subscription_id for line in lines)
    return named and "subscription_id" not in invoice
