"""Sample invoices of Chargebee: one-time ones and those of subscriptions."""

import re
from typing import Any

from .children import Children
from .customers import Customers, entity
from .draw import ANCHOR, DAY, draw, touched
from .invoice_parts import amounts
from .subscriptions import RATES, Subscriptions

STATUSES = ("posted", "payment_due", "not_paid", "voided", "pending")
_COUNTS = (1, 0, 2, 0, 0, 1, 0, 0, 3, 0, 1, 0, 0, 1, 2, 0, 0, 1, 0, 1, 0, 0, 2, 0, 1, 0, 0, 1, 0)
_DIGITS = re.compile(r"([0-9]{6,12})$")


class Invoices:
    """The invoices of the sample customers, about 6 for every 10 customers."""

    def __init__(self, seed: int, customers: Customers, subscriptions: Subscriptions) -> None:
        self.children = Children(_COUNTS, customers.size)
        self.size = self.children.size
        self._seed = seed
        self._customers = customers
        self._subscriptions = subscriptions

    def created(self, number: int) -> int:
        """Unix seconds of the invoice; soon after the customer's creation."""
        parent = self.children.parent(number)
        made = self._customers.created(parent)
        gap = self._customers.created(parent + 1) - made
        return made + gap * (number - self.children.of(parent).start + 1) // 8

    def updated(self, number: int) -> int:
        """Unix seconds of the last change."""
        return touched(self.created(number))

    def id(self, number: int) -> str:
        """The invoice number; every tenth has a slash."""
        return f"2025/INV-{number:06}" if number % 10 == 0 else f"INV-{number:06}"

    def number(self, invoice_id: str) -> int | None:
        """The number of an id, or None where no sample invoice has it."""
        found = _DIGITS.search(invoice_id)
        number = int(found[1]) if found else 0
        return number if 1 <= number <= self.size and self.id(number) == invoice_id else None

    def row(self, number: int) -> dict[str, Any]:
        """The invoice as Chargebee's JSON; attributes without a value are absent."""
        parent = self.children.parent(number)
        owner, drawn = self._customers.drawn(parent), draw(self._seed, "invoice", number)
        date, updated = self.created(number), self.updated(number)
        currency = self._customers.currency(owner)
        recurring, billed = self._origin(parent, drawn, currency)
        only = billed[0]["id"] if len(billed) == 1 else None
        status = "paid" if drawn[0] < 150 else STATUSES[drawn[0] % len(STATUSES)]
        row: dict[str, Any] = {
            "id": self.id(number),
            "customer_id": self._customers.id(parent, owner),
            "subscription_id": only,
            "recurring": recurring,
            "status": status,
            "price_type": "tax_exclusive",
            "date": date,
            "due_date": date + 14 * DAY,
            "paid_at": min(date + DAY, ANCHOR) if status == "paid" else None,
            "voided_at": updated if status == "voided" else None,
            "void_reason_code": "Wrong amount" if status == "voided" else None,
            "updated_at": updated,
            "resource_version": updated * 1000 + number % 1000,
            "currency_code": currency,
            "exchange_rate": RATES[currency],
            "base_currency_code": "USD",
            "first_invoice": False,
            "term_finalized": True,
            "is_gifted": False,
            "channel": "web",
            "business_entity_id": entity(owner),
            "deleted": self._customers.is_deleted(owner) or drawn[1] < 6,
            "object": "invoice",
            **amounts(drawn, status, number, date, billed if recurring else []),
        }
        return {name: value for name, value in row.items() if value is not None}

    def _origin(
        self, parent: int, drawn: bytes, currency: str
    ) -> tuple[bool, list[dict[str, Any]]]:
        """Whether it recurs, and for which subscriptions: none, one, or several at once."""
        numbers = self._subscriptions.children.of(parent)
        if not numbers or drawn[2] < 140:
            return False, []
        first = self._subscriptions.row(numbers.start)
        if drawn[2] < 160:
            return False, [first]
        others = (self._subscriptions.row(number) for number in numbers[1:] if drawn[2] >= 200)
        return True, [first, *(row for row in others if row["currency_code"] == currency)]
