"""How a subscription comes to a new term, at somebody's wish or by the passing of time."""

from ..data.draw import DAY
from ..messages import Row
from .bills import Bills, Collect
from .book import Book
from .lines import term_lines
from .mrr import Mrr
from .periods import next_term

NO_TERM: Row = {"next_billing_at": None}
_NO_END: Row = {
    **dict.fromkeys(("start_date", "cancelled_at", "cancel_reason", "cancel_reason_code")),
    **dict.fromkeys(("cancel_schedule_created_at", "remaining_billing_cycles")),
    **dict.fromkeys(("pause_date", "resume_date")),
}
NO_CHANGES: Row = {"has_scheduled_changes": False, "changes_scheduled_at": None}


class Cycle:
    """Starts, renews and ends terms; each with its event, its invoice and its late `mrr`."""

    def __init__(self, book: Book, bills: Bills, mrr: Mrr) -> None:
        self._book = book
        self._bills = bills
        self._mrr = mrr

    def activate(self, row: Row, event: str, collect: Collect = "succeeds") -> Row:
        """A first paid term from now on. `mrr` is 0 until it is computed (recorded samples)."""
        now = self._book.clock.seconds()
        attrs = {"activated_at": now, "started_at": row.get("started_at", now), "mrr": 0}
        row = self._bill(row, attrs | _NO_END, event, now, collect, with_charges=True)
        self._mrr.follow(row["id"])
        return row

    def renew(self, row: Row, collect: Collect) -> Row:
        """The next term, from the end of the last one on, with the changes scheduled for it.

        What ended more than a year ago goes on from a year ago: nobody is billed for decades.
        """
        changes = self._book.scheduled.pop(row["id"], None)
        if row.get("has_scheduled_changes"):
            row = self._book.change("subscription", row["id"], (changes or {}) | NO_CHANGES)
            self._book.tell_of("subscription_changed", row)
            self._mrr.follow(row["id"])
        start = row.get("current_term_end") or row["next_billing_at"]
        start = max(start, self._book.clock.seconds() - 366 * DAY)
        return self._bill(row, {}, "subscription_renewed", start, collect, with_charges=False)

    def resume(self, row: Row) -> Row:
        """Out of a pause: into the rest of the term, or into a new one where that is over."""
        now = self._book.clock.seconds()
        self._mrr.follow(row["id"])
        end, leaves = row.get("current_term_end", 0), row.get("cancelled_at")
        if leaves and leaves > now:
            attrs = {"status": "non_renewing", "pause_date": None, "resume_date": None}
        elif end > now:
            attrs = _NO_END | {"status": "active", "next_billing_at": end}
        else:
            return self._bill(row, _NO_END, "subscription_resumed", now, "succeeds")
        row = self._book.change("subscription", row["id"], attrs)
        self._book.tell_of("subscription_resumed", row)
        return row

    def cancel(self, row: Row, attrs: Row) -> Row:
        """The end, now. `attrs`: the reasons."""
        self._book.scheduled.pop(row["id"], None)
        ended = {"status": "cancelled", "cancelled_at": self._book.clock.seconds()}
        gone = NO_TERM | NO_CHANGES | {"pause_date": None, "resume_date": None}
        row = self._book.change("subscription", row["id"], ended | gone | attrs)
        self._book.tell_of("subscription_cancelled", row)
        self._mrr.follow(row["id"])
        return row

    def try_out(self, row: Row) -> Row:
        """A future subscription comes to its trial."""
        attrs = {"status": "in_trial", "started_at": self._book.clock.seconds()}
        billed = {"start_date": None, "next_billing_at": row["trial_end"]}
        row = self._book.change("subscription", row["id"], attrs | billed)
        self._book.tell_of("subscription_started", row)
        return row

    def _bill(
        self,
        row: Row,
        attrs: Row,
        event: str,
        start: int,
        collect: Collect,
        *,
        with_charges: bool = False,
    ) -> Row:
        attrs = attrs | {"status": "active"} | next_term(row, start)
        row = self._book.change("subscription", row["id"], attrs)
        lines = term_lines(self._book, row, with_charges=with_charges)
        invoice, transaction = self._bills.make(
            row, lines, collect, recurring=True, subscription_id=row["id"]
        )
        row = self._book.find("subscription", row["id"])
        self._book.tell_of(event, row, invoice=invoice)
        self._bills.tell(invoice, transaction)
        return row
