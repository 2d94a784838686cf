"""Chargebee's lists of records, paged by keyset."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ..messages import Row
from ..table import Key, Table
from .filters import Filter
from .queries import Query, offset_at
from .shelf import Shelf
from .world import World


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the offset of the next, None on the last."""

    rows: list[Row]
    next_offset: str | None


def page(kind: str, query: Query, world: World) -> Page:
    """One page of a list, as late as the lists of the site are."""
    found = list(islice(_matching(world.billing.shelves[kind], query), query.limit + 1))
    rows = [row for _, row in found[: query.limit]]
    if len(found) <= query.limit:
        return Page(rows, None)
    return Page(rows, offset_at(found[query.limit - 1][0], query))


def _matching(shelf: Shelf, query: Query) -> Iterator[tuple[Key, Row]]:
    for place, row in _candidates(shelf, shelf.listed, query):
        if row.get("deleted") and not _shows(row, query):
            continue
        if all(condition.passes(row) for condition in query.filters):
            yield place, row


def _shows(tombstone: Row, query: Query) -> bool:
    return query.deleted is not None and tombstone.get("updated_at", 0) >= query.deleted


def _candidates(shelf: Shelf, table: Table, query: Query) -> Iterable[tuple[Key, Row]]:
    """Few rows where ids name them, else all in order from the offset on."""
    for condition in query.filters:
        numbers = _named(shelf, condition)
        if numbers is not None:
            after, descending = query.after, query.descending
            return table.pick(query.order, numbers, descending=descending, after=after)
    within = [(f.field, *f.span) for f in query.filters if f.span and f.field in table.orders]
    return table.walk(query.order, descending=query.descending, after=query.after, within=within)


def _named(shelf: Shelf, condition: Filter) -> set[int] | None:
    if condition.values is None or condition.field not in ("id", "customer_id"):
        return None
    if condition.field == "customer_id":
        return {number for value in condition.values for number in shelf.numbers_of(value)}
    return {number for value in condition.values if (number := shelf.number(value))}
