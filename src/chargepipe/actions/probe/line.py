"""The line of a probe: both clients, the account's lease, and what was spent."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import transaction

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.lease import Lease, LeaseLost
from chargepipe.accounts.ledger import Ledger
from chargepipe.accounts.services import open_source, open_target, way_in
from chargepipe.domain.settings import ConnectionFile
from chargepipe.http import Call
from chargepipe.store.models import Connection

T = TypeVar("T")
NO_RUN = 0


class Line:
    """Talks to both services of a connection while it holds the account. Use with `with`.

    `spent` is in tokens by the price list; `left` is what the headers said last, and `told` what
    they say was spent since the first answer (by others too), both None where they are missing.
    """

    def __init__(self, connection: Connection, lease: Lease, env: Environment) -> None:
        assert connection.account is not None, "a probe needs a linked connection"
        file = ConnectionFile.model_validate(connection.file)
        secrets = connection.secrets
        self._lease, self._env, self._account = lease, env, connection.account
        self._guarded = True
        self._ledger = Ledger()
        self.requests = {"chargebee": 0, "pipedrive": 0}
        self.spent = 0
        self.left: int | None = None
        self._first: int | None = None
        self._runner = asyncio.Runner(loop_factory=env.clock.loop_factory)
        self.chargebee = open_source(file, secrets.chargebee_key, env, self._called)
        self.pipedrive = open_target(
            file,
            way_in(connection),
            env,
            domain=self._account.domain,
            calls=self._called,
            before_write=self._check,
        )
        self.longest_nap = min(5.0, env.lease_seconds / 3)

    def __enter__(self) -> Self:
        """Nothing more to open."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Write down what was spent, close the wires and give the account back."""
        try:
            self.save()
            self.run(self._close())
        finally:
            self._runner.close()
            self._lease.release()

    @property
    def told(self) -> int | None:
        """Tokens that went since the first answer, by the headers; None where they are missing."""
        return None if self._first is None or self.left is None else self._first - self.left

    def now(self) -> float:
        """Seconds that never go backwards."""
        return self._env.clock.monotonic()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do one piece of talk with a service."""
        return self._runner.run(work)

    def hold(self) -> None:
        """Prolong the lease. Raises LeaseLost where another worker has taken the account."""
        if self._guarded:
            self._lease.hold()

    def let_go(self) -> None:
        """From now on write even without the lease: what is left to do is to clean up."""
        try:
            self.hold()
        except LeaseLost:
            self._guarded = False

    def save(self) -> None:
        """Add what was spent to the account's ledger of the day."""
        with transaction.atomic():
            today = self._env.clock.now().date()
            seen = self._ledger.save(NO_RUN, self._account.pk, today)
        self._ledger.saved(seen)

    def _check(self) -> None:
        if self._guarded:
            self._lease.check_before_write()

    def _called(self, call: Call) -> None:
        self._ledger(call)
        self.requests[call.service.lower()] += 1
        self.spent += call.cost
        if call.token_remaining is not None:
            self.left = call.token_remaining
            if self._first is None:
                self._first = call.token_remaining + call.cost

    async def _close(self) -> None:
        await self.chargebee.aclose()
        await self.pipedrive.aclose()
