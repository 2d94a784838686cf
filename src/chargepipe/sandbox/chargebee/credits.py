"""Credit notes, and the credits of a customer that pay for the next invoice."""

from typing import Literal

from ..messages import Row
from .book import Book

Kind = Literal["adjustment", "refundable"]


class Credits:
    """Makes credit notes and applies what is left of them."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def make(
        self, invoice: Row, kind: Kind, amount: int, status: str, reason: str = "other"
    ) -> Row:
        """A credit note on an invoice, and event credit_note_created. Minor units."""
        now = self._book.clock.seconds()
        names = ("customer_id", "subscription_id", "currency_code", "exchange_rate")
        more = ("base_currency_code", "business_entity_id", "price_type")
        note = self._book.add(
            "credit_note",
            {name: invoice.get(name) for name in names + more}
            | {
                "id": self._book.give_id("CN"),
                "reference_invoice_id": invoice["id"],
                "type": kind,
                "reason_code": reason,
                "status": status,
                "date": now,
                "total": amount,
                "sub_total": amount,
                "amount_allocated": amount if kind == "adjustment" else 0,
                "amount_refunded": amount if status == "refunded" else 0,
                "amount_available": amount if status == "refund_due" else 0,
                "refunded_at": now if status == "refunded" else None,
                "round_off_amount": 0,
                "line_items": [],
                "linked_refunds": [],
                "allocations": [],
            },
        )
        self._book.tell("credit_note_created", {"credit_note": note})
        return note

    def use(self, customer_id: str, currency: str, most: int) -> list[Row]:
        """Take up to `most` from the open credit notes; entries for `applied_credits`."""
        entries: list[Row] = []
        for note in list(self._book.of("credit_note", customer_id)):
            left = most - sum(entry["applied_amount"] for entry in entries)
            amount = min(note["amount_available"], left)
            if amount and note["currency_code"] == currency:
                entries.append(self._take(note, amount))
        if entries:
            self.count(customer_id)
        return entries

    def count(self, customer_id: str) -> None:
        """Set the customer's `refundable_credits`; a derived value, so no time moves."""
        notes = self._book.of("credit_note", customer_id)
        total = sum(note["amount_available"] for note in notes)
        self._book.change_quietly("customer", customer_id, {"refundable_credits": total})

    def _take(self, note: Row, amount: int) -> Row:
        left = note["amount_available"] - amount
        attrs = {
            "amount_available": left,
            "amount_allocated": note["amount_allocated"] + amount,
            "status": "refund_due" if left else "refunded",
        }
        note = self._book.change("credit_note", note["id"], attrs)
        return {
            "cn_id": note["id"],
            "applied_amount": amount,
            "applied_at": self._book.clock.seconds(),
            "cn_reason_code": note["reason_code"],
            "cn_date": note["date"],
            "cn_status": note["status"],
        }


def noted(note: Row) -> Row:
    """The entry of a credit note in an invoice's lists of them."""
    return {
        "cn_id": note["id"],
        "cn_reason_code": note["reason_code"],
        "cn_date": note["date"],
        "cn_total": note["total"],
        "cn_status": note["status"],
    }
