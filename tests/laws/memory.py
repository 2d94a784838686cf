"""What the test remembers from run to run: what was settled, what may not be seen yet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from chargepipe.store.models import Connection, Link, PullState, Run
from laws.oracle import Books, Row
from laws.picture import Names, Picture, take
from laws.rules import Rules
from world import World

Versions = dict[str, list[Row]]


@dataclass(slots=True)
class Told:
    """One run as the test saw it: Pipedrive before and after."""

    run: Run
    before: Picture
    after: Picture
    links: dict[str, int]
    """Customers and their people before it."""
    organizations: dict[str, int]
    """Companies and their organizations before it."""
    left: set[str]
    """Customers whose person was known to be gone before it."""
    clean: bool = True
    """Whether no call failed and nobody died on the way."""


@dataclass(slots=True)
class Settled:
    """What a customer's person was last made to hold, as far as the test can know."""

    person: int
    targets: list[Any]


@dataclass(slots=True)
class Memory:
    """Everything that the laws must know of the past."""

    world: World
    rules: Rules
    connection: Connection
    names: Names = field(default_factory=Names)
    quiet: dict[str, Versions] = field(default_factory=lambda: {"customer": {}, "subscription": {}})
    """Earlier versions of rows that changed without a word: they show in a complete walk only."""
    touched: set[str] = field(default_factory=set)
    """Customers changed in Chargebee since a run last looked at them."""
    settled: dict[str, Settled] = field(default_factory=dict)
    companies: dict[str, list[Any]] = field(default_factory=dict)
    """By company key, the fields that its organization was last made to hold."""
    loose: set[str] = field(default_factory=set)
    """Customers and companies that the product may compare again though nothing changed."""
    unsure: set[str] = field(default_factory=set)
    """Those of whom it may have settled something else than the test knows (after a failure)."""
    held: set[str] = field(default_factory=set)
    """Customers and companies whose writes were undone and that were not modified since."""
    ignored: dict[str, bool] = field(default_factory=dict)
    """Customers whose error is ignored; True where the run surely knew their newest version."""
    new: set[str] = field(default_factory=set)
    """Customers for whom a person decided to have a new one made."""
    wrote: dict[int, set[str]] = field(default_factory=dict)
    """By person, every email and phone that runs have put on it."""
    made: dict[int, str] = field(default_factory=dict)
    """Organizations that runs have made, by id, and the company of each."""
    dropped: set[str] = field(default_factory=set)
    """Names of fields that people have deleted once, and with them all values."""
    runs: list[Told] = field(default_factory=list)
    walked: Any = None
    """When all of Chargebee was last read."""

    def books(self) -> Books:
        """What Chargebee holds."""
        billing = self.world.billing
        return Books(
            {row["id"]: row for row in billing.customers()},
            {row["id"]: row for row in billing.subscriptions()},
        )

    def possible(self) -> Iterator[Books]:
        """What the product may take Chargebee to hold: quiet changes are seen or not seen yet."""
        now = self.books()
        kinds = [("customer", now.customers), ("subscription", now.subscriptions)]
        rows = [
            [(kind, id, version) for version in (held[id], *self.quiet[kind][id])]
            for kind, held in kinds
            for id in self.quiet[kind]
        ]
        for chosen in product(*rows):
            other = {kind: {i: v for k, i, v in chosen if k == kind} for kind, _ in kinds}
            yield Books(
                {**now.customers, **other["customer"]},
                {**now.subscriptions, **other["subscription"]},
            )

    def picture(self) -> Picture:
        """What Pipedrive holds."""
        return take(self.world, self.names)

    def links(self) -> dict[str, int]:
        """Customers and their people, as the product has linked them."""
        rows = Link.objects.filter(kind="person")
        return dict(rows.values_list("source_key", "pipedrive_id"))

    def left(self) -> set[str]:
        """Customers whose person is gone and is left so."""
        return set(Link.objects.filter(state="left").values_list("source_key", flat=True))

    def organizations(self) -> dict[str, int]:
        """Companies and their organizations, as the product has linked them."""
        rows = Link.objects.filter(kind="organization")
        return dict(rows.values_list("source_key", "pipedrive_id"))

    def changed_quietly(self, kind: str, row: Row) -> None:
        """Keep the version that a row had before a change that moves no time."""
        self.quiet[kind].setdefault(row["id"], []).append(row)

    def changed(self, *customers: str, kind: str = "customer", id: str = "") -> None:
        """Note a change that every sync sees: of these customers, in their row or another."""
        for customer in customers:
            self.touched.add(customer)
            if kind == "customer":
                self.quiet["customer"].pop(customer, None)
                self.held.discard(customer)
                self.ignored.pop(customer, None)
        self.quiet["subscription"].pop(id, None)

    def walk(self) -> None:
        """Note that all of Chargebee was read, where it was: then nothing is unseen any more."""
        states = PullState.objects.filter(connection=self.connection)
        times = [each for each in states.values_list("loaded_at", flat=True) if each]
        if times and min(times) != self.walked:
            self.walked = min(times)
            self.quiet = {"customer": {}, "subscription": {}}
