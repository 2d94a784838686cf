"""Invoices that somebody raises, outside of any renewal."""

from collections.abc import Sequence

from ..data.draw import DAY
from ..data.subscriptions import RATES
from ..messages import Row
from .bills import Bills
from .book import Book
from .checks import MOST, whole
from .dues import count_dues
from .lines import adhoc_line


class Raising:
    """One-time invoices, charges on a subscription, and consolidated invoices of several."""

    def __init__(self, book: Book, bills: Bills) -> None:
        self._book = book
        self._bills = bills

    def for_customer(
        self, customer_id: str, amount: int, subscription_ids: Sequence[str], due_in_days: int
    ) -> Row:
        """The invoice, posted until it is due, not_paid from then on. Raises ValueError."""
        customer = self._book.live("customer", customer_id)
        mine = self._subscriptions(customer_id, subscription_ids)
        whole(amount, 1, MOST, "the amount (minor units)")
        whole(due_in_days, 0, 3650, "due_in_days")
        invoice, transaction = self._bills.make(
            _payer(customer, mine),
            self._lines(customer_id, amount, mine),
            "later",
            recurring=len(mine) > 1,
            subscription_id=mine[0]["id"] if len(mine) == 1 else None,
            due_in_days=due_in_days,
        )
        for row in mine if len(mine) > 1 else ():
            count_dues(self._book, row["id"])
        self._bills.tell(invoice, transaction)
        self._book.clock.later(due_in_days * DAY, lambda: self._fall_due(invoice["id"]))
        return invoice

    def _subscriptions(self, customer_id: str, ids: Sequence[str]) -> list[Row]:
        rows = [self._book.live("subscription", id) for id in dict.fromkeys(ids)]
        for row in rows:
            if row["customer_id"] != customer_id:
                raise ValueError(f"subscription {row['id']} is not of customer {customer_id}")
        return rows

    def _lines(self, customer_id: str, amount: int, subscriptions: list[Row]) -> list[Row]:
        """A line for each subscription; the first takes what cannot be divided."""
        ids = [row["id"] for row in subscriptions] or [None]
        share = amount // len(ids)
        shares = [amount - share * (len(ids) - 1)] + [share] * (len(ids) - 1)
        pairs = zip(shares, ids, strict=True)
        return [adhoc_line(self._book, customer_id, part, id) for part, id in pairs]

    def _fall_due(self, id: str) -> None:
        invoice = self._book.find("invoice", id)
        if invoice["status"] not in ("posted", "payment_due") or invoice.get("deleted"):
            return
        with self._book.as_job():
            row = self._book.change("invoice", id, {"status": "not_paid"})
            if "subscription_id" in row:
                count_dues(self._book, row["subscription_id"])
            self._book.tell("invoice_updated", {"invoice": row})


def _payer(customer: Row, subscriptions: list[Row]) -> Row:
    """Who pays, in the one currency of the subscriptions, else the customer's preferred one."""
    codes = {row["currency_code"] for row in subscriptions}
    if len(codes) > 1:
        raise ValueError(f"one invoice cannot be in several currencies: {', '.join(sorted(codes))}")
    code = codes.pop() if codes else customer.get("preferred_currency_code", "USD")
    return {
        "customer_id": customer["id"],
        "business_entity_id": customer.get("business_entity_id"),
        "currency_code": code,
        "exchange_rate": RATES.get(code, 1.0),
        "base_currency_code": "USD",
    }
