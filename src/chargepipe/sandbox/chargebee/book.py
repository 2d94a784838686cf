"""The records of the simulated site and its events: all that changes them goes through here."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from ..clock import Clock
from ..messages import Row
from .shelf import Shelf

Listener = Callable[[Row], None]


class Book:
    """Adds, changes and finds records, and tells of it. Rows are raw JSON in Chargebee's form.

    `listeners` are called with each event row right after it is kept, `watchers` with each
    subscription row. `scheduled` holds, by subscription id, the attributes that a renewal will
    set. Unknown ids raise KeyError.
    """

    def __init__(self, shelves: dict[str, Shelf], clock: Clock) -> None:
        self.shelves = shelves
        self.clock = clock
        self.listeners: list[Listener] = []
        self.watchers: list[Listener] = []
        self.scheduled: dict[str, Row] = {}
        self._source = "admin_console"
        self._given: Counter[str] = Counter()

    def find(self, kind: str, id: str) -> Row:
        """The record, deleted or not."""
        return self.shelves[kind].find(id)

    def live(self, kind: str, id: str) -> Row:
        """The record. Raises KeyError for a deleted one too, as Chargebee knows it no more."""
        row = self.find(kind, id)
        if row.get("deleted"):
            raise KeyError(f"{kind} {id} not found: it is deleted")
        return row

    def of(self, kind: str, customer_id: str) -> Iterator[Row]:
        """The records of a customer that are not deleted."""
        shelf = self.shelves[kind]
        for number in shelf.numbers_of(customer_id):
            row = shelf.table.get(number)
            if row and row["customer_id"] == customer_id and not row.get("deleted"):
                yield row

    def add(self, kind: str, attrs: Row) -> Row:
        """Keep a new record; the id is made where none is given. Tells nothing."""
        shelf, now = self.shelves[kind], self.clock.now()
        row: Row = {"id": f"new_{kind}_{shelf.table.last + 1}", "updated_at": int(now)}
        row |= without_none(attrs)
        if kind in ("customer", "subscription"):  # an invoice has a date instead (fact sheet 4)
            row.setdefault("created_at", int(now))
        row.setdefault("resource_version", row["updated_at"] * 1000 + int(now * 1000) % 1000)
        row = without_none(row | {"deleted": False, "object": kind})
        shelf.add(row)
        self._watch(kind, row)
        return row

    def change(self, kind: str, id: str, attrs: Row) -> Row:
        """Set attributes, None: remove; `updated_at` and `resource_version` move. Tells nothing."""
        old = self.find(kind, id)
        version = max(int(self.clock.now() * 1000), int(old.get("resource_version", 0)) + 1)
        times = {"updated_at": version // 1000, "resource_version": version}
        return self._replace(kind, old | times | attrs)

    def change_quietly(self, kind: str, id: str, attrs: Row) -> Row:
        """Set attributes as Chargebee's own jobs do: neither time nor version moves."""
        return self._replace(kind, self.find(kind, id) | attrs)

    def tell(self, event_type: str, content: dict[str, Any]) -> None:
        """Keep an event and call the listeners. `content`: snapshots by resource name."""
        shelf = self.shelves["event"]
        event: Row = {
            "id": f"ev_{shelf.table.last + 1:08}",
            "occurred_at": self.clock.seconds(),
            "source": self._source,
            "api_version": "v2",
            "event_type": event_type,
            "webhook_status": "not_configured",
            "content": content,
            "object": "event",
        }
        shelf.add(event)
        for hear in self.listeners:
            hear(event)

    def tell_of(self, event_type: str, subscription: Row, **more: Row | None) -> None:
        """Tell of a subscription; its customer comes along (recorded samples)."""
        content = {"subscription": subscription, **self._owner(subscription), **more}
        self.tell(event_type, without_none(content))

    def tell_of_payment(self, event_type: str, transaction: Row, invoice: Row, **more: Row) -> None:
        """Tell of a payment, a failed one or a refund, with all it belongs to (samples)."""
        content = {"transaction": transaction, "invoice": invoice, **more, **self._owner(invoice)}
        if "subscription_id" in invoice:
            content["subscription"] = self.find("subscription", invoice["subscription_id"])
        self.tell(event_type, content)

    def give_id(self, prefix: str) -> str:
        """A new id for what has no shelf: transactions, line items, credit notes."""
        self._given[prefix] += 1
        return f"{prefix}_{self._given[prefix]:06}"

    @contextmanager
    def as_job(self) -> Generator[None]:
        """Events of what is done inside come from a scheduled job, not from the admin console."""
        before, self._source = self._source, "scheduled_job"
        try:
            yield
        finally:
            self._source = before

    def _owner(self, row: Row) -> Row:
        return {"customer": self.find("customer", row["customer_id"])}

    def _replace(self, kind: str, row: Row) -> Row:
        row = without_none(row)
        self.shelves[kind].replace(row)
        self._watch(kind, row)
        return row

    def _watch(self, kind: str, row: Row) -> None:
        if kind == "subscription":
            for watch in self.watchers:
                watch(row)


def without_none(row: Row) -> Row:
    """The row without the attributes that have no value, which Chargebee leaves out."""
    return {name: value for name, value in row.items() if value is not None}
