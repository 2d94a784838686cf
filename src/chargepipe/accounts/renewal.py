"""Renewal: signs calls with an access token and refreshes it, one process at a time.

Before it expires and after a 401, whoever needs a new token claims the grant in the database and
refreshes; the others go on with the old token while it is good, else wait and read the new one. It
is stored before it is used. Of a process that dies meanwhile the claim ends by itself, and the next
one asks with the refresh token that is stored: Pipedrive gives the same one each time. Should it
have been used up, the grant is over, and the connection says so.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import httpx2
from django.db import connections as databases

from chargepipe.accounts import grants
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.grants import Held, Seen
from chargepipe.http import Reconnect, ServiceError
from chargepipe.pipedrive import App, BadGrant, open_oauth
from chargepipe.pipedrive.oauth import sign

T = TypeVar("T")
POLL_SECONDS = 0.5
NEXT_TRY = timedelta(seconds=30)
"""Pause after a refresh that failed while the old token is still good."""


class Bearer(httpx2.Auth):
    """Signs the calls of one client by a grant. `seen` is the grant as it was read just now."""

    def __init__(self, seen: Seen, env: Environment) -> None:
        self._id, self._held, self._env = seen.id, seen.held, env
        self._lock = asyncio.Lock()
        self._not_before = env.clock.now()

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Sign a call; after a 401, which means that nothing was done, once more."""
        access = await self.access()
        sign(request, access)
        response = yield request
        if response.status_code == 401:
            sign(request, await self.access(refused=access))
            yield request

    async def access(self, refused: str = "") -> str:
        """An access token that is good, and another one than `refused`.

        Raises Disconnected where the grant is over, Transient where Pipedrive cannot be reached.
        """
        async with self._lock:
            now = self._env.clock.now()
            patient = now < self._not_before and self._held.good(now, refused)
            if not patient and not self._held.fresh(now, refused):
                self._held = await self._renewed(refused)
            return self._held.tokens.access

    async def _renewed(self, refused: str) -> Held:
        while True:
            seen = await _aside(lambda: grants.look(self._id))
            now = self._env.clock.now()
            if seen.held.fresh(now, refused):
                return seen.held
            if not seen.claimed(now):
                claimed_until = await _aside(lambda seen=seen, now=now: grants.claim(seen, now))
                if claimed_until is not None:
                    return await self._refresh(seen, claimed_until, refused)
            elif seen.held.good(now, refused):
                return seen.held
            else:
                await asyncio.sleep(POLL_SECONDS)

    async def _refresh(self, seen: Seen, claimed_until: datetime, refused: str) -> Held:
        held, asked_at = seen.held, self._env.clock.now()
        try:
            async with open_oauth(
                held.server, _app(), transport=self._env.transport(held.server)
            ) as server:
                tokens = await server.refresh(held.tokens.refresh)
        except BadGrant:
            return await _aside(lambda: grants.refused(seen))
        except ServiceError:
            await _aside(lambda: grants.give_back(seen, claimed_until))
            if not held.good(asked_at, refused):
                raise
            self._not_before = asked_at + NEXT_TRY
            return held
        new = replace(held, tokens=tokens, asked_at=asked_at)
        return await _aside(lambda: grants.renew(seen, new))


def _app() -> App:
    """The app of this installation. Raises Reconnect in words where it is not configured."""
    app = grants.registered_app()
    if app is None:
        raise Reconnect(
            "Pipedrive",
            "CHARGEPIPE_PIPEDRIVE_CLIENT_ID and CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET are not set: "
            "without them nothing can be done by OAuth.",
        )
    return app


async def _aside(work: Callable[[], T]) -> T:
    """Use the database in a thread with a connection of its own: none may be used in a loop."""

    def there() -> T:
        try:
            return work()
        finally:
            databases.close_all()

    return await asyncio.to_thread(there)
