"""One kind of Chargebee record: rows by id, by customer and in order, at once and late."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from ..clock import Clock
from ..data.customers import Customers
from ..data.invoices import Invoices
from ..data.subscriptions import Subscriptions
from ..messages import Row
from ..table import RECENT, Order, Table
from ..view import LateView
from .site import Site

MILLI = 1000
_Number = Callable[[str], int | None]
_Children = Callable[[str], range]


class Shelf:
    """The records of one kind: computed rows, where there are any, and what edits made of them.

    `table` holds them as they are.
    """

    def __init__(
        self,
        name: str,
        table: Table,
        view: LateView,
        number: _Number,
        of_customer: _Children,
    ) -> None:
        self.name = name
        self.table = table
        self._view = view
        self._number = lru_cache(RECENT)(number)
        self._of_customer = of_customer
        self._added: dict[str, int] = {}
        self._by_customer: dict[str, set[int]] = {}

    @property
    def listed(self) -> Table:
        """The rows that lists show now: as they were `Site.list_lag` seconds ago."""
        return self._view.seen()

    def number(self, record_id: str) -> int | None:
        """The row number of an id, or None."""
        return self._added.get(record_id) or self._number(record_id)

    def find(self, record_id: str) -> Row:
        """The row, deleted or not. Raises KeyError."""
        number = self.number(record_id)
        row = self.table.get(number) if number else None
        if row is None:
            raise KeyError(f"the sandbox has no {self.name} with the id {record_id!r}")
        return row

    def numbers_of(self, customer_id: str) -> list[int]:
        """Row numbers that may belong to a customer, in order of number."""
        return sorted({*self._of_customer(customer_id), *self._by_customer.get(customer_id, ())})

    def rows(self) -> Iterator[Row]:
        """Every row, deleted ones too."""
        return (row for _, row in self.table.rows())

    def add(self, row: Row) -> None:
        """Put a new row. Raises ValueError when the id is taken."""
        if self.number(row["id"]) is not None:
            raise ValueError(f"there is a {self.name} with the id {row['id']!r} already")
        number = self.table.last + 1
        self._added[row["id"]] = number
        self._keep(number, row)

    def replace(self, row: Row) -> None:
        """Put a row in place of the one with the same id."""
        number = self.number(row["id"])
        if number is None:
            raise KeyError(f"the sandbox has no {self.name} with the id {row['id']!r}")
        self._keep(number, row)

    def _keep(self, number: int, row: Row) -> None:
        self._view.put(number, row)
        self.table.put(number, row)
        if "customer_id" in row:
            self._by_customer.setdefault(row["customer_id"], set()).add(number)


def shelves(
    customers: Customers,
    subscriptions: Subscriptions,
    invoices: Invoices,
    clock: Clock,
    site: Site,
) -> dict[str, Shelf]:
    """The shelves of a site by kind.

    They are customer, subscription, invoice, event, credit_note and business_entity_transfer.
    """

    def children(made: Subscriptions | Invoices) -> Callable[[str], range]:
        def of_customer(customer_id: str) -> range:
            parent = customers.number(customer_id)
            return made.children.of(parent) if parent else range(0)

        return of_customer

    def shelf(name: str, table: Table, number: _Number, of: _Children = _childless) -> Shelf:
        view = LateView(table, lambda: site.list_lag, clock)
        return Shelf(name, table, view, number, of)

    def empty(name: str, order: str) -> Shelf:
        return shelf(name, Table(0, lambda _: {}, {order: _order(lambda _: 0, order)}), _unknown)

    return {
        "customer": shelf("customer", _table(customers, "created_at"), customers.number),
        "subscription": shelf(
            "subscription",
            _table(subscriptions, "created_at"),
            subscriptions.number,
            children(subscriptions),
        ),
        "invoice": shelf("invoice", _table(invoices, "date"), invoices.number, children(invoices)),
        "event": empty("event", "occurred_at"),
        "credit_note": empty("credit_note", "date"),
        "business_entity_transfer": empty("business_entity_transfer", "created_at"),
    }


def _table(made: Customers | Subscriptions | Invoices, first: str) -> Table:
    orders = {first: _order(made.created, first), "updated_at": _order(made.updated, "updated_at")}
    return Table(made.size, made.row, orders)


def _order(computed: Callable[[int], int], attribute: str) -> Order:
    """An order by an attribute that holds unix seconds."""
    return Order(computed, lambda _, row: int(row.get(attribute, 0)))


def _unknown(_: str) -> int | None:
    """No row is there from the start."""
    return None


def _childless(_: str) -> range:
    """No row belongs to a customer from the start."""
    return range(0)
