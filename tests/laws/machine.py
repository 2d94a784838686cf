"""The machine: it edits both sides, changes settings, runs, fails, crashes and undoes.

Hypothesis chooses the steps. What a step does is in the modules beside it; what must hold then is
in `always`, `everyone`, `writing`, `contacts`, `dealing`, `undoing` and `planned`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chargepipe.actions import decide, errors
from chargepipe.actions.refusal import Refused
from chargepipe.domain.backfill import Window
from chargepipe.domain.codes import ALIKE_DEALS, AMBIGUOUS_PERSON, DUPLICATE_MARK
from chargepipe.domain.settings import SettingsError
from chargepipe.sandbox import Options
from chargepipe.store.models import Connection, SyncError
from laws import (
    always,
    bill_edits,
    billing_edits,
    deal_everyone,
    everyone,
    people_edits,
    sales_edits,
    undoing,
)
from laws.billing_edits import one_of
from laws.memory import Memory
from laws.picture import ENTITIES
from laws.rules import CHOICES, DEALS, INVOICES, Rules, possible
from laws.runs import Runs
from laws.trouble import faults
from world import World, wipe

HOUR = 3600
DECIDABLE = (AMBIGUOUS_PERSON, DUPLICATE_MARK, ALIKE_DEALS)
WINDOW = st.sampled_from(((), ("active", "paid"), ("cancelled", "in_trial", "posted")))
"""Statuses that a backfill asks for; none is all."""
Day = Sequence[Callable[[Memory, Any], None]]
EDITS = (*billing_edits.EDITS, *bill_edits.EDITS, *people_edits.EDITS, *sales_edits.EDITS)
DAY = st.lists(st.sampled_from(EDITS), max_size=5)
KIND = st.sampled_from(("full", "sync", "sync", "sync"))
DEATH = st.sampled_from((None, None, None, 2, 7, 13, 21, 34))
"""After how many commits and sends the process dies; mostly it does not."""


class Machine(Runs, RuleBasedStateMachine):
    """A world of a few customers whose emails and companies collide."""

    def __init__(self) -> None:
        super().__init__()
        wipe()
        # Where hidden records answer as if they were gone, nobody could tell them apart.
        options = Options(hidden="403", null_links="clear")
        self.world = World(customers=0, people_before=0.0, options=options)

    @initialize(
        data=st.data(),
        organizations=st.booleans(),
        kind=st.sampled_from(("full", "plan", "trial")),
        deals=st.sampled_from(tuple(DEALS)),
        invoices=st.sampled_from(tuple(INVOICES)),
    )
    def begin(self, data: Any, organizations: bool, kind: str, deals: str, invoices: str) -> None:
        """A small world before its first full sync, connected; then that sync."""
        choose = one_of(data.draw)
        rules = Rules(organizations=organizations, subscription_deals=deals, invoice_deals=invoices)
        self.memory = Memory(self.world, rules, Connection())
        for deal in self.world.crm.deals():
            self.world.crm.delete_deal(deal["id"])
        for entity in ENTITIES:
            body = {"field_name": people_edits.NOTE, "field_type": "varchar"}
            self.world.crm.add_field(entity, **body)
        for _ in range(4):
            billing_edits.new_customer(self.memory, choose)
        billing_edits.new_subscription(self.memory, choose)
        people_edits.add_person(self.memory, choose)
        people_edits.add_organization(self.memory, choose)
        self.memory.connection = self.world.connect(rules.toml())
        if kind == "plan":
            self.apply(self.writes_nothing("preview", of="full"), edited=False)
        else:
            self.run(kind)

    def _live(self, data: Any, day: Day, waits: Sequence[int] = (HOUR, 30 * HOUR)) -> None:
        """A day on both sides, then the time until the run: after a day all is read again."""
        for edit in day:
            self.world.clock.advance(2)
            edit(self.memory, one_of(data.draw))
        self.world.clock.advance(data.draw(st.sampled_from(waits)) if day else 1)

    # Settings and decisions -------------------------------------------------------------------

    @rule(data=st.data(), name=st.sampled_from(sorted(CHOICES)))
    def settings_change(self, data: Any, name: str) -> None:
        """One setting, where the product lets it change."""
        value = data.draw(st.sampled_from(CHOICES[name]))
        memory = self.memory
        rules = Rules(**{**_asdict(memory.rules), name: value})
        if not possible(rules):
            return
        off = memory.rules.organizations and not rules.organizations
        try:
            memory.connection = self.world.connect(rules.toml())
        except SettingsError:
            assert off, "a change of settings was refused for no reason"
            return
        locked = off and memory.organized
        assert not locked, "organizations were switched off after a full sync"
        memory.rules = rules
        memory.loosen()

    @rule(data=st.data())
    def ignore_or_not(self, data: Any) -> None:
        """Take an error off the list, or put the ignored ones back."""
        ours = SyncError.objects.filter(state="open", kind__in=("customer", "deal"))
        open_ = list(ours.order_by("pk"))
        if self.memory.ignored and data.draw(st.booleans()):
            rows = SyncError.objects.filter(state="ignored")
            ignored = set(rows.values_list("source_key", flat=True)) & self.memory.ignored.keys()
            errors.unignore("acme", None)
            back = {each for each in ignored if ":" in each}
            self.memory.fresh |= back
            self.memory.touched |= ignored - back
            self.memory.ignored.clear()
        elif open_:
            error = data.draw(st.sampled_from(open_))
            errors.ignore("acme", [error.pk])
            # A change that no run has pulled yet ends it at once.
            key = error.source_key
            self.memory.ignored[key] = key not in self.memory.touched | self.memory.fresh

    @rule(data=st.data(), new=st.booleans())
    def decide(self, data: Any, new: bool) -> None:
        """Say which person a customer is, or which deal a record is, where several match."""
        rows = SyncError.objects.filter(state="open", code__in=DECIDABLE).order_by("pk")
        rows = rows.filter(kind__in=("customer", "deal"))
        if not rows:
            return
        error = data.draw(st.sampled_from(list(rows)))
        chosen = None if new else data.draw(st.sampled_from(error.candidates))["id"]
        of = "deal" if error.kind == "deal" else "person"
        try:
            decided = decide.decide(error.pk, **{of: chosen}, new=new, env=self.world.env)
        except Refused:
            return
        self._note_decided(error, decided.customers)
        self.run("sync", only=list(decided.customers))

    def _note_decided(self, error: SyncError, customers: Sequence[str]) -> None:
        memory, key = self.memory, error.source_key
        if error.kind == "deal":
            memory.deals.pop(key, None)
            memory.loose.add(key)
        else:
            memory.new.add(key)
            memory.settled.pop(key, None)
        memory.loose |= set(customers)

    # Runs, each at the end of a day of edits -----------------------------------------------------

    @rule(data=st.data(), day=DAY, kind=KIND, again=st.booleans())
    def sync(self, data: Any, day: Day, kind: str, again: bool) -> None:
        """A run whose every call succeeds; running it again right away changes nothing."""
        self._live(data, day)
        first = self.memory.began is None  # it leaves deals to the next full sync
        told = self.run(kind)
        # What was refused is made by the next run, which knows more.
        late = self.memory.late | deal_everyone.refused() | everyone.fewer_match(told)
        if again:
            self.run(kind)
            if not first and not self.memory.touched | late:
                always.no_write(self.world)

    @rule(
        data=st.data(),
        sales=st.lists(st.sampled_from(sales_edits.MOVES), min_size=1, max_size=2),
        bills=st.lists(st.sampled_from(bill_edits.NEWS), min_size=1, max_size=2),
    )
    def both_sides_say_something(self, data: Any, sales: Day, bills: Day) -> None:
        """Salespeople put deals somewhere, and billing has news of them before the next sync."""
        self._live(data, [*sales, *bills])
        self.run("sync")

    @rule(data=st.data(), day=DAY, kind=KIND, fault=faults(), death=DEATH)
    def sync_in_trouble(
        self, data: Any, day: Day, kind: str, fault: Any, death: int | None
    ) -> None:
        """Calls fail, or the process dies and another goes on."""
        self._live(data, day)
        self.run(kind, fault=fault, death=death)

    @rule(data=st.data(), day=DAY)
    def sync_one(self, data: Any, day: Day) -> None:
        """Sync this record: one customer, whatever holds it."""
        self._live(data, day)
        customer = data.draw(st.sampled_from(sorted(self.memory.books().customers)))
        if customer in self.memory.held:
            self.memory.held[customer] = False  # an error may be in its way, and it stays held
        self.memory.loose.add(customer)
        self.run("sync", only=[customer])

    @rule(data=st.data(), day=DAY, statuses=WINDOW, fault=st.none() | faults(), death=DEATH)
    def backfill(
        self, data: Any, day: Day, statuses: Sequence[str], fault: Any, death: int | None
    ) -> None:
        """Older records get their deals after all; nothing else is written."""
        self._live(data, day)
        if self.memory.began is None:
            return
        asked = Window(statuses=tuple(statuses)).as_json()
        told = self.run("backfill", window=asked, fault=fault, death=death)
        always.only_deals_are_made(told)
        deal_everyone.backfilled(self.memory, told, statuses)

    @rule(data=st.data(), day=DAY, kind=st.sampled_from(("validate", "preview")))
    def only_look(self, data: Any, day: Day, kind: str) -> None:
        """It looks at everybody, and writes nothing."""
        self._live(data, day)
        self.writes_nothing(kind)

    @rule(data=st.data(), day=DAY, repair=st.booleans())
    def reconcile(self, data: Any, day: Day, repair: bool) -> None:
        """Links are repaired in any case, fields by wish."""
        self._live(data, day)
        self.run("reconcile", repair=repair)

    @rule(
        data=st.data(),
        day=DAY,
        of=st.sampled_from(("full", "sync")),
        since=st.just(()) | DAY,
        fault=st.none() | faults(),
        death=DEATH,
    )
    def preview_and_apply(
        self, data: Any, day: Day, of: str, since: Day, fault: Any, death: int | None
    ) -> None:
        """Write what a preview showed, though this and that came in between."""
        self._live(data, day)
        if self.memory.began is None:
            of = "full"  # there is no other before the first full sync
        preview = self.writes_nothing("preview", of=of)
        self._live(data, since, waits=(HOUR,))
        self.apply(preview, edited=bool(since), fault=fault, death=death)

    @rule(data=st.data(), day=DAY, kind=KIND, then=st.sampled_from(("", "redo", "full")))
    def run_and_undo(self, data: Any, day: Day, kind: str, then: str) -> None:
        """Back to where it was, field for field; taken back once more, there again.

        Or a run over everybody follows: what was undone is held.
        """
        self._live(data, day)
        told = self.run(kind)
        undone = self.undo(told)
        undoing.right_after(self.memory, told, undone)
        if then == "redo":
            undoing.right_after(self.memory, undone, self.undo(undone))
        elif then:
            self.run(then)

    @rule(
        data=st.data(),
        kind=KIND,
        bills=st.lists(st.sampled_from(billing_edits.EDITS), min_size=1, max_size=3),
        over=st.lists(st.sampled_from(people_edits.WRITINGS), min_size=2, max_size=4),
    )
    def undo_what_people_wrote_over(self, data: Any, kind: str, bills: Day, over: Day) -> None:
        """A run, then edits of what it may have written, then its undo: these stay."""
        self._live(data, bills)
        told = self.run(kind)
        self._live(data, over)
        self.undo(told)

    @rule(data=st.data(), day=DAY)
    def undo_an_older_run(self, data: Any, day: Day) -> None:
        """Whatever came in between: only what is ours goes."""
        self._live(data, day)
        self.undo(data.draw(st.sampled_from(self.memory.runs[-4:])))


def _asdict(rules: Rules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in rules.__slots__}
