"""Spells: the network is gone for an hour, and the clock jumps, both in the middle of a sync."""

import random
from collections.abc import Callable
from typing import Any

from chargepipe.sandbox import Fault
from soaking import edits
from soaking.laws import all_laws
from soaking.virtual import Within, within

CUSTOMERS = 80
GONE = 3600.0
"""Seconds without a network."""
JUMPS = (-86_400.0, -3600.0, -60.0, -5.0, 5.0, 60.0, 3600.0, 86_400.0)
"""Seconds by which the wall clock is set; the services' time goes on as before."""


def network_gone(seed: int, say: Any) -> list[str]:
    """From some call on no call gets through, for an hour; at several calls of a sync."""

    def begin(here: Within, at: int) -> Callable[[], None]:
        clock, calls = here.world.clock, here.sandbox.counts
        start, until = calls.total() + at, [0.0]

        def hit(service: Any, _method: str, _path: str) -> Fault | None:
            if calls.total() < start:
                return None
            until[0] = until[0] or clock.seconds + GONE
            if clock.seconds >= until[0]:
                return None
            here.count("calls without an answer")
            # What was on its way at that moment has come through; its answer has not.
            kind = "drop_after" if here.figures["calls without an answer"] == 1 else "drop_before"
            return Fault(service, kind=kind)

        here.sandbox.faults.hit = hit  # type: ignore[method-assign]
        return lambda: clock.advance(max(0.0, until[0] - clock.seconds))

    return _spells("network gone", seed, (1, 10, 25, 40, 60, 90), begin, say)


def clock_jumps(seed: int, say: Any) -> list[str]:
    """The wall clock is set while a sync is under way, and back after it."""

    def begin(here: Within, at: Any) -> Callable[[], None]:
        clock, calls = here.world.clock, here.sandbox.counts
        right, start = clock._start, calls.total() + 30
        # The services have clocks of their own.
        here.sandbox.clock._real = lambda: right.timestamp() + clock.seconds
        jumped: list[float] = []

        def hit(_service: Any, _method: str, _path: str) -> None:
            if not jumped and calls.total() >= start:
                from datetime import timedelta

                jumped.append(at)
                clock._start = right + timedelta(seconds=at)
                here.count("jumps")

        here.sandbox.faults.hit = hit  # type: ignore[method-assign]

        def back() -> None:
            clock._start = right

        return back

    return _spells("clock jumps", seed, JUMPS, begin, say)


def _spells(what: str, seed: int, ats: Any, begin: Any, say: Any) -> list[str]:
    wrong: list[str] = []
    for at in ats:
        here = within(seed, CUSTOMERS)
        chance = random.Random(f"{seed} {at}")  # noqa: S311 no secret
        for kind in ("full", "sync"):
            here.world.clock.advance(3600)
            over = begin(here, at)
            state = here.carry(here.start(kind))
            here.count(f"{kind} {state}")
            over()
            here.sandbox.faults.hit = lambda *_: None  # type: ignore[method-assign]
            edits.some(here, chance, 40)
        found = all_laws(here)
        say(f"  {what} {at:+.0f}: {here.told()}; {'PASS' if not found else 'FAIL'}")
        wrong += [f"{what} {at:+.0f}: {words}" for words in found]
    return wrong
