"""What an invoice's amounts come to after a payment, a credit or a write-off. Minor units."""

from ..messages import Row
from .checks import MOST, whole

OPEN = ("posted", "payment_due", "not_paid")
"""Statuses of an invoice on which something is due."""
_TAKEN_OFF = ("amount_paid", "amount_adjusted", "credits_applied", "write_off_amount")


def settled(invoice: Row, attrs: Row, now: int) -> Row:
    """`attrs` with what is due then; an open invoice on which nothing is due is paid.

    Recorded samples and [spec] of the fact sheet: due is the total less what was paid, adjusted by
    credit notes, taken from credits, or written off.
    """
    held = invoice | attrs
    due = held.get("total", 0) - sum(held.get(name, 0) for name in _TAKEN_OFF)
    attrs = attrs | {"amount_due": due, "amount_to_collect": due}
    if due == 0 and held["status"] in OPEN:
        attrs |= {"status": "paid", "paid_at": now, "next_retry_at": None}
        if held.get("dunning_status") == "in_progress":
            attrs["dunning_status"] = "success"
    return attrs


def due(invoice: Row) -> int:
    """What is due; raises ValueError where the invoice's status leaves nothing to do."""
    if invoice["status"] not in OPEN:
        raise ValueError(f"invoice {invoice['id']} is {invoice['status']}: nothing is due on it")
    return invoice.get("amount_due", 0)


def checked(amount: int, most: int, invoice: Row, what: str) -> int:
    """An amount from 1 to `most`. Raises ValueError."""
    if whole(amount, 1, MOST, "the amount (minor units)") > most:
        raise ValueError(
            f"the amount {amount} is more than what is {what} on invoice {invoice['id']}: {most}"
        )
    return amount


def joined(invoice: Row, name: str, entry: Row) -> Row:
    """The attribute that lists something, with one entry more."""
    return {name: [*invoice.get(name, []), entry]}
