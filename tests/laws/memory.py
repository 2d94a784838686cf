"""What the test remembers from run to run: what was settled, what may not be seen yet."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db.models import Max

from chargepipe.store.models import Connection, Link, PullState, Record, Run
from laws.oracle import Books, Row
from laws.picture import ENTITIES, Key, Names, Picture, take
from laws.rules import Rules
from world import World

Versions = dict[str, list[Row]]
KINDS = ("customer", "subscription", "invoice")


@dataclass(slots=True)
class Told:
    """One run as the test saw it: Pipedrive before and after."""

    run: Run
    before: Picture = field(repr=False)
    after: Picture = field(repr=False)
    links: dict[str, int]
    """Customers and their people before it."""
    organizations: dict[str, int]
    """Companies and their organizations before it."""
    deals: dict[str, int]
    """Records, by source key (subscription:ID), and their deals before it."""
    start: int
    """When it began, in unix seconds; of a plan that was applied, when that was made."""
    left: set[str]
    """Customers whose person was known to be gone before it."""
    clean: bool = True
    """Whether no call failed and nobody died on the way."""


@dataclass(slots=True)
class Settled:
    """What a customer's person was last made to hold, as far as the test can know."""

    person: int
    targets: list[Any]
    organization: int | None
    """That of its company then; where it is another now, the person may be compared anew."""


@dataclass(slots=True)
class SettledDeal:
    """What a record's deal was last made to hold, as far as the test can know."""

    deal: int
    targets: list[Any]


