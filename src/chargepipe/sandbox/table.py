"""A table of computed rows of which only the edited and added ones are kept.

Row numbers 1..size are computed and every order rises with the number, so any page is found by
bisection, however large the table. Kept rows are merged in from sorted lists.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .messages import Row

RECENT = 4096
"""Computed rows that are remembered: those of one customer are asked for again and again."""
Key = tuple[int, int]
"""A place in an order: sort value, row number."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a table: the value of a computed row (rising with its number), of a kept one."""

    computed: Callable[[int], int]
    kept: Callable[[int, Row], int]


class Table:
    """Rows by number. A row that is handed out must not be changed; `put` a new one."""

    def __init__(self, size: int, make: Callable[[int], Row], orders: dict[str, Order]) -> None:
        self.size = size
        self.last = size
        self.orders = orders
        self._make = lru_cache(RECENT)(make)
        self._kept: dict[int, Row] = {}
        self._places: dict[str, list[Key]] = {name: [] for name in orders}

    def get(self, number: int) -> Row | None:
        """The row, or None where there never was one."""
        row = self._kept.get(number)
        if row is None and 1 <= number <= self.size:
            return self._make(number)
        return row

    def put(self, number: int, row: Row) -> None:
        """Keep a row in place of the computed or the kept one."""
        old = self._kept.get(number)
        for name, order in self.orders.items():
            places = self._places[name]
            if old is not None:
                del places[bisect_left(places, (order.kept(number, old), number))]
            insort(places, (order.kept(number, row), number))
        self._kept[number] = row
        self.last = max(self.last, number)

    def copy(self) -> "Table":
        """Another table with the same rows, from now on apart from this one."""
        made = Table(self.size, self._make, self.orders)
        made.last = self.last
        made._kept = dict(self._kept)
        made._places = {name: list(places) for name, places in self._places.items()}
        return made

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Every row with its number, in the order of numbers."""
        for number in range(1, self.last + 1):
            row = self.get(number)
            if row is not None:
                yield number, row

    def place(self, order: str, number: int) -> Key:
        """Where the row stands in the order."""
        row = self._kept.get(number)
        made = self.orders[order]
        return (made.computed(number) if row is None else made.kept(number, row)), number

    def walk(
        self,
        order: str,
        *,
        descending: bool = False,
        after: Key | None = None,
        within: Iterable[tuple[str, int, int]] = (),
    ) -> Iterator[tuple[Key, Row]]:
        """Rows in an order, beyond the place `after`.

        `within` names ranges (order, lowest, highest value) that the caller will filter by; they
        only spare the computing of rows outside.
        """
        computed = self._computed(order, descending, after, within)
        kept = self._beyond(order, descending, after)
        for place in heapq.merge(computed, kept, reverse=descending):
            row = self.get(place[1])
            if row is not None:
                yield place, row

    def pick(
        self, order: str, numbers: Iterable[int], *, descending: bool, after: Key | None
    ) -> Iterator[tuple[Key, Row]]:
        """The rows of some numbers, in an order, beyond the place `after`."""
        rows = {number: row for number in numbers if (row := self.get(number)) is not None}
        for place in sorted((self.place(order, each) for each in rows), reverse=descending):
            if after is None or (place < after if descending else place > after):
                yield place, rows[place[1]]

    def _computed(
        self,
        order: str,
        descending: bool,
        after: Key | None,
        within: Iterable[tuple[str, int, int]],
    ) -> Iterator[Key]:
        numbers = range(1, self.size + 1)
        for name, low, high in within:
            numbers = _between(numbers, self.orders[name].computed, low, high)
        value = self.orders[order].computed
        if after is not None:
            numbers = _after(numbers, value, after, descending)
        for number in reversed(numbers) if descending else numbers:
            if number not in self._kept:
                yield value(number), number

    def _beyond(self, order: str, descending: bool, after: Key | None) -> Iterator[Key]:
        places = self._places[order]
        if descending:
            end = len(places) if after is None else bisect_left(places, after)
            return (places[index] for index in range(end - 1, -1, -1))
        start = 0 if after is None else bisect_right(places, after)
        return (places[index] for index in range(start, len(places)))


def _between(numbers: range, value: Callable[[int], int], low: int, high: int) -> range:
    start = bisect_left(numbers, low, key=value)
    return numbers[start : max(start, bisect_right(numbers, high, key=value))]


def _after(numbers: range, value: Callable[[int], int], after: Key, descending: bool) -> range:
    def place(number: int) -> Key:
        return value(number), number

    if descending:
        return numbers[: bisect_left(numbers, after, key=place)]
    return numbers[bisect_right(numbers, after, key=place) :]
