"""Travel for those who call from outside: in slices, so that the sandbox stays awake meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from time import monotonic

from .clock import Clock
from .data.draw import iso
from .outbox import Outbox

PATIENCE = 20.0
"""Seconds of real time that one journey takes at most."""
SLICE = 0.05
"""Seconds of real time after which others have their turn."""


class Journeys:
    """Lets time pass step by step: what is due is done, and sent, each at its moment.

    journey: gives the way as steps (`Sandbox.journey`). deliver: sends what is due between two
    steps; None while nobody serves the sandbox: messages then wait for `Outbox.deliver`.
    """

    def __init__(
        self, journey: Callable[[float], Iterator[None]], clock: Clock, outbox: Outbox
    ) -> None:
        self.deliver: Callable[[], Awaitable[int]] | None = None
        self._journey = journey
        self._clock = clock
        self._outbox = outbox
        self._is_under_way = False
        self._sending: set[asyncio.Future[int]] = set()

    async def travel(self, seconds: float) -> None:
        """Let time pass. Raises ValueError with words: for a way back, a way too long, and where
        the sandbox is on its way already. It stops there after `PATIENCE` seconds of real time.
        """
        if self._is_under_way:
            raise ValueError("the sandbox is on a journey; wait until it has arrived")
        self._is_under_way = True
        try:
            await self._go(seconds, monotonic() + PATIENCE)
        finally:
            self._is_under_way = False

    async def _go(self, seconds: float, end: float) -> None:
        turn = monotonic() + SLICE
        for _ in self._journey(seconds):
            await self._send(end)
            if monotonic() > end:
                raise ValueError(
                    f"the journey stopped on its way: after {PATIENCE:.0f} seconds it has come to "
                    f"{iso(self._clock.now())}; travel again for the rest"
                )
            if monotonic() > turn:
                await asyncio.sleep(0)
                turn = monotonic() + SLICE

    async def _send(self, end: float) -> None:
        """Have sent what is due, unless that takes too long; it then goes out meanwhile."""
        while self.deliver is not None and self._outbox.is_due and monotonic() < end:
            sending = asyncio.ensure_future(self.deliver())
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
            done, _ = await asyncio.wait({sending}, timeout=end - monotonic())
            if done and not sending.result():  # somebody else is sending
                await asyncio.sleep(0.01)
