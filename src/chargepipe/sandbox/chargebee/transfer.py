"""Moving a customer to another business entity (fact sheet 6).

The live copies get new random ids; the old records keep theirs and name the live one in
`active_id` (or the other way round: `Options.transfer`). A live copy has its own id as
`active_id`. Invoices stay where they were raised.
"""

from ..data.draw import draw
from ..messages import Row
from ..options import Options
from .book import Book
from .entities import ENTITIES, entity_of
from .mrr import Mrr


class Transfer:
    """Transfers customers with their subscriptions; rows of GET /business_entities/transfers."""

    def __init__(self, book: Book, mrr: Mrr, seed: int, options: Options) -> None:
        self._book = book
        self._mrr = mrr
        self._seed = seed
        self._options = options

    def customer(self, id: str, entity: str) -> Row:
        """The live copy. Raises KeyError for an unknown id, ValueError where it is refused."""
        old = self._book.live("customer", id)
        if entity not in ENTITIES:
            raise KeyError(f"business_entity {entity} not found; there are {', '.join(ENTITIES)}")
        self._check(old, entity)
        moving = list(self._book.of("subscription", id))
        new, left = self._split("customer", old, {"business_entity_id": entity})
        for row in moving:
            if row["status"] != "transferred":
                self._subscription(row, new, left)
        self._book.tell("customer_business_entity_changed", {"customer": new})
        return new

    def _check(self, old: Row, entity: str) -> None:
        id = old["id"]
        if old.get("active_id", id) != id:
            raise ValueError(f"customer {id} was transferred already: use {old['active_id']}")
        if entity_of(old) == entity:
            raise ValueError(f"customer {id} belongs to the business entity {entity} already")
        if any(row["status"] == "in_trial" for row in self._book.of("subscription", id)):
            raise ValueError(f"customer {id} has a subscription in trial and cannot be transferred")
        if any(row["status"] == "pending" for row in self._book.of("invoice", id)):
            raise ValueError(f"customer {id} has a pending invoice: close it first")
        if old.get("refundable_credits"):
            raise ValueError(f"customer {id} has refundable credits: apply them first")

    def _subscription(self, row: Row, customer: Row, left: Row) -> None:
        moved = {"customer_id": customer["id"], "mrr": None}
        new, old = self._split(
            "subscription", row, moved | {"business_entity_id": customer["business_entity_id"]}
        )
        changes = self._book.scheduled.pop(row["id"], None)
        if changes:
            self._book.scheduled[new["id"]] = changes
        gone = {"status": "transferred", "next_billing_at": None, "customer_id": left["id"]}
        old = self._book.change("subscription", old["id"], gone)
        self._book.tell_of("subscription_moved_out", old)
        self._book.tell_of("subscription_moved_in", new)
        self._book.tell_of("subscription_business_entity_changed", new)
        for each in (old, new):
            self._mrr.follow(each["id"])

    def _split(self, kind: str, old: Row, attrs: Row) -> tuple[Row, Row]:
        """The live record with `attrs` and the one that is left, and the transfer of them."""
        now = self._book.clock.seconds()
        number = self._book.shelves[kind].table.last + 1
        fresh = draw(self._seed, f"transfer {kind}", number).hex()[:16]
        times = {"created_at": now, "updated_at": now, "resource_version": now * 1000}
        if self._options.transfer == "new_id":
            new = self._book.add(kind, old | times | attrs | {"id": fresh, "active_id": fresh})
            left = self._book.change(kind, old["id"], {"active_id": fresh})
        else:
            left = self._book.add(kind, old | times | {"id": fresh, "active_id": old["id"]})
            new = self._book.change(kind, old["id"], attrs | {"active_id": old["id"]})
        transfer = {
            "id": self._book.give_id("transfer"),
            "resource_type": kind,
            "resource_id": left["id"],
            "active_resource_id": new["id"],
            "destination_business_entity_id": new["business_entity_id"],
            "source_business_entity_id": entity_of(old),
            "reason_code": "correction",
            "created_at": now,
            "object": "business_entity_transfer",
        }
        self._book.shelves["business_entity_transfer"].add(transfer)
        return new, left
