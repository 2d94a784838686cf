"""The clock that everything asks, so that tests can put another one in its place."""

import time
from asyncio import AbstractEventLoop
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """The real clock. `loop_factory` goes into `asyncio.Runner` (None: the usual loop)."""

    loop_factory: Callable[[], AbstractEventLoop] | None = None

    def now(self) -> datetime:
        """Tell the time as aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go backwards, for lengths of time."""
        return time.monotonic()