@dataclass(slots=True)
class Memory:
    """Everything that the laws must know of the past."""

    world: World
    rules: Rules
    connection: Connection
    names: Names = field(default_factory=Names)
    quiet: dict[str, Versions] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    """Earlier versions of rows that changed without a word: they show in a complete walk only."""
    touched: set[str] = field(default_factory=set)
    """Customers changed in Chargebee since a run last looked at them."""
    passing: set[str] = field(default_factory=set)
    """Those of them that no run may have to look at: a new subscription moved on at once."""
    late: set[str] = field(default_factory=set)
    """Companies with another organization since the last run, and records whose deal joins what
    it made anew: the next run looks at them."""
    settled: dict[str, Settled] = field(default_factory=dict)
    companies: dict[str, list[Any]] = field(default_factory=dict)
    """By company key, the fields that its organization was last made to hold."""
    had: dict[str, set[str]] = field(default_factory=dict)
    """By customer, every company that a run has settled for it; also what was undone since."""
    loose: set[str] = field(default_factory=set)
    """Customers and companies that the product may compare again though nothing changed."""
    joining: set[str] = field(default_factory=set)
    """Deals that join in the next sync whom they should: all else may stand."""
    unsure: set[str] = field(default_factory=set)
    """Those of whom it may have settled something else than the test knows (after a failure)."""
    held: dict[str, bool] = field(default_factory=dict)
    """Customers and records whose writes were undone and that were not modified since.

    True where the product surely knew their newest version, and so must hold them.
    """
    held_companies: dict[str, int] = field(default_factory=dict)
    """Companies whose writes were undone, and the newest version of their customers then."""
    ignored: dict[str, bool] = field(default_factory=dict)
    """Customers whose error is ignored; True where the run surely knew their newest version."""
    new: set[str] = field(default_factory=set)
    """Customers for whom a person decided to have a new one made."""
    wrote: dict[int, set[str]] = field(default_factory=dict)
    """By person, every email and phone that runs have put on it."""
    again: dict[Key, Key] = field(default_factory=dict)
    """Records that an undo made again, and what they became."""
    made: dict[int, str] = field(default_factory=dict)
    """Organizations that runs have made, by id, and the company of each."""
    dropped: set[str] = field(default_factory=set)
    """Names of fields that people have deleted once, and with them all values."""
    fresh: set[str] = field(default_factory=set)
    """Records changed in Chargebee since a run last looked at them, by source key."""
    deals: dict[str, SettledDeal] = field(default_factory=dict)
    """By source key of the record."""
    ours: dict[int, dict[str, set[Any]]] = field(default_factory=dict)
    """By deal, the stages and statuses that the product may take for its own doing."""
    put: dict[int, dict[str, list[Any]]] = field(default_factory=dict)
    """By deal and field, what runs have written there, the newest last."""
    made_for: dict[str, set[int]] = field(default_factory=dict)
    """By source key, the deals that runs have made."""
    dead: set[str] = field(default_factory=set)
    """Records whose deal people have deleted."""
    began: int | None = None
    """When the first full sync started, in unix seconds."""
    organized: bool = False
    """Whether a full sync has made organizations: they cannot be switched off then."""
    swept: set[str] = field(default_factory=set)
    """Records that a later full sync or a backfill has come by."""
    on: set[str] = field(default_factory=set)
    """The kinds of records that made deals when a run was last done."""
    runs: list[Told] = field(default_factory=list)
    walked: dict[str, Any] = field(default_factory=dict)
    """When all of Chargebee's records of a kind were last read."""

    def books(self) -> Books:
        """What Chargebee holds."""
        billing = self.world.billing
        return Books(
            {row["id"]: row for row in billing.customers()},
            {row["id"]: row for row in billing.subscriptions()},
            {row["id"]: row for row in billing.invoices()},
        )

    def possible(self) -> Iterator[Books]:
        """What the product may take Chargebee to hold: quiet changes are seen or not seen yet."""
        now = self.books()
        # Of invoices no person tells anything; see `deal_versions`.
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
                now.invoices,
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

    def is_known(self, key: str) -> bool:
        """Whether the mirror holds the newest version of a customer, or of a record by its key."""
        books = self.books()
        rows = {key: row for _, key, row in books.deal_records()} | dict(books.customers)
        kind, _, id = key.rpartition(":")
        held = Record.objects.filter(kind=kind or "customer", source_id=id)
        return held.filter(version=rows[key]["resource_version"]).exists()

    def newest(self, company: str) -> int:
        """The newest version of a company's customers, as the mirror holds them."""
        rows = Record.objects.filter(kind="customer", company_key=company)
        return rows.aggregate(newest=Max("version"))["newest"] or 0

    def holds(self, company: str, run: Run) -> bool:
        """Whether a run may not touch a company: undone, and no customer of it modified since."""
        undone = self.held_companies.get(company)
        # A company that nobody is in any more was modified by nobody either.
        return undone is not None and self.newest(company) in (0, undone) and not run.only

    def deal_versions(self, books: Books, kind: str, row: Row) -> Iterator[tuple[Row, Row]]:
        """A record and its customer, as the product may take them to be."""
        for record in (row, *self.quiet[kind].get(row["id"], ())):
            customer = record["customer_id"]
            for each in (books.customers[customer], *self.quiet["customer"].get(customer, ())):
                yield record, each

    def deal_links(self) -> dict[str, int]:
        """Records and their deals, as the product has linked them; those that are gone too."""
        rows = Link.objects.filter(kind="deal")
        return dict(rows.values_list("source_key", "pipedrive_id"))

    def loosen(self) -> None:
        """The product may compare everything again."""
        self.loose |= {*self.settled, *self.companies, *self.deals}

    def looked_at(self, keys: Collection[str]) -> None:
        """A run has compared these; not so while it may not know yet that a field was deleted."""
        there = {name for of in ENTITIES for name, _ in self.names.living(self.world, of)}
        if self.dropped <= there:
            self.loose -= set(keys)
        self.unsure -= set(keys)

    def passes_on(self, kind: str, row: Row) -> None:
        """Note who is left by a record that no run has ever seen with them."""
        seen = Record.objects.filter(kind=kind, source_id=row["id"])
        if not seen.filter(customer_id=row["customer_id"]).exists():
            self.passing.add(row["customer_id"])

    def changed_quietly(self, kind: str, row: Row) -> None:
        """Keep the version that a row had before a change that moves no time."""
        self.quiet[kind].setdefault(row["id"], []).append(row)

    def changed(self, *customers: str, kind: str = "customer", id: str = "") -> None:
        """Note a change that every sync sees: of these customers, in their row or another."""
        for customer in customers:
            if kind != "invoice":  # no person shows one
                self.touched.add(customer)
            if kind == "customer":
                self.quiet["customer"].pop(customer, None)
                self.held.pop(customer, None)
                self.ignored.pop(customer, None)
        if kind != "customer":
            key = f"{kind}:{id}"
            self.fresh.add(key)
            self.held.pop(key, None)
            self.ignored.pop(key, None)
            self.quiet[kind].pop(id, None)

    def begin(self, told: Told) -> None:
        """Note that the first full sync was done, and what later ones have come by."""
        run = told.run
        if run.state != "done" or "full" not in (run.kind, run.about and run.about.of):
            return
        if run.kind == "apply" and run.changes.filter(state="stale").exists():
            return  # what has moved is still to be written
        self.organized |= self.rules.organizations
        if self.began is None:
            self.began = told.start
            self.fresh.clear()

    def walk(self) -> None:
        """Note that all of Chargebee was read, where it was: then nothing is unseen any more."""
        states = PullState.objects.filter(connection=self.connection)
        for kind, loaded_at in states.values_list("kind", "loaded_at"):
            if loaded_at and loaded_at != self.walked.get(kind):
                self.walked[kind] = loaded_at
                self.quiet[kind] = {}
