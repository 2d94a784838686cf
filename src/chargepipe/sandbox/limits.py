"""Rolling windows and the daily token budget."""

from collections import deque
from collections.abc import Callable

from .clock import Clock
from .data.draw import DAY


class Window:
    """At most `limit` calls in any `seconds`; refused calls do not count.

    The limit is asked for at each call, for a plan can be switched.
    """

    def __init__(self, clock: Clock, limit: Callable[[], int], seconds: float) -> None:
        self._limit = limit
        self._clock = clock
        self._seconds = seconds
        self._calls: deque[float] = deque()

    @property
    def limit(self) -> int:
        """Calls let in at most."""
        return self._limit()

    def take(self) -> bool:
        """Count one call, or say False when the window is full."""
        if self.free() == 0:
            return False
        self._calls.append(self._clock.now())
        return True

    def free(self) -> int:
        """Calls left at this moment."""
        start = self._clock.now() - self._seconds
        while self._calls and self._calls[0] <= start:
            self._calls.popleft()
        return max(self.limit - len(self._calls), 0)

    def wait(self) -> float:
        """Seconds until the oldest call leaves the window; 0 when nothing counts."""
        self.free()
        if not self._calls:
            return 0.0
        return self._calls[0] + self._seconds - self._clock.now()


class Budget:
    """Tokens a day, new at `reset_hour` UTC (fact sheet 2.1: a midnight, whose is not said).

    A call is let in while anything is left, so the last one may cost more than that.
    """

    def __init__(self, clock: Clock, limit: Callable[[], int], reset_hour: int = 0) -> None:
        self.total = 0
        self._limit = limit
        self._shift = reset_hour * 3600
        self._clock = clock
        self._day: int = -1
        self._used = 0

    @property
    def limit(self) -> int:
        """Tokens a day."""
        return self._limit()

    def left(self) -> int:
        """Tokens left today, never below 0."""
        self._turn()
        return max(self.limit - self._used, 0)

    def spend(self, tokens: int) -> None:
        """Take tokens from today's budget."""
        self._turn()
        self._used += tokens
        self.total += tokens

    def _turn(self) -> None:
        today = (self._clock.seconds() - self._shift) // DAY
        if today != self._day:
            self._day = today
            self._used = 0
