"""The billing site behind the API: its records and raw edits of them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from ..clock import Clock
from ..data.cases import cases
from ..data.customers import Customers
from ..data.invoices import Invoices
from ..data.people import People
from ..data.subscriptions import Subscriptions
from ..messages import Row
from ..options import Options
from .book import Book, Listener, without_none
from .find import found
from .new import NEW_CUSTOMER, new_invoice, new_subscription
from .raw import Kind, checked
from .shelf import Shelf, shelves
from .site import Site

_STATUS_EVENTS = {
    "cancelled": "subscription_cancelled",
    "active": "subscription_activated",
    "paused": "subscription_paused",
    "non_renewing": "subscription_cancellation_scheduled",
}


class Billing:
    """Edit the simulated Chargebee site freely; `CustomerVerbs` and others do what it allows.

    Every edit but `edit_mrr` moves `updated_at` (unix seconds) and `resource_version`
    (milliseconds) to now; each adds one event. Rows are raw JSON in Chargebee's form. An attribute
    set to None is removed. Unknown ids raise KeyError, what no such record can hold ValueError
    (`raw.checked`). `listeners` are called with each event row, right after it is kept.
    """

    def __init__(
        self,
        seed: int,
        size: int,
        people_before: float,
        clock: Clock,
        site: Site,
        options: Options,
    ) -> None:
        self.seed = seed
        self._customers = Customers(seed, size, options.custom_dates)
        self._subscriptions = Subscriptions(
            seed, self._customers, paused_keeps_mrr=options.paused_keeps_mrr
        )
        self._invoices = Invoices(seed, self._customers, self._subscriptions)
        self.people = People(seed, self._customers, people_before)
        kept = shelves(self._customers, self._subscriptions, self._invoices, clock, site)
        self.book = Book(kept, clock)

    @property
    def shelves(self) -> dict[str, Shelf]:
        """The records by kind: customer, subscription, invoice, event and others."""
        return self.book.shelves

    @property
    def listeners(self) -> list[Listener]:
        """Called with each event row, right after it is kept."""
        return self.book.listeners

    @cached_property
    def cases(self) -> dict[str, list[str]]:
        """Customer ids by the case that they stand for, as generated (edits do not count)."""
        return cases(self._customers, self._subscriptions, self._invoices, self.people)

    def customers(self) -> Iterator[Row]:
        """Each customer as it is now, deleted ones too."""
        return self.shelves["customer"].rows()

    def subscriptions(self) -> Iterator[Row]:
        """Each subscription as it is now, deleted ones too."""
        return self.shelves["subscription"].rows()

    def invoices(self) -> Iterator[Row]:
        """Each invoice as it is now, deleted ones too."""
        return self.shelves["invoice"].rows()

    def events(self) -> Iterator[Row]:
        """Each event since the start, oldest first."""
        return self.shelves["event"].rows()

    def search(self, text: str, limit: int = 20) -> list[Row]:
        """Customers, newest first, each with all its `subscriptions` and `invoices`.

        text: a part of a name, company or email, or an id of any of the three kinds; empty: all.
        """
        return found(self.book, text, limit)

    def with_scheduled_changes(self, id: str) -> Row:
        """A subscription as it will be after its scheduled changes.

        Raises ValueError where there are none, as Chargebee answers 400 then (fact sheet 5).
        """
        row = self.book.live("subscription", id)
        if not row.get("has_scheduled_changes"):
            raise ValueError(f"subscription {id} has no scheduled changes")
        return without_none(row | self.book.scheduled.get(id, {}))

    def customer(self, id: str) -> Row:
        """One customer as it is now, deleted or not."""
        return dict(self.book.find("customer", id))

    def subscription(self, id: str) -> Row:
        """One subscription as it is now, deleted or not."""
        return dict(self.book.find("subscription", id))

    def invoice(self, id: str) -> Row:
        """One invoice as it is now, deleted or not."""
        return dict(self.book.find("invoice", id))

    def add_customer(self, **attrs: Any) -> Row:
        """Make a customer; the id is made where none is given."""
        row = self.book.add("customer", NEW_CUSTOMER | checked("customer", attrs))
        self.book.tell("customer_created", {"customer": row})
        return row

    def edit_customer(self, id: str, **attrs: Any) -> Row:
        """Change attributes of a customer."""
        row = self.book.change("customer", id, checked("customer", attrs))
        self.book.tell("customer_changed", {"customer": row})
        return row

    def delete_customer(self, id: str) -> Row:
        """Delete a customer with all that is its own: one event, tombstones stay."""
        gone: dict[str, list[Row]] = {"subscription": [], "invoice": [], "credit_note": []}
        for kind, rows in gone.items():
            for row in list(self.book.of(kind, id)):
                rows.append(self.book.change(kind, row["id"], {"deleted": True}))
        customer = self.book.change("customer", id, {"deleted": True})
        content = {"customer": customer, "subscriptions": gone["subscription"]}
        self.book.tell("customer_deleted", content)
        return customer

    def add_subscription(self, customer_id: str, **attrs: Any) -> Row:
        """Make a subscription: active, USD, a month, one plan of 49.00, unless attrs say else."""
        self.book.find("customer", customer_id)
        plain = new_subscription(customer_id, self.book.clock.seconds())
        row = self.book.add("subscription", plain | self._checked("subscription", attrs))
        self.book.tell_of("subscription_created", row)
        return row

    def edit_subscription(self, id: str, **attrs: Any) -> Row:
        """Change attributes of a subscription."""
        attrs = self._checked("subscription", attrs)
        moved = attrs.get("status", "") != self.subscription(id)["status"]
        event = _STATUS_EVENTS.get(attrs.get("status", "")) if moved else None
        row = self.book.change("subscription", id, attrs)
        self.book.tell_of(event or "subscription_changed", row)
        return row

    def delete_subscription(self, id: str) -> Row:
        """Delete a subscription; its tombstone stays."""
        row = self.book.change("subscription", id, {"deleted": True})
        self.book.tell_of("subscription_deleted", row)
        return row

    def edit_mrr(self, subscription_id: str, mrr: int | None) -> Row:
        """Set `mrr` (minor units) as Chargebee's own job does: no time or version moves."""
        attrs = checked("subscription", {"mrr": mrr})
        row = self.book.change_quietly("subscription", subscription_id, attrs)
        self.book.tell("mrr_updated", {"subscription": row})
        return row

    def add_invoice(self, customer_id: str, **attrs: Any) -> Row:
        """Make an invoice: one-time, paid, 100.00 USD, unless attrs say else."""
        self.book.find("customer", customer_id)
        plain = new_invoice(customer_id, self.book.clock.seconds())
        row = self.book.add("invoice", plain | self._checked("invoice", attrs))
        self.book.tell("invoice_generated", {"invoice": row})
        return row

    def edit_invoice(self, id: str, **attrs: Any) -> Row:
        """Change attributes of an invoice."""
        row = self.book.change("invoice", id, self._checked("invoice", attrs))
        self.book.tell("invoice_updated", {"invoice": row})
        return row

    def delete_invoice(self, id: str) -> Row:
        """Delete an invoice; its tombstone stays."""
        row = self.book.change("invoice", id, {"deleted": True})
        self.book.tell("invoice_deleted", {"invoice": row})
        return row

    def _checked(self, kind: Kind, attrs: Row) -> Row:
        """The attributes, where they fit and point to records that exist."""
        checked(kind, attrs)
        for parent in ("customer", "subscription"):
            id = attrs.get(f"{parent}_id")
            if id is not None:
                self.book.find(parent, id)
        return attrs
