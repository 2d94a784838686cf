"""What can be done with a customer, and what Chargebee refuses to do."""

from functools import partial
from typing import Any

from ..data.custom_fields import CUSTOMER_FIELDS
from ..messages import Row
from ..options import Options
from .billing import Billing
from .entities import entity_of
from .new import NEW_CUSTOMER
from .raw import checked
from .transfer import Transfer
from .under_way import UnderWay

MERGE_SECONDS = 60.0
DELETE_SECONDS = 180.0
"""Both are asynchronous; a deletion is done "in a few minutes" (fact sheet 6)."""
PERSONAL = (
    *("first_name", "last_name", "email", "phone", "company", "vat_number", "locale"),
    *("billing_address", "contacts"),
    *(field.api_name for field in CUSTOMER_FIELDS if field.datatype == "email"),
)
"""What clearing empties; a merchant picks the attributes, and this one has picked these."""


class CustomerVerbs:
    """Each verb answers the customer as it is then and adds the event that Chargebee sends.

    Raises KeyError for an unknown or deleted id, ValueError for what Chargebee refuses and for
    what is under way already.
    """

    def __init__(self, billing: Billing, transfer: Transfer, options: Options) -> None:
        self._billing = billing
        self._book = billing.book
        self._transfer = transfer
        self._options = options
        self._under_way = UnderWay(billing.book.clock)

    def under_way(self) -> list[Row]:
        """What was begun and is not done yet: see `UnderWay.rows`."""
        return self._under_way.rows()

    def clear_personal_data(self, id: str, after: float = 0.0) -> Row:
        """Empty what is personal, `after` seconds from now: scheduled_for_clear, then cleared.

        Only where all subscriptions are cancelled; it cannot be taken back.
        """
        self._check_clearing(id)
        if after < 0:
            raise ValueError("after has to be seconds, 0 or more")
        if not after:
            return self._clear(id)
        self._under_way.begin("clearing", id, after, lambda: self._clear_later(id))
        return self._set_cleared(id, {"pii_cleared": "scheduled_for_clear"})

    def merge(self, from_id: str, to_id: str) -> Row:
        """Move subscriptions, invoices and credits to another customer, later, without an event.

        Nothing moves where one of the two is deleted by then (ours). The emptied customer stays
        until somebody deletes it (help page "merge two customer records"). Answers the other
        customer, as the API does.
        """
        source, target = self._book.live("customer", from_id), self._book.live("customer", to_id)
        if from_id == to_id:
            raise ValueError(f"customer {from_id} cannot be merged with itself")
        if entity_of(source) != entity_of(target):
            raise ValueError(
                f"customers {from_id} and {to_id} belong to different business entities"
            )
        move = partial(self._move_all, from_id, to_id)
        self._under_way.begin("merge", from_id, MERGE_SECONDS, move, into=to_id)
        return target

    def move_out(self, id: str) -> Row:
        """Copied to another site: event customer_moved_out; the record stays (fact sheet 6)."""
        self._book.live("customer", id)
        row = self._book.change("customer", id, {})
        with self._book.as_job():
            self._book.tell("customer_moved_out", {"customer": row})
        return row

    def move_in(self, **attrs: Any) -> Row:
        """Copied from another site: event customer_moved_in. Raises ValueError: the id is taken."""
        row = self._book.add("customer", NEW_CUSTOMER | checked("customer", attrs))
        with self._book.as_job():
            self._book.tell("customer_moved_in", {"customer": row})
        return row

    def transfer(self, id: str, business_entity_id: str) -> Row:
        """Move to another business entity: a copy with a new id lives on; answers the copy."""
        return self._transfer.customer(id, business_entity_id)

    def delete(self, id: str) -> Row:
        """Delete with all children, later; one event customer_deleted. Answers it as it is yet."""
        row = self._book.live("customer", id)
        self._under_way.begin("deletion", id, DELETE_SECONDS, lambda: self._delete(id))
        return row

    def _delete(self, id: str) -> None:
        if not self._book.find("customer", id).get("deleted"):
            self._billing.delete_customer(id)

    def _check_clearing(self, id: str) -> None:
        row = self._book.live("customer", id)
        if row.get("pii_cleared", "active") != "active":
            raise ValueError(f"personal data of customer {id} is {row['pii_cleared']} already")
        running = self._running(id)
        if running:
            raise ValueError(
                f"customer {id} has subscriptions that are not cancelled: {', '.join(running)}"
            )

    def _running(self, id: str) -> list[str]:
        subscriptions = self._book.of("subscription", id)
        return [row["id"] for row in subscriptions if row["status"] != "cancelled"]

    def _clear_later(self, id: str) -> None:
        """What was scheduled; given up where a subscription runs again by then."""
        row = self._book.find("customer", id)
        if row.get("deleted") or row["pii_cleared"] != "scheduled_for_clear":
            return
        with self._book.as_job():
            if self._running(id):
                self._set_cleared(id, {"pii_cleared": "active"})
            else:
                self._clear(id)

    def _clear(self, id: str) -> Row:
        empty: Row = dict.fromkeys(PERSONAL)
        return self._set_cleared(id, empty | {"pii_cleared": "cleared"})

    def _set_cleared(self, id: str, attrs: Row) -> Row:
        if not self._options.clearing_tells:
            return self._book.change_quietly("customer", id, attrs)
        row = self._book.change("customer", id, attrs)
        self._book.tell("customer_changed", {"customer": row})
        return row

    def _move_all(self, from_id: str, to_id: str) -> None:
        source, target = self._book.find("customer", from_id), self._book.find("customer", to_id)
        if source.get("deleted") or target.get("deleted"):
            return
        change = self._book.change if self._options.merge_moves else self._book.change_quietly
        for kind in ("subscription", "invoice", "credit_note"):
            for row in list(self._book.of(kind, from_id)):
                change(kind, row["id"], {"customer_id": to_id})
        amounts = [row.get("refundable_credits", 0) for row in (source, target)]
        if amounts[0]:
            credits_ = {from_id: 0, to_id: sum(amounts)}
            for id, amount in credits_.items():
                self._book.change_quietly("customer", id, {"refundable_credits": amount})
