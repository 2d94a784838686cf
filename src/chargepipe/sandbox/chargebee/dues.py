"""What is due on a subscription: values derived from its invoices (fact sheets 3 and 4)."""

from ..messages import Row
from .book import Book

_DUE = ("payment_due", "not_paid")


def count_dues(book: Book, subscription_id: str) -> None:
    """Set due_invoices_count, total_dues and due_since; derived values, so no time moves.

    Invoices of several subscriptions do not count: with them the values are absent in Chargebee.
    """
    row = book.find("subscription", subscription_id)
    due = [bill for bill in book.of("invoice", row["customer_id"]) if _is_due(bill, row["id"])]
    attrs = {
        "due_invoices_count": len(due),
        "total_dues": sum(bill["amount_due"] for bill in due) or None,
        "due_since": min((bill["date"] for bill in due), default=None),
    }
    if any(row.get(name) != value for name, value in attrs.items()):
        book.change_quietly("subscription", row["id"], attrs)


def _is_due(invoice: Row, subscription_id: str) -> bool:
    mine = invoice.get("subscription_id") == subscription_id
    return mine and invoice["status"] in _DUE and invoice.get("amount_due", 0) > 0
