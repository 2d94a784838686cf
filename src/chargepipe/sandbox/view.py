"""Lists that lag behind: a table as it was some seconds ago."""

from collections import deque
from collections.abc import Callable

from .clock import Clock
from .messages import Row
from .table import Table


class LateView:
    """Shows a table's rows some seconds late; while nothing ever was late, the table itself.

    lag: seconds, asked anew each time, so that it may change while the sandbox is served. What was
    shown once stays shown.
    """

    def __init__(self, table: Table, lag: Callable[[], float], clock: Clock) -> None:
        self._table = table
        self._lag = lag
        self._clock = clock
        self._late: Table | None = None
        self._coming: deque[tuple[float, int, Row]] = deque()

    def put(self, number: int, row: Row) -> None:
        """Hear of a row before the table takes it, for here it may come later."""
        if self._late is None and self._lag() > 0:
            self._late = self._table.copy()
        if self._late is not None:
            self._coming.append((self._clock.now(), number, row))

    def seen(self) -> Table:
        """The table as it shows now."""
        if self._late is None:
            return self._table
        now, lag = self._clock.now(), self._lag()
        while self._coming and self._coming[0][0] + lag <= now:
            _, number, row = self._coming.popleft()
            self._late.put(number, row)
        return self._late
