"""A year in both services with syncs in between, each judged by the oracle."""

import random
import time
from collections import Counter
from typing import Any

from billing_year import BillingYear
from history import History, Look, Outcome, compared
from people_of import PeopleOf
from sales_year import SalesYear

from chargepipe.sandbox import Options
from chargepipe.store.models import Connection, Run, SyncError
from deal_held import Held, by_key, read_terms
from deal_oracle import Kind
from deal_terms import Json
from world import World

DAY, HOUR, WEEKS = 86_400, 3600, 52
SETTINGS = """
organizations = true
[settings.subscription_deals]
enabled = true
pipeline = "Sales"
[settings.subscription_deals.status]
future = { stage = "Contact Made", status = "open" }
in_trial = { stage = "Demo Scheduled", status = "open" }
active = { stage = "Negotiations Started", status = "won" }
non_renewing = { stage = "Proposal Made", status = "won" }
paused = { stage = "Proposal Made", status = "won" }
cancelled = { stage = "Qualified", status = "lost" }
[settings.invoice_deals]
enabled = true
pipeline = "Renewals"
[settings.invoice_deals.status]
posted = { stage = "Offered", status = "open" }
payment_due = { stage = "Offered", status = "open" }
not_paid = { stage = "Up for Renewal", status = "open" }
paid = { stage = "Agreed", status = "won" }
voided = { stage = "Offered", status = "lost" }
"""


