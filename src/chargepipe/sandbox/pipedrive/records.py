"""Records of one kind as they are, as lists show them, and as search finds them."""

from collections import deque
from collections.abc import Callable

from ..clock import Clock
from ..data.draw import unix
from ..messages import Row
from ..table import Order, Table


class Records:
    """One table and its late copies: lists lag by `settle`, search by `search_lag` seconds."""

    def __init__(
        self,
        size: int,
        make: Callable[[int], Row],
        times: tuple[Callable[[int], int], Callable[[int], int]],
        clock: Clock,
        lags: tuple[float, float],
    ) -> None:
        added, updated = times
        orders = {
            "id": Order(lambda number: number, lambda number, _: number),
            "add_time": Order(added, lambda _, row: unix(row["add_time"])),
            "update_time": Order(updated, lambda _, row: unix(row["update_time"])),
        }
        self.table = Table(size, make, orders)
        self._lists = _View(self.table, Table(size, make, orders), lags[0], clock)
        self._search = _View(self.table, Table(size, make, orders), lags[1], clock)

    @property
    def listed(self) -> Table:
        """The rows that lists show now."""
        return self._lists.seen()

    @property
    def indexed(self) -> Table:
        """The rows that search finds now."""
        return self._search.seen()

    def put(self, row: Row) -> None:
        """Keep a row under its id; lists and search see it later."""
        self.table.put(row["id"], row)
        self._lists.put(row)
        self._search.put(row)


class _View:
    """A table that takes each row some seconds late; with no lag it is the table itself."""

    def __init__(self, table: Table, late: Table, lag: float, clock: Clock) -> None:
        self._table = late if lag > 0 else table
        self._lag = lag
        self._clock = clock
        self._coming: deque[tuple[float, Row]] = deque()

    def put(self, row: Row) -> None:
        if self._lag > 0:
            self._coming.append((self._clock.now() + self._lag, row))

    def seen(self) -> Table:
        now = self._clock.now()
        while self._coming and self._coming[0][0] <= now:
            row = self._coming.popleft()[1]
            self._table.put(row["id"], row)
        return self._table
