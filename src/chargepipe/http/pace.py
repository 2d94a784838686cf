"""One rate, kept: so many calls in a rolling window, evenly spaced, after an optional burst."""

import asyncio
import math
from typing import Self

SLACK = 1.04
"""Even calls are 4 % further apart than the limit asks, so that a call that is late by up to 4 %
of the window on its way does not share the server's window with one call too many."""

FARTHEST = 120.0
"""No turn lies further off than this after a change of the event loop, in seconds."""


class Pace:
    """Hands out turns in order of asking, `gap` seconds apart; `burst` saved ones at most at once.

    In any window of w seconds it hands out at most `burst + w / gap` turns.
    """

    def __init__(self, gap: float, burst: int = 1) -> None:
        self._gap = gap
        self._saved = (burst - 1) * gap
        self._next = -math.inf
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue = asyncio.Lock()

    @classmethod
    def even(cls, limit: int, window: float) -> Self:
        """Hand out at most `limit` turns in any `window` seconds, without bursts."""
        return cls(window / limit * SLACK)

    @classmethod
    def bucket(cls, limit: int, window: float, *, share: float, burst: int) -> Self:
        """Use `share` of `limit` in the long run; bursts come out of the rest of the limit."""
        burst = max(1, min(burst, limit // 2))
        steady = max(1.0, min(limit * share, limit - burst))
        return cls(window / steady, burst)

    def set(self, limit: int, window: float) -> None:
        """Go on with another even limit."""
        self._gap = window / limit * SLACK

    async def turn(self, beyond: Self | None = None) -> None:
        """Wait for a turn and take it; with `beyond`, one of that pace at the same moment."""
        loop = self._here()
        async with self._queue:
            # A hold or another limit may come while this one sleeps: look again after each sleep.
            while (wait := self._next - loop.time()) > 0:
                await asyncio.sleep(wait)
            if beyond:
                await beyond.turn()
            self._next = max(self._next, loop.time() - self._saved) + self._gap

    def hold(self, seconds: float) -> None:
        """Hand out no turn for so many seconds from now."""
        self._next = max(self._next, self._here().time() + seconds)

    def _here(self) -> asyncio.AbstractEventLoop:
        """Return the running loop; a new one gets a new queue, for a lock belongs to its loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._queue = loop, asyncio.Lock()
            self._next = min(self._next, loop.time() + FARTHEST)
        return loop
