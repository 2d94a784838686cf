"""`mrr`, which Chargebee computes by itself some time after a change (fact sheet 5)."""

from ..data.subscriptions import per_month
from ..messages import Row
from ..options import Options
from .book import Book
from .site import Site

_NOT_YET = ("future", "in_trial")


class Mrr:
    """Lets `mrr` follow a change `Site.mrr_delay` seconds later."""

    def __init__(self, book: Book, site: Site, options: Options) -> None:
        self._book = book
        self._site = site
        self._moves = options.mrr_moves
        paused = ("paused",) if options.paused_keeps_mrr else ()
        self._paying = ("active", "non_renewing", *paused)

    def follow(self, subscription_id: str) -> None:
        """Have `mrr` computed anew later; event mrr_updated where it is another then.

        Neither `updated_at` nor the version moves, unless the options say so.
        """
        self._book.clock.later(self._site.mrr_delay, lambda: self._compute(subscription_id))

    def _compute(self, subscription_id: str) -> None:
        row = self._book.find("subscription", subscription_id)
        if row.get("deleted") or row["status"] in _NOT_YET:
            return
        mrr = worth(row) if row["status"] in self._paying else 0
        if row.get("mrr") == mrr:
            return
        change = self._book.change if self._moves else self._book.change_quietly
        row = change("subscription", subscription_id, {"mrr": mrr})
        with self._book.as_job():
            self._book.tell("mrr_updated", {"subscription": row})


def worth(subscription: Row) -> int:
    """Recurring revenue in a month, minor units: the sum of plan and addons.

    Discounts are not in the sandbox's subscriptions.
    """
    unit, period = subscription["billing_period_unit"], subscription["billing_period"]
    return per_month(subscription["subscription_items"], unit, period)
