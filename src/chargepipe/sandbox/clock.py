"""The sandbox's time, and work that arrives late."""

import heapq
from collections.abc import Callable, Iterator
from itertools import count

Work = Callable[[], object]
STEP = 1.0
"""Seconds of a step of a journey at least."""


class Clock:
    """Tells the time in unix seconds and does late work as of the moment that it was due.

    Nothing runs in the background: whoever looks calls `catch_up` first. So the sandbox works the
    same under a real clock and under a test's virtual one.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._real = now
        self._ahead = 0.0
        self._as_of: float | None = None
        self._late: list[tuple[float, int, Work]] = []
        self._turn = count()

    def now(self) -> float:
        """Unix seconds: the given clock's, or while late work is done, when that was due."""
        return self._present() if self._as_of is None else self._as_of

    def seconds(self) -> int:
        """Whole unix seconds, rounded down."""
        return int(self.now())

    def later(self, seconds: float, work: Work) -> None:
        """Have `work` done `seconds` from now."""
        heapq.heappush(self._late, (self.now() + seconds, next(self._turn), work))

    def travel(self, seconds: float) -> None:
        """Move on at once. Late work that falls due on the way is done, each as of its moment.

        Raises ValueError for a way back: records would then be younger than their children.
        """
        for _ in self.journey(seconds):
            pass

    def journey(self, seconds: float) -> Iterator[None]:
        """The way of `travel` in steps, from one moment at which something is due to the next.

        Time stands where the last step led while nobody asks for the next one.
        """
        if seconds < 0:
            raise ValueError("the sandbox's time only moves forward")
        return self._steps(seconds)

    def _steps(self, seconds: float) -> Iterator[None]:
        start, gone = self._ahead, 0.0
        self.catch_up()
        yield
        while gone < seconds:
            due = self._late[0][0] - self._present() if self._late else seconds
            gone = min(gone + max(due, STEP), seconds)
            self._ahead = start + gone
            self.catch_up()
            yield

    def catch_up(self) -> None:
        """Do all late work that is due by now, oldest first."""
        if self._as_of is not None:
            return
        now = self._present()
        try:
            while self._late and self._late[0][0] <= now:
                self._as_of, _, work = heapq.heappop(self._late)
                work()
        finally:
            self._as_of = None

    def _present(self) -> float:
        return self._real() + self._ahead
