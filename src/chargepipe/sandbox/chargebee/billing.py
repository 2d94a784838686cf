"""The billing site behind the API: its records, its edits, its events."""

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
from .new import NEW_CUSTOMER, new_invoice, new_subscription
from .shelf import shelves

_STATUS_EVENTS = {
    "cancelled": "subscription_cancelled",
    "active": "subscription_activated",
    "paused": "subscription_paused",
    "non_renewing": "subscription_cancellation_scheduled",
}


class Billing:
    """Edit the simulated Chargebee site, as its users and its own jobs would.

    Every edit moves `updated_at` (unix seconds) and `resource_version` (milliseconds) to now and
    adds one event; rows are raw JSON in Chargebee's form. An attribute set to None is removed.
    Unknown ids raise KeyError.
    """

    def __init__(self, seed: int, size: int, people_before: float, clock: Clock) -> None:
        self._clock = clock
        self._customers = Customers(seed, size)
        self._subscriptions = Subscriptions(seed, self._customers)
        self._invoices = Invoices(seed, self._customers, self._subscriptions)
        self.people = People(seed, self._customers, people_before)
        self.shelves = shelves(self._customers, self._subscriptions, self._invoices)

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

    def customer(self, id: str) -> Row:
        """One customer as it is now, deleted or not."""
        return dict(self.shelves["customer"].find(id))

    def subscription(self, id: str) -> Row:
        """One subscription as it is now, deleted or not."""
        return dict(self.shelves["subscription"].find(id))

    def invoice(self, id: str) -> Row:
        """One invoice as it is now, deleted or not."""
        return dict(self.shelves["invoice"].find(id))

    def add_customer(self, **attrs: Any) -> Row:
        """Make a customer; the id is made where none is given."""
        return self._add("customer", "customer_created", NEW_CUSTOMER | attrs)

    def edit_customer(self, id: str, **attrs: Any) -> Row:
        """Change attributes of a customer."""
        return self._edit("customer", id, "customer_changed", attrs)

    def delete_customer(self, id: str) -> Row:
        """Delete a customer with its subscriptions and invoices: one event, tombstones stay."""
        gone: dict[str, list[Row]] = {"subscription": [], "invoice": []}
        for name, rows in gone.items():
            for row in self._of(name, id):
                rows.append(self._change(name, row["id"], {"deleted": True}))
        customer = self._change("customer", id, {"deleted": True})
        content = {"customer": customer, "subscriptions": gone["subscription"]}
        self._tell("customer_deleted", content)
        return customer

    def add_subscription(self, customer_id: str, **attrs: Any) -> Row:
        """Make a subscription: active, USD, a month, one plan of 49.00, unless attrs say else."""
        self.shelves["customer"].find(customer_id)
        plain = new_subscription(customer_id, self._clock.seconds())
        return self._add("subscription", "subscription_created", plain | attrs)

    def edit_subscription(self, id: str, **attrs: Any) -> Row:
        """Change attributes of a subscription."""
        moved = attrs.get("status", "") != self.subscription(id)["status"]
        event = _STATUS_EVENTS.get(attrs.get("status", "")) if moved else None
        return self._edit("subscription", id, event or "subscription_changed", attrs)

    def delete_subscription(self, id: str) -> Row:
        """Delete a subscription; its tombstone stays."""
        return self._edit("subscription", id, "subscription_deleted", {"deleted": True})

    def edit_mrr(self, subscription_id: str, mrr: int | None) -> Row:
        """Set `mrr` (minor units) as Chargebee's own job does: no time or version moves."""
        row = _without_none(self.subscription(subscription_id) | {"mrr": mrr})
        self.shelves["subscription"].replace(row)
        self._tell("mrr_updated", {"subscription": row})
        return row

    def add_invoice(self, customer_id: str, **attrs: Any) -> Row:
        """Make an invoice: one-time, paid, 100.00 USD, unless attrs say else."""
        self.shelves["customer"].find(customer_id)
        plain = new_invoice(customer_id, self._clock.seconds())
        return self._add("invoice", "invoice_generated", plain | attrs)

    def edit_invoice(self, id: str, **attrs: Any) -> Row:
        """Change attributes of an invoice."""
        return self._edit("invoice", id, "invoice_updated", attrs)

    def delete_invoice(self, id: str) -> Row:
        """Delete an invoice; its tombstone stays."""
        return self._edit("invoice", id, "invoice_deleted", {"deleted": True})

    def _of(self, name: str, customer_id: str) -> Iterator[Row]:
        shelf = self.shelves[name]
        for number in shelf.numbers_of(customer_id):
            row = shelf.table.get(number)
            if row and row["customer_id"] == customer_id and not row.get("deleted"):
                yield row

    def _add(self, name: str, event: str, attrs: Row) -> Row:
        shelf, now = self.shelves[name], self._clock.now()
        number = shelf.table.last + 1
        row: Row = {"id": f"new_{name}_{number}", "updated_at": int(now)}
        row |= attrs
        if name != "invoice":  # an invoice has a date instead (fact sheet 4)
            row.setdefault("created_at", int(now))
        row.setdefault("resource_version", row["updated_at"] * 1000 + int(now * 1000) % 1000)
        row = _without_none(row | {"deleted": False, "object": name})
        shelf.add(row)
        self._tell(event, {name: row})
        return row

    def _edit(self, name: str, id: str, event: str, attrs: Row) -> Row:
        row = self._change(name, id, attrs)
        self._tell(event, self._content(name, row))
        return row

    def _content(self, name: str, row: Row) -> dict[str, Any]:
        content: dict[str, Any] = {name: row}
        if name == "subscription":
            content["customer"] = self.customer(row["customer_id"])
        return content

    def _change(self, name: str, id: str, attrs: Row) -> Row:
        old = self.shelves[name].find(id)
        version = max(int(self._clock.now() * 1000), int(old.get("resource_version", 0)) + 1)
        times = {"updated_at": version // 1000, "resource_version": version}
        row = _without_none(old | times | attrs)
        self.shelves[name].replace(row)
        return row

    def _tell(self, event_type: str, content: dict[str, Any]) -> None:
        shelf = self.shelves["event"]
        event = {
            "id": f"ev_{shelf.table.last + 1:08}",
            "occurred_at": self._clock.seconds(),
            "source": "admin_console",
            "api_version": "v2",
            "event_type": event_type,
            "webhook_status": "not_configured",
            "content": content,
            "object": "event",
        }
        shelf.add(event)


def _without_none(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}
