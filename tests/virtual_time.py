"""A clock and an event loop whose time jumps ahead instead of passing."""

import asyncio
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any

from chargepipe.http.clock import Clock

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class VirtualClock(Clock):
    """Time as the loops of its `loop_factory` spend it; between two loops it stands still."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self.seconds = 0.0
        self.loop_factory = lambda: VirtualLoop(self)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def timestamp(self) -> float:
        """Unix seconds, for what asks for a `now` of that kind."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def run(self, main: Any) -> Any:
        """Run a coroutine to its end on a new loop of this clock."""
        with asyncio.Runner(loop_factory=self.loop_factory) as runner:
            return runner.run(main)


class _JumpingSelector(selectors.DefaultSelector):
    """Where nothing but timers is pending, the wait for the next one takes no time."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is not None and not self.threads and len(self.get_map()) == 1:
            self.clock.advance(timeout)  # the one file is the loop's own wake-up pipe
            return ready
        before = time.monotonic()
        ready = super().select(timeout)
        self.clock.advance(time.monotonic() - before)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time. While a thread or a socket is at work, time passes as usual."""

    def __init__(self, clock: VirtualClock | None = None) -> None:
        self._virtual = _JumpingSelector()
        self._virtual.clock = clock or self._virtual.clock
        super().__init__(self._virtual)
        # Asyncio adds it to the time to see what is due; a nanosecond is lost after half a year.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._virtual.clock.seconds

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        self._virtual.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(lambda _: self._thread_ended())
        return future

    def _thread_ended(self) -> None:
        self._virtual.threads -= 1
