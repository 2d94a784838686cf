"""A sandbox's billing site on a clock that only moves when told to."""

from typing import Any

from chargepipe.sandbox import Options, Sandbox

NOW = 1_793_610_000
"""2026-11-02 09:00 UTC, as in `line.py`."""
DAY = 86_400
Json = dict[str, Any]


class Books:
    """A site with one customer, ada, unless `customers` says how many samples there are."""

    def __init__(self, customers: int = 0, **options: Any) -> None:
        self.sandbox = Sandbox(
            customers=customers, people_before=0, now=lambda: NOW, options=Options(**options)
        )
        self.billing = self.sandbox.billing
        self.customers = self.sandbox.customers
        self.subscriptions = self.sandbox.subscriptions
        self.invoices = self.sandbox.invoices
        self.billing.add_customer(id="ada", email="ada@x.example", preferred_currency_code="USD")
        self._told = self.billing.shelves["event"].table.last

    def pass_days(self, days: float) -> None:
        """Let the clock travel and subscriptions live."""
        self.sandbox.travel(days * DAY)

    def later(self, seconds: float) -> None:
        """Let late work be done without waking the life of subscriptions."""
        self.sandbox.clock.travel(seconds)

    def told(self) -> list[Json]:
        """The events since the last look."""
        found = list(self.billing.events())[self._told :]
        self._told += len(found)
        return found

    def told_types(self) -> list[str]:
        """The types of the events since the last look."""
        return [event["event_type"] for event in self.told()]

    def now(self) -> int:
        return self.sandbox.clock.seconds()
