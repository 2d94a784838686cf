"""Who may call: keys, the limit of the site, and the blocking of a live one."""

from base64 import b64decode
from dataclasses import dataclass
from math import ceil
from secrets import compare_digest
from typing import Literal

from ..limits import Window
from ..messages import Answer, Request
from .errors import trouble
from .world import World

MINUTE = 60.0
REFUSALS = 20
"""429 answers after which a live site is flagged: our number, as Chargebee tells none."""
PATIENCE = 300.0
"""Seconds in which that many make it so; ours too."""

Right = Literal["read", "write"]


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The API keys of the site: one that only reads ("Read-only: All"), one for everything."""

    reading: str
    full: str

    def right(self, request: Request) -> Right | None:
        """What the key of a call may do; None where there is no such key."""
        given = _user(request)
        if given is None:
            return None
        if compare_digest(given.encode(), self.full.encode()):
            return "write"
        return "read" if compare_digest(given.encode(), self.reading.encode()) else None


class Gate:
    """Lets calls pass, or answers in place of the API (fact sheet 2).

    Beyond the limit every call is answered 429 until the last minute holds fewer. A live site that
    is called on all the same is flagged: `Site.blocked`, and every GET is answered 403 until that
    is set to False.
    """

    def __init__(self, world: World, keys: Keys) -> None:
        self._world = world
        self._keys = keys
        self._calls = Window(world.clock, lambda: world.options.calls_per_minute, MINUTE)
        self._refusals = self._fresh()

    def stops(self, request: Request) -> Answer | None:
        """The answer to a call that may not pass, None where it may."""
        right = self._keys.right(request)
        if right is None:
            return trouble(401)
        if self._world.site.blocked and request.method == "GET":
            return trouble(403, "request_blocked")
        if not self._calls.take():
            return self._too_many()
        if request.method == "POST" and right == "read":
            return trouble(403, "api_authorization_failed")
        return None

    def _too_many(self) -> Answer:
        if self._world.site.live and not self._refusals.take():
            self._world.site.blocked = True
            self._refusals = self._fresh()
        answer = trouble(429)
        if not self._world.options.sends_retry_after:
            return answer
        return answer.with_headers(("retry-after", str(max(ceil(self._calls.wait()), 1))))

    def _fresh(self) -> Window:
        return Window(self._world.clock, lambda: REFUSALS - 1, PATIENCE)


def _user(request: Request) -> str | None:
    """The user of Basic auth; None where there is none, or where it has a password."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    return user if scheme.lower() == "basic" and not password else None
