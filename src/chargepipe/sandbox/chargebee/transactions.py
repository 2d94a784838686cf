"""Transactions: payments and refunds as events show them; the sandbox keeps no list of them."""

from typing import Literal

from ..messages import Row
from .book import Book

SAME = (
    *("customer_id", "exchange_rate", "currency_code", "base_currency_code"),
    "business_entity_id",
)
"""Attributes that invoices and transactions take over from what they are made for."""


def transaction_of(
    book: Book, invoice: Row, amount: int, kind: Literal["payment", "refund"], status: str
) -> Row:
    """A transaction for an invoice, by card. status: success or failure. Minor units."""
    now = book.clock.seconds()
    failure = {"error_code": "3001", "error_text": "Insufficient funds"}
    row: Row = {
        "id": book.give_id("txn"),
        **{name: invoice[name] for name in (*SAME, "subscription_id") if name in invoice},
        "payment_method": "card",
        "gateway": "chargebee",
        "type": kind,
        "date": now,
        "amount": amount,
        "status": status,
        **(failure if status == "failure" else {}),
        "updated_at": now,
        "resource_version": now * 1000,
        "deleted": False,
        "object": "transaction",
    }
    if kind == "payment":
        row |= {"amount_unused": 0, "linked_invoices": [_linked(invoice, amount, now)]}
    return row


def payment(transaction: Row) -> Row:
    """The entry of a transaction in `linked_payments` of an invoice."""
    return {
        "txn_id": transaction["id"],
        "applied_amount": transaction["amount"],
        "applied_at": transaction["date"],
        "txn_status": transaction["status"],
        "txn_date": transaction["date"],
        "txn_amount": transaction["amount"],
    }


def failed_attempt(invoice: Row, transaction: Row) -> Row:
    """The entry of a failed transaction in `dunning_attempts` of an invoice."""
    return {
        "attempt": len(invoice.get("dunning_attempts", [])) + 1,
        "transaction_id": transaction["id"],
        "dunning_type": "auto_collect",
        "created_at": transaction["date"],
        "txn_status": transaction["status"],
        "txn_amount": transaction["amount"],
    }


def _linked(invoice: Row, amount: int, now: int) -> Row:
    return {
        "invoice_id": invoice["id"],
        "applied_amount": amount,
        "applied_at": now,
        "invoice_date": invoice["date"],
        "invoice_total": invoice.get("total", 0),
        "invoice_status": invoice["status"],
    }
