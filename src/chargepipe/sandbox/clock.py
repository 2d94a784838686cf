"""The sandbox's time, and work that arrives late."""

import heapq
from collections.abc import Callable
from itertools import count

Work = Callable[[], object]


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
        if seconds < 0:
            raise ValueError("the sandbox's time only moves forward")
        self._ahead += seconds
        self.catch_up()

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
