"""What can be done with an invoice, and what Chargebee refuses to do."""

from collections.abc import Sequence

from ..messages import Row
from .amounts import OPEN, checked, due, joined
from .bills import Bills
from .book import Book
from .checks import MOST
from .credits import Credits, noted
from .dues import count_dues
from .raising import Raising
from .transactions import transaction_of

_CREDITED = ("amount_adjusted", "applied_credits", "issued_credit_notes")
"""What stands in the way of a void (API page "void an invoice")."""


class InvoiceVerbs:
    """Each verb answers the invoice as it is then and adds the events that Chargebee sends.

    Amounts are minor units. Raises KeyError for an unknown or deleted id, ValueError for what
    Chargebee refuses.
    """

    def __init__(self, book: Book, bills: Bills, credits_: Credits) -> None:
        self._book = book
        self._bills = bills
        self._raising = Raising(book, bills)
        self._credits = credits_

    def raise_for(
        self,
        customer_id: str,
        amount: int,
        subscription_ids: Sequence[str] = (),
        due_in_days: int = 14,
    ) -> Row:
        """An invoice that is to be paid.

        Without subscriptions it is one-time. With one it is a charge on that one (recurring is
        false, subscription_id is set: recorded samples, fact sheet 5). With several it is their
        consolidated invoice: recurring, no subscription_id, a line for each.
        """
        return self._raising.for_customer(customer_id, amount, subscription_ids, due_in_days)

    def pay(self, id: str, amount: int | None = None) -> Row:
        """Take a payment, of all that is due or of a part."""
        invoice = self._book.live("invoice", id)
        most = due(invoice)
        amount = most if amount is None else amount
        return self._bills.pay(invoice, checked(amount, most, invoice, "due"))

    def void(self, id: str, reason: str | None = None) -> Row:
        """Void an invoice that nobody paid or credited. reason: the merchant's own code."""
        invoice = self._book.live("invoice", id)
        if invoice["status"] == "paid":
            raise ValueError(
                f"invoice {id} is paid and cannot be voided: refund or credit it instead"
            )
        due(invoice)
        if _paid(invoice):
            raise ValueError(f"invoice {id} has payments: remove them before it is voided")
        if any(invoice.get(name) for name in _CREDITED):
            raise ValueError(f"invoice {id} has credit notes: remove them before it is voided")
        now = self._book.clock.seconds()
        attrs = {"status": "voided", "voided_at": now, "void_reason_code": reason}
        nothing = {"amount_due": 0, "amount_to_collect": 0, "next_retry_at": None}
        stopped = {"dunning_status": "stopped"} if "dunning_status" in invoice else {}
        return self._set(invoice, attrs | nothing | stopped, "invoice_updated")

    def refund(self, id: str, amount: int) -> Row:
        """Give a payment back, with a credit note; the invoice stays paid (recorded samples)."""
        invoice = self._book.live("invoice", id)
        most = _paid(invoice) - _credited(invoice)
        checked(amount, most, invoice, "left to refund")
        note = self._credits.make(invoice, "refundable", amount, "refunded")
        back = transaction_of(self._book, invoice, amount, "refund", "success")
        attrs = joined(invoice, "issued_credit_notes", noted(note))
        row = self._book.change("invoice", id, attrs)
        self._book.tell_of_payment("payment_refunded", back, row, credit_note=note)
        self._book.tell("invoice_updated", {"invoice": row})
        return row

    def credit(self, id: str, amount: int) -> Row:
        """A credit note: it lowers what is due, or where all is paid, waits for the next invoice.

        The first is an adjustment (adjustment_credit_notes, amount_adjusted), the second
        refundable (issued_credit_notes, the customer's refundable_credits).
        """
        invoice = self._book.live("invoice", id)
        if invoice["status"] in OPEN:
            checked(amount, due(invoice), invoice, "due")
            return self._adjust(invoice, amount, "amount_adjusted", "other")
        if invoice["status"] != "paid":
            raise ValueError(f"invoice {id} is {invoice['status']} and cannot be credited")
        checked(amount, invoice.get("total", 0) - _credited(invoice), invoice, "left to credit")
        note = self._credits.make(invoice, "refundable", amount, "refund_due")
        self._credits.count(invoice["customer_id"])
        return self._bills.update(invoice, joined(invoice, "issued_credit_notes", noted(note)))

    def write_off(self, id: str) -> Row:
        """Give up what is due; the invoice counts as paid then."""
        invoice = self._book.live("invoice", id)
        amount = checked(due(invoice), MOST, invoice, "due")
        return self._adjust(invoice, amount, "write_off_amount", "write_off")

    def delete(self, id: str) -> Row:
        """Delete an invoice; its tombstone stays."""
        row = self._book.live("invoice", id)
        return self._set(row, {"deleted": True}, "invoice_deleted")

    def _adjust(self, invoice: Row, amount: int, attribute: str, reason: str) -> Row:
        note = self._credits.make(invoice, "adjustment", amount, "adjusted", reason)
        attrs = joined(invoice, "adjustment_credit_notes", noted(note))
        attrs[attribute] = invoice.get(attribute, 0) + amount
        return self._bills.update(invoice, attrs)

    def _set(self, invoice: Row, attrs: Row, event: str) -> Row:
        row = self._book.change("invoice", invoice["id"], attrs)
        if "subscription_id" in row:
            count_dues(self._book, row["subscription_id"])
        self._book.tell(event, {"invoice": row})
        return row


def _paid(invoice: Row) -> int:
    """What successful payments came to."""
    return invoice.get("amount_paid", 0)


def _credited(invoice: Row) -> int:
    return sum(note["cn_total"] for note in invoice.get("issued_credit_notes", []))
