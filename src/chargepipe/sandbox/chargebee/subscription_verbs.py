"""What can be done with a subscription, and what Chargebee refuses to do."""

from collections.abc import Container

from ..data.draw import DAY
from ..data.subscriptions import PLANS
from ..messages import Row
from .book import Book
from .checks import whole
from .cycle import NO_CHANGES, NO_TERM, Cycle
from .mrr import Mrr
from .offers import DAYS, beginning, bought, changed_items

_LIVE = ("active", "non_renewing", "in_trial", "future")


class SubscriptionVerbs:
    """Each verb answers the subscription as it is then and adds the event that Chargebee sends.

    Raises KeyError for an unknown or deleted id, ValueError for what Chargebee refuses. What
    changes the price is followed by `mrr` after `Site.mrr_delay` seconds.
    """

    def __init__(self, book: Book, cycle: Cycle, mrr: Mrr) -> None:
        self._book = book
        self._cycle = cycle
        self._mrr = mrr

    def plans(self) -> list[str]:
        """The plans to choose from, cheapest first."""
        return [name for name, _ in PLANS]

    def start(
        self,
        customer_id: str,
        plan: str = "team",
        currency: str = "USD",
        unit: str = "month",
        quantity: int = 1,
        trial_days: int = 0,
        start_in_days: int = 0,
    ) -> Row:
        """Make a subscription: future, in trial, or active with a paid invoice."""
        customer = self._book.live("customer", customer_id)
        if customer.get("active_id", customer_id) != customer_id:
            raise ValueError(f"customer {customer_id} was moved to {customer['active_id']}")
        row = bought(customer, plan, currency, unit, quantity)
        row |= beginning(self._book.clock.seconds(), trial_days, start_in_days)
        row = self._book.add("subscription", row)
        if row["status"] == "active":
            return self._cycle.activate(row, "subscription_created")
        self._book.tell_of("subscription_created", row)
        return row

    def change(
        self,
        id: str,
        plan: str | None = None,
        quantity: int | None = None,
        at_term_end: bool = False,
    ) -> Row:
        """Another plan or quantity, at once or with the next term."""
        row = self._in(id, _LIVE, "changed")
        if plan is None and quantity is None:
            raise ValueError("name a plan or a quantity to change to")
        items = changed_items(row, plan, quantity)
        if at_term_end:
            return self._schedule(row, items)
        row = self._book.change("subscription", id, {"subscription_items": items})
        self._book.tell_of("subscription_changed", row)
        self._mrr.follow(id)
        return row

    def remove_scheduled_changes(self, id: str) -> Row:
        """Forget what was to change with the next term."""
        row = self._in(id, _LIVE, "changed")
        if not row.get("has_scheduled_changes"):
            raise ValueError(f"subscription {id} has no scheduled changes to remove")
        self._book.scheduled.pop(id, None)
        return self._set(id, NO_CHANGES, "subscription_scheduled_changes_removed")

    def cancel(self, id: str, at_term_end: bool = False, reason: str | None = None) -> Row:
        """Cancel at once, or at the end of the term or trial. reason: the merchant's own code."""
        row = self._in(id, (*_LIVE, "paused"), "cancelled")
        reasons = {"cancel_reason_code": reason}
        if not at_term_end:
            return self._cycle.cancel(row, reasons)
        if "cancelled_at" in row:
            raise ValueError(f"subscription {id} is scheduled for cancellation already")
        if row["status"] not in ("active", "in_trial"):
            raise ValueError(f"subscription {id} is {row['status']}: it has no term to end with")
        end = _end_of_term(row)
        status = "non_renewing" if row["status"] == "active" else "in_trial"
        scheduled = {"cancel_schedule_created_at": self._book.clock.seconds()}
        attrs = {"status": status, "cancelled_at": end, "remaining_billing_cycles": 0}
        self._book.scheduled.pop(id, None)
        attrs |= NO_TERM | NO_CHANGES | scheduled | reasons
        return self._set(id, attrs, "subscription_cancellation_scheduled")

    def keep(self, id: str) -> Row:
        """Remove a scheduled cancellation."""
        row = self._in(id, ("non_renewing", "in_trial"), "kept")
        if "cancelled_at" not in row:
            raise ValueError(f"subscription {id} is not scheduled for cancellation")
        names = ("cancelled_at", "cancel_reason_code", "cancel_schedule_created_at")
        attrs: Row = dict.fromkeys((*names, "remaining_billing_cycles"))
        attrs |= {"status": "active" if row["status"] == "non_renewing" else "in_trial"}
        attrs |= {"next_billing_at": _end_of_term(row)}
        return self._set(id, attrs, "subscription_scheduled_cancellation_removed")

    def pause(self, id: str, resume_in_days: int | None = None) -> Row:
        """Pause at once, for good or for some days."""
        row = self._in(id, ("active", "non_renewing"), "paused")
        if row.get("has_scheduled_changes"):
            raise ValueError(f"subscription {id} has scheduled changes: remove them first")
        if resume_in_days is not None:
            whole(resume_in_days, 1, DAYS, "resume_in_days")
        now = self._book.clock.seconds()
        back = None if resume_in_days is None else now + resume_in_days * DAY
        attrs = {"status": "paused", "pause_date": now, "resume_date": back} | NO_TERM
        row = self._set(id, attrs, "subscription_paused")
        self._mrr.follow(id)
        return row

    def resume(self, id: str) -> Row:
        """Out of a pause, with an invoice where the paused term is over."""
        return self._cycle.resume(self._in(id, ("paused",), "resumed"))

    def reactivate(self, id: str) -> Row:
        """A cancelled one begins a new, paid term."""
        row = self._in(id, ("cancelled",), "reactivated")
        self._book.live("customer", row["customer_id"])
        return self._cycle.activate(row, "subscription_reactivated")

    def _schedule(self, row: Row, items: list[Row]) -> Row:
        if row["status"] not in ("active", "in_trial") or "cancelled_at" in row:
            raise ValueError(f"subscription {row['id']} is {row['status']}: it will not renew")
        self._book.scheduled[row["id"]] = {"subscription_items": items}
        attrs = {"has_scheduled_changes": True, "changes_scheduled_at": _end_of_term(row)}
        return self._set(row["id"], attrs, "subscription_changes_scheduled")

    def _in(self, id: str, statuses: Container[str], done: str) -> Row:
        """The subscription, where its status lets it be `done`."""
        row = self._book.live("subscription", id)
        if row["status"] not in statuses:
            raise ValueError(f"subscription {id} is {row['status']} and cannot be {done}")
        return row

    def _set(self, id: str, attrs: Row, event: str) -> Row:
        row = self._book.change("subscription", id, attrs)
        self._book.tell_of(event, row)
        return row


def _end_of_term(row: Row) -> int:
    """When the term or trial ends. Raises ValueError where it has none (one made by hand)."""
    end = row.get("trial_end" if row["status"] == "in_trial" else "current_term_end")
    if end is None:
        raise ValueError(f"subscription {row['id']} has no current term")
    return end
