"""What becomes of subscriptions as time passes; asleep until somebody travels in time."""

from collections.abc import Iterator

from ..data.draw import draw
from ..messages import Row
from .bills import Collect
from .book import Book
from .cycle import Cycle

FAILING = 10
"""Of 256 renewals so many cannot be collected at first; half of them never."""


class Life:
    """Starts, renews, resumes and ends subscriptions when their time has come.

    seed: decides which payments fail. Subscriptions without dates, made by hand, stay as they are.
    """

    def __init__(self, book: Book, cycle: Cycle, seed: int) -> None:
        self._book = book
        self._cycle = cycle
        self._seed = seed
        self._planned: dict[str, int] = {}
        self._unread: Iterator[Row] | None = None

    @property
    def is_awake(self) -> bool:
        """Whether things happen by themselves."""
        return self._unread is not None

    def wake(self) -> Iterator[None]:
        """From now on things happen: reads every subscription once, one with each step.

        Whoever stops on the way goes on there the next time. What was due before now happens now,
        so that no record is changed in the past.
        """
        if self._unread is None:
            self._unread = self._book.shelves["subscription"].rows()
            self._book.watchers.append(self._plan)
        for row in self._unread:
            self._plan(row)
            yield

    def _plan(self, row: Row) -> None:
        """Have the subscription looked at again when something is due; what was planned is void."""
        id, due = row["id"], due_at(row)
        if due == self._planned.get(id):
            return
        if due is None:
            del self._planned[id]
            return
        self._planned[id] = due
        self._book.clock.later(max(due - self._book.clock.now(), 0), lambda: self._act(id, due))

    def _act(self, id: str, due: int) -> None:
        if self._planned.get(id) != due:
            return
        del self._planned[id]
        row = self._book.find("subscription", id)
        with self._book.as_job():
            self._pass(row)
        self._plan(self._book.find("subscription", id))

    def _pass(self, row: Row) -> None:
        match row["status"]:
            case "future" if "trial_end" in row:
                self._cycle.try_out(row)
            case "future":
                self._cycle.activate(row, "subscription_started", self._collect())
            case "in_trial" if "cancelled_at" not in row:
                self._cycle.activate(row, "subscription_activated", self._collect())
            case "active":
                self._cycle.renew(row, self._collect())
            case "paused" if row.get("resume_date") == due_at(row):
                self._cycle.resume(row)
            case _:
                self._cycle.cancel(row, {"cancelled_at": row["cancelled_at"]})

    def _collect(self) -> Collect:
        number = self._book.shelves["invoice"].table.last + 1
        return "fails" if draw(self._seed, "payment", number)[0] < FAILING else "succeeds"


def due_at(row: Row) -> int | None:
    """When the next thing happens to a subscription (unix seconds); None: nothing does."""
    if row.get("deleted"):
        return None
    match row["status"]:
        case "future":
            return row.get("start_date")
        case "in_trial":
            return row.get("cancelled_at", row.get("trial_end"))
        case "active":
            return row.get("next_billing_at")
        case "non_renewing":
            return row.get("cancelled_at")
        case "paused":
            moments = [row[name] for name in ("resume_date", "cancelled_at") if name in row]
            return min(moments, default=None)
        case _:
            return None
