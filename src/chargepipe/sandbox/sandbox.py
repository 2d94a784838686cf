"""The sandbox: both services with one clock, one log and one set of faults."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Literal

from .chargebee.access import Keys
from .chargebee.billing import Billing
from .chargebee.service import Chargebee
from .chargebee.site import Site
from .chargebee.verbs import Verbs
from .clock import Clock
from .control import Control
from .faults import Faults
from .front import Entry, Front, Log
from .journeys import Journeys
from .messages import Row
from .near import Near
from .options import Options
from .outbox import Outbox
from .overview import overview
from .pipedrive.company import Company, Plan
from .pipedrive.crm import Crm
from .pipedrive.service import Pipedrive
from .terms import Terms
from .transport import InProcess

LONGEST = 3660 * 86_400
"""Seconds of one journey at most."""
END = 4_102_444_800
"""Unix seconds: with the year 2099 the sandbox's time ends."""


class Sandbox:
    """Chargebee and Pipedrive, simulated and filled.

    seed, customers: the sample data; the same ones give the same data.
    people_before: share (0..1) of the customers that are persons in the CRM already; 0: an empty
        CRM. now: gives unix seconds (default the real time); the data ends on 2026-11-01, so it
        should tell a later time. plan: Pipedrive's plan, which sets
        limits and quota. settle: seconds until Pipedrive's lists show a write; search_lag: until
        its search does. options: what the public pages leave open.
    `chargebee` and `pipedrive` are ASGI apps, `billing` and `crm` edit what they serve, `site` and
    `company` say on which terms; `clock` can travel, `outbox` holds webhooks; `routes` are all
    calls that each service answers.
    `chargebee_key` only reads; `chargebee_full_key` may also manage `chargebee_hooks`.
    """

    def __init__(
        self,
        seed: int = 1,
        customers: int = 250,
        people_before: float = 0.3,
        now: Callable[[], float] | None = None,
        plan: Plan = "lite",
        settle: float = 0.0,
        search_lag: float = 3.0,
        options: Options | None = None,
    ) -> None:
        options = options or Options()
        self._log = Log()
        self.clock = clock = Clock(now or time.time)
        self.faults = Faults()
        self.outbox = Outbox(clock)
        self.journeys = Journeys(self.journey, clock, self.outbox)
        self.chargebee_key = "test_sandbox_key"
        self.chargebee_full_key = "test_sandbox_full_key"
        self.pipedrive_token = "sandbox-token"  # noqa: S105  # a sandbox has no secrets
        self.site = Site()
        self.company = Company(plan)
        self.billing = Billing(seed, customers, people_before, clock, self.site, options)
        people = self.billing.people
        verbs = Verbs(self.billing, self.site, options)
        self.customers, self.subscriptions = verbs.customers, verbs.subscriptions
        self.invoices, self._life = verbs.invoices, verbs.life
        self.crm = Crm(seed, people, self.company, clock, (settle, search_lag), options)
        self._pipedrive = Pipedrive(
            self.crm, self.company, self.pipedrive_token, clock, options, self.outbox
        )
        self.apps, self.hooks = self._pipedrive.apps, self._pipedrive.hooks
        keys = Keys(self.chargebee_key, self.chargebee_full_key)
        source = Chargebee(self.billing, self.site, keys, clock, self.outbox, options)
        self.chargebee_hooks = source.hooks
        self.routes = {"chargebee": source.routes, "pipedrive": self._pipedrive.routes}
        control = Control(self.state, self._target).answer
        self.chargebee = Front("chargebee", source, clock, self.faults, self._log, control)
        self.pipedrive = Front("pipedrive", self._pipedrive, clock, self.faults, self._log, control)

    @property
    def requests(self) -> deque[Entry]:
        """The newest calls as (service, method, raw path, status, tokens).

        The status is 0 where the client saw its connection die.
        """
        return self._log.entries

    @property
    def counts(self) -> Counter[str]:
        """How many calls each service got."""
        return self._log.counts

    @property
    def too_many(self) -> Counter[str]:
        """How many 429 answers each service gave."""
        return self._log.too_many

    @property
    def tokens_used(self) -> int:
        """Pipedrive's API tokens spent since the start, over all days."""
        self.clock.catch_up()
        return self._pipedrive.budget.total

    def transport(self, service: Literal["chargebee", "pipedrive"]) -> InProcess:
        """A transport for an httpx2 async client that talks to the service without sockets."""
        return InProcess(self.chargebee if service == "chargebee" else self.pipedrive)

    @property
    def tokens_left_today(self) -> int:
        """Pipedrive's API tokens that are left of today's budget, never below 0."""
        self.clock.catch_up()
        return self._pipedrive.budget.left()

    @property
    def billing_moves(self) -> bool:
        """Whether subscriptions renew and end by themselves: from the first journey on."""
        return self._life.is_awake

    def state(self) -> Row:
        """What GET /_sandbox/state tells: time, terms, faults, calls, tokens, names to choose."""
        self.clock.catch_up()
        return overview(self)

    def travel(self, seconds: float) -> None:
        """Let time pass at once: what falls due on the way is done, each as of its moment.

        The first journey wakes the life of subscriptions: they renew, end and so on from then on.
        It reads all of them, which takes up to half a minute for 100,000 customers. Messages wait
        in the outbox; over HTTP (`journeys`) they go out on the way. Raises ValueError for a way
        back, for more than ten years at once, and beyond the year 2099.
        """
        for _ in self.journey(seconds):
            pass

    def journey(self, seconds: float) -> Iterator[None]:
        """The way of `travel` in steps; raises as it does. Only one journey at a time."""
        if seconds > LONGEST:
            raise ValueError("ten years at once are the most; travel again for more")
        if self.clock.now() + seconds > END:
            raise ValueError("the sandbox's time ends with the year 2099")
        return self._steps(self.clock.journey(seconds))

    def _steps(self, way: Iterator[None]) -> Iterator[None]:
        for _ in self._life.wake():
            self.clock.catch_up()
            yield
        yield from way

    def _target(self, name: str) -> object:
        """What POST /_sandbox/call calls by this name, one of those in `ALLOWED`."""
        match name:
            case "clock":
                return self.journeys
            case "site" | "company" | "outbox":
                return Terms(name, getattr(self, name))
            case "near":
                return Near(self.crm)
            case _:
                return getattr(self, name)