class Year:
    """The world, who acts in it, and every disagreement so far.

    customers: how many there are in the end. wrong: disagreements in words, by sync. counted: what
    was done and judged, for the figures.
    """

    def __init__(self, customers: int, seed: int, settings: str = SETTINGS, **options: Any) -> None:
        few = customers - customers // 2
        self.world = World(customers=few, seed=seed, options=Options(**options))
        self._chance = random.Random(seed)
        self._customers = customers
        self._terms = read_terms(self.world, settings)
        self.people = PeopleOf(self.world)
        self.billing = BillingYear(self.world, self._chance, customers)
        self.sales = SalesYear(self.world, self._chance, self.people)
        self.wrong: list[str] = []
        self.counted: Counter[str] = Counter()
        self.connection: Connection = self.world.connect(settings)
        self._began = time.process_time()
        self.history: History

    def begin(self) -> None:
        """Life awakes; then a trial and the first full sync, neither of which makes a deal."""
        self.world.sandbox.travel(0)
        self.world.clock.advance(HOUR)
        before = Held(self.world).deals
        self.history = History(self._terms, int(self.world.clock.timestamp()))
        for kind in ("trial", "full"):
            self._run(kind)
        if Held(self.world).deals != before:
            self.wrong.append("trial or first full sync: deals were made or changed")
        self.people.look()
        for customer in self.world.billing.customers():
            self.people.person(customer)

    def week(self, number: int) -> None:
        """Seven days of life, a sync that reads everything, and one more an hour later."""
        for _ in range(7):
            self.world.clock.advance(DAY)
            self.world.sandbox.clock.catch_up()
            self._live(self._customers * 0.03)
        self.judged("full" if number % 13 == 0 else "sync", f"week {number}", complete=True)
        self.world.clock.advance(HOUR)
        self._live(self._customers * 0.02)
        self.judged("sync", f"week {number}, an hour later", complete=False)

    def silence(self) -> int:
        """How many writes a sync makes after which nothing happened."""
        self.world.sandbox.requests.clear()
        self._run("sync")
        return len(self._writes())

    def judged(self, kind: str, when: str, *, complete: bool) -> None:
        """A run, and what the oracle says of it."""
        before, writes = Held(self.world), Counter[str]()
        records, moving = self._records(), False
        for _ in range(9):
            self.world.sandbox.requests.clear()
            self._run(kind)
            writes += Counter(self._writes())
            seen, records = records, self._records()
            if records == seen:
                break
            moving = True  # something fell due meanwhile: look again before it is judged
        else:
            raise AssertionError("billing never stands still")
        self.people.look()
        outcome = self.history.expect(self._look(kind, records, complete), before)
        now = Held(self.world)
        wrong = compared(outcome, now)
        if not moving:
            wrong += _miscounted(outcome, self.history, writes)
        self.wrong += [f"{when} ({kind}): {words}" for words in wrong]
        self.history.remember(outcome, now)
        self._count(outcome)

    def figures(self) -> str:
        """One line for people to read."""
        deals = sum(len(Held(self.world).marked(kind)) for kind in ("subscription", "invoice"))
        counted = {
            "customers": sum(1 for _ in self.world.billing.customers()),
            "subscriptions": sum(1 for _ in self.world.billing.subscriptions()),
            "invoices": sum(1 for _ in self.world.billing.invoices()),
            "deeds in billing": sum(self.billing.done.values()),
            "deeds of salespeople": sum(self.sales.done.values()),
            **self.counted,
            "deals held": deals,
            "tokens": self.world.sandbox.tokens_used,
            "disagreements": len(self.wrong),
            "CPU seconds": round(time.process_time() - self._began),
        }
        return ", ".join(f"{number} {what}" for what, number in counted.items())

    def _live(self, deeds: float) -> None:
        whole = int(deeds) + (self._chance.random() < deeds % 1)
        for _ in range(whole):
            if self._chance.random() < 0.75:
                self.billing.something()
            else:
                self.sales.something()

    def _run(self, kind: str) -> Run:
        run = self.world.run(self.connection, kind)
        if run.state != "done":
            self.wrong.append(f"{kind} {run.state}: {run.message}")
        self.counted["syncs"] += 1
        return run

    def _records(self) -> dict[Kind, dict[str, Json]]:
        return {
            "subscription": by_key(self.world.billing.subscriptions()),
            "invoice": by_key(self.world.billing.invoices()),
        }

    def _look(self, kind: str, records: dict[Kind, dict[str, Json]], complete: bool) -> Look:
        customers = by_key(self.world.billing.customers())
        errors = SyncError.objects.filter(state="open", kind="customer")
        waiting = set(errors.values_list("source_key", flat=True))
        full = kind == "full"
        return Look(
            records,
            customers,
            people=self._people(customers, waiting),
            waiting=waiting,
            complete=complete or full,
            full=full,
        )

    def _people(
        self, customers: dict[str, Json], waiting: set[str]
    ) -> dict[str, tuple[int, int | None]]:
        """Of one that went to another business entity, and has nobody, that of the live copy."""
        found = {}
        for id, customer in customers.items():
            heir = customers.get(customer.get("active_id", id), customer)
            own, copied = (self._person(each, waiting) for each in (customer, heir))
            if person := own or copied:
                found[id] = person, self.people.organization(customer)
        return found

    def _person(self, customer: Json, waiting: set[str]) -> int | None:
        is_out = customer["id"] in waiting or customer.get("deleted")
        return None if is_out else self.people.person(customer)

    def _writes(self) -> list[str]:
        """What was sent to Pipedrive since the last look: "PATCH deals/7"."""
        sent = [(m, p) for s, m, p, *_ in self.world.sandbox.requests if s == "pipedrive"]
        return [f"{m} {p.partition('/v2/')[2]}" for m, p in sent if m != "GET"]

    def _count(self, outcome: Outcome) -> None:
        self.counted["syncs judged"] += 1
        self.counted["deals made"] += len(outcome.made)
        self.counted["deals changed"] += len(outcome.changed)
        self.counted["deals compared"] += len(outcome.expected) + len(outcome.none)


def _miscounted(outcome: Outcome, history: History, writes: Counter[str]) -> list[str]:
    """One POST for each new deal, one PATCH for each that differs.

    A locked value may cost one more, and so may what Pipedrive lets not be emptied.
    """
    posts, made = writes["POST deals"], len(outcome.made)
    words = [f"{posts} deals posted where {made} were to be made"] if posts != made else []
    changed = Counter(f"PATCH deals/{history.known[key].deal}" for key in outcome.changed)
    sent = Counter({name: n for name, n in writes.items() if " deals/" in name})
    words += [f"{name} was to be sent" for name in changed - sent]
    needless = list((sent - changed).elements())
    allowed = outcome.locked + outcome.refused
    return words + [f"{name} was needless" for name in needless[allowed:]]
