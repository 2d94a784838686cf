"""A session: one run under way, with its account held and its clients open.

The database is touched only between calls to the services (architecture.md, "Engine"):
`call` and `iterate` talk to the services, `commit` writes to the database, never both.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.db import transaction

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.lease import Lease
from chargepipe.accounts.ledger import Ledger
from chargepipe.accounts.services import open_source, open_target, way_in
from chargepipe.domain.held import FieldMap
from chargepipe.domain.mapping import SiteFacts
from chargepipe.domain.settings import ConnectionFile
from chargepipe.pipedrive import User
from chargepipe.store.models import Account, Change, Connection, Record, Run
from chargepipe.sync.carried import Carried

T = TypeVar("T")
A_DAY = timedelta(days=1)


def slices(values: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Values a few hundred at a time: a database takes a bounded number of parameters."""
    return (values[start : start + size] for start in range(0, len(values), size))


class Interrupted(Exception):
    """The run must stop at a safe place: `asked` is "cancel", "pause" or "yield"."""

    def __init__(self, asked: str) -> None:
        super().__init__(asked)
        self.asked = asked


class Halted(Exception):
    """An earlier answer said that nothing more may be sent; this write was not."""


class Session:
    """What every stage of the line is given. Close it with `close`, or use `with`."""

    def __init__(self, run: Run, lease: Lease, env: Environment) -> None:
        self.run, self.lease, self.env = run, lease, env
        self.connection: Connection = run.connection
        account = run.connection.account
        assert account is not None, "a run needs a linked connection"
        self.account: Account = account
        self.file = ConnectionFile.model_validate(run.connection.file)
        self.settings = self.file.settings
        self.ledger = Ledger()
        self._runner = asyncio.Runner(loop_factory=env.clock.loop_factory)
        secrets = run.connection.secrets
        self.chargebee = open_source(self.file, secrets.chargebee_key, env, self.ledger)
        self.pipedrive = open_target(
            self.file,
            way_in(self.connection),
            env,
            domain=account.domain,
            calls=self.ledger,
            before_write=self.before_write,
        )
        self.halted: Exception | None = None
        # Why no more deals are opened, by the action that would open one.
        self.capped: dict[str, Exception] = {}
        # Whether Pipedrive lets no date or link of a deal be emptied: a no counts for a day.
        refused = account.nothing_emptied_at
        self.nothing_emptied = refused is not None and env.clock.now() - refused < A_DAY
        self.note = ""  # what the person who started the run should know at its end
        self.refreshed: set[str] = set()  # entities whose index is fresh in this session
        self.carried: dict[str, Carried] = {}  # what walks shall keep to be compared
        self.named: set[int] | None = None  # by open errors, once they were asked for (candidates)
        self.users: tuple[User, ...] | None = None  # of the account, once they were asked for
        self.user_id: int | None = None  # the connecting user, once the guard has asked
        self.repeated: set[int] = set()  # changes sent once more after a look at the fields
        # By entity, with the fields and codes that it was made of (sync.fields).
        self.field_maps: dict[str, tuple[Any, Any, FieldMap]] = {}

    def __enter__(self) -> "Session":
        """Nothing more to open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the wires; the lease is the flow's to release."""
        self.call(self._close())
        self._runner.close()

    async def _close(self) -> None:
        await self.chargebee.aclose()
        await self.pipedrive.aclose()

    def before_write(self) -> None:
        """The last look before a write leaves: after Halted or LeaseShort nothing was sent."""
        if self.halted:
            raise Halted from self.halted
        self.lease.check_before_write()

    def on(self, change: Change) -> "Session":
        """This session for the change's own connection and run (they share the account)."""
        if change.connection_id == self.connection.pk and change.run_id == self.run.pk:
            return self
        other = copy(self)
        other.connection, other.run = change.connection, change.run
        other.file = ConnectionFile.model_validate(change.connection.file)
        other.settings = other.file.settings
        return other

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do one piece of talk with a service and return its result."""
        return self._runner.run(work)

    def iterate(self, pages: AsyncIterator[T]) -> Iterator[T]:
        """Walk pages from plain code; between two pages the database may be used."""

        async def following() -> T | None:
            return await anext(pages, None)

        while (page := self.call(following())) is not None:
            yield page

    @contextmanager
    def commit(self) -> Iterator[None]:
        """One durable transaction of this run: fence checked, lease prolonged, ledger written.

        Raises LeaseLost, and nothing is written, when another worker holds the account.
        """
        with transaction.atomic(durable=True):
            self.lease.hold()
            seen = self.ledger.save(self.run.pk, self.account.pk, self.env.clock.now().date())
            yield
        self.ledger.saved(seen)

    def pulse(self) -> None:
        """Between two pages: raise Interrupted when a person or the process asks to stop."""
        asked = Run.objects.values_list("asked", flat=True).get(pk=self.run.pk)
        if asked:
            raise Interrupted(asked)
        if self.env.stopping():
            raise Interrupted("yield")

    @cached_property
    def site(self) -> SiteFacts:
        """What the mapping must know of the two services; asked for after the pull."""
        base = (
            Record.objects.filter(connection=self.connection, kind="subscription")
            .filter(attributes__has_key="base_currency_code")
            .values_list("attributes__base_currency_code", flat=True)
            .first()
        )
        return SiteFacts(
            base_currency=base,
            default_currency=self.account.default_currency or "USD",
            site=self.connection.site,
        )

    def pipedrive_now(self) -> datetime:
        """Pipedrive's clock at its last answer; ours before the first."""
        return self.pipedrive.server_time or self.env.clock.now()

    def extra_attributes(self, kind: str) -> tuple[str, ...]:
        """Attributes of this kind that additional fields and the match key need."""
        return tuple(sorted(self.settings.attributes(kind)))
