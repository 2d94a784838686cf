"""Raising invoices and taking payments for them."""

from typing import Literal

from ..data.draw import DAY, draw
from ..messages import Row
from .amounts import joined, settled
from .book import Book
from .credits import Credits
from .dues import count_dues
from .transactions import SAME, failed_attempt, payment, transaction_of

RETRY_AFTER = 3 * DAY
Collect = Literal["later", "succeeds", "fails"]


class Bills:
    """Makes invoices as Chargebee does; tells of them, but not of what they are made for.

    What could not be collected is tried again once, three days later: it is paid then, or dunning
    is exhausted and it stays not_paid. seed: decides which.
    """

    def __init__(self, book: Book, credits_: Credits, seed: int) -> None:
        self._book = book
        self._seed = seed
        self._credits = credits_

    def make(
        self,
        payer: Row,
        lines: list[Row],
        collect: Collect,
        *,
        recurring: bool = False,
        subscription_id: str | None = None,
        due_in_days: int = 0,
    ) -> tuple[Row, Row | None]:
        """An invoice and the transaction that pays for it, or fails to.

        payer: gives customer_id and currency. Open credits of the customer are applied first. A
        total of 0 is paid without a transaction. Tells nothing: see `tell`.
        """
        now = self._book.clock.seconds()
        total = sum(line["amount"] for line in lines)
        applied = self._credits.use(payer["customer_id"], payer["currency_code"], total)
        invoice = _plain(now, total, lines, applied) | {
            **{name: payer.get(name) for name in SAME},
            "subscription_id": subscription_id,
            "recurring": recurring,
            "first_invoice": not any(self._book.of("invoice", payer["customer_id"])),
            "status": "posted" if due_in_days else "payment_due",
            "due_date": now + due_in_days * DAY,
            "net_term_days": due_in_days,
        }
        invoice |= settled(invoice, {}, now)
        invoice = self._book.add("invoice", invoice)
        return self._collected(invoice, collect)

    def tell(self, invoice: Row, transaction: Row | None) -> None:
        """invoice_generated, then payment_succeeded or payment_failed."""
        self._book.tell("invoice_generated", {"invoice": invoice})
        if transaction:
            self._tell_payment(transaction, invoice)

    def pay(self, invoice: Row, amount: int) -> Row:
        """Take a payment for an invoice that stands: payment_succeeded and invoice_updated."""
        return self._tried(invoice, amount, "success", {})

    def update(self, invoice: Row, attrs: Row) -> Row:
        """Set attributes and what is due then; event invoice_updated."""
        row = self._set(invoice, attrs)
        self._book.tell("invoice_updated", {"invoice": row})
        return row

    def _collected(self, invoice: Row, collect: Collect) -> tuple[Row, Row | None]:
        """The new invoice after the first try to collect; it is no update of its own."""
        due = invoice["amount_due"]
        if not due or collect == "later":
            return self._counted(invoice), None
        status = "success" if collect == "succeeds" else "failure"
        if collect == "fails":
            self._book.clock.later(RETRY_AFTER, lambda: self._retry(invoice["id"]))
        transaction = transaction_of(self._book, invoice, due, "payment", status)
        return self._set(invoice, self._effect(invoice, transaction)), transaction

    def _retry(self, id: str) -> None:
        invoice = self._book.find("invoice", id)
        if invoice["status"] != "payment_due" or invoice.get("deleted"):
            return
        with self._book.as_job():
            if draw(self._seed, f"retry {id}", 0)[0] < 128:
                self.pay(invoice, invoice["amount_due"])
            else:
                over = {"status": "not_paid", "dunning_status": "exhausted", "next_retry_at": None}
                self._tried(invoice, invoice["amount_due"], "failure", over)

    def _tried(self, invoice: Row, amount: int, status: str, attrs: Row) -> Row:
        transaction = transaction_of(self._book, invoice, amount, "payment", status)
        row = self._set(invoice, self._effect(invoice, transaction) | attrs)
        self._tell_payment(transaction, row)
        self._book.tell("invoice_updated", {"invoice": row})
        return row

    def _effect(self, invoice: Row, transaction: Row) -> Row:
        """What a payment, or one that failed, changes of its invoice."""
        now = self._book.clock.seconds()
        attrs = joined(invoice, "linked_payments", payment(transaction))
        if transaction["status"] == "success":
            return attrs | {"amount_paid": invoice.get("amount_paid", 0) + transaction["amount"]}
        waits = {"dunning_status": "in_progress", "next_retry_at": now + RETRY_AFTER}
        attempt = failed_attempt(invoice, transaction)
        return attrs | waits | joined(invoice, "dunning_attempts", attempt)

    def _set(self, invoice: Row, attrs: Row) -> Row:
        attrs = settled(invoice, attrs, self._book.clock.seconds())
        return self._counted(self._book.change("invoice", invoice["id"], attrs))

    def _counted(self, invoice: Row) -> Row:
        if "subscription_id" in invoice:
            count_dues(self._book, invoice["subscription_id"])
        return invoice

    def _tell_payment(self, transaction: Row, invoice: Row) -> None:
        event = "payment_succeeded" if transaction["status"] == "success" else "payment_failed"
        self._book.tell_of_payment(event, transaction, invoice)


def _plain(now: int, total: int, lines: list[Row], applied: list[Row]) -> Row:
    """What every new invoice holds (recorded samples)."""
    return {
        "price_type": "tax_exclusive",
        "date": now,
        "generated_at": now,
        "sub_total": total,
        "tax": 0,
        "total": total,
        "amount_paid": 0,
        "amount_adjusted": 0,
        "write_off_amount": 0,
        "credits_applied": sum(entry["applied_amount"] for entry in applied),
        "round_off_amount": 0,
        "term_finalized": True,
        "is_gifted": False,
        "has_advance_charges": False,
        "channel": "web",
        "line_items": lines,
        "linked_payments": [],
        "dunning_attempts": [],
        "applied_credits": applied,
        "adjustment_credit_notes": [],
        "issued_credit_notes": [],
        "linked_orders": [],
    }
