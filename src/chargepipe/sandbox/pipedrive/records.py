"""Records of one kind as they are, as lists show them, and as search finds them."""

from collections.abc import Callable

from ..clock import Clock
from ..data.draw import unix
from ..messages import Row
from ..table import Order, Table
from ..view import LateView


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
        self._lists = LateView(self.table, lambda: lags[0], clock)
        self._search = LateView(self.table, lambda: lags[1], clock)

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
        self._lists.put(row["id"], row)
        self._search.put(row["id"], row)
        self.table.put(row["id"], row)
