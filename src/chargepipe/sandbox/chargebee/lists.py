"""Chargebee's lists: paging by keyset, sorting, filtering."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from zlib import crc32

from ..messages import Request, Row
from ..table import Key
from .errors import wrong
from .filters import Filter, read_filter
from .shelf import MILLI, Shelf

_MARKS = 10_000
_ORDERS = {
    "customer": ("created_at", "updated_at"),
    "subscription": ("created_at", "updated_at"),
    "invoice": ("date", "updated_at"),
    "event": ("occurred_at",),
}
ENTITY_HEADER = "chargebee-business-entity-id"


@dataclass(frozen=True, slots=True)
class Query:
    """What a list call asks for. `mark` stands for its filters and sort inside the offset."""

    filters: tuple[Filter, ...]
    order: str
    descending: bool
    limit: int
    after: Key | None
    deleted: bool
    mark: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the offset of the next, None on the last."""

    rows: list[Row]
    next_offset: str | None


def read_query(kind: str, request: Request, strict: bool) -> Query:
    """The query of a list call; 400 param_wrong_value for whatever it may not hold."""
    params = request.params
    limit = _limit(params.pop("limit", "10"))
    offset = params.pop("offset", None)
    entity = request.headers.get(ENTITY_HEADER)
    mark = crc32(repr((kind, sorted(params.items()), entity)).encode()) % _MARKS
    order, descending = _sort(kind, params)
    deleted = params.pop("include_deleted", "false")
    if deleted not in ("true", "false"):
        raise wrong("include_deleted", "is neither true nor false")
    filters = [read_filter(kind, name, value, strict) for name, value in params.items()]
    if entity:
        filters.append(Filter("business_entity_id", lambda held: held == entity))
    after = None if offset is None else _read_offset(offset, mark)
    return Query(tuple(filters), order, descending, limit, after, deleted == "true", mark)


def page(shelf: Shelf, query: Query) -> Page:
    """One page of a shelf."""
    found = list(islice(_matching(shelf, query), query.limit + 1))
    rows = [row for _, row in found[: query.limit]]
    if len(found) <= query.limit:
        return Page(rows, None)
    value, number = found[query.limit - 1][0]
    offset = f'["{value * MILLI}","{number * _MARKS + query.mark}"]'
    return Page(rows, offset)


def _matching(shelf: Shelf, query: Query) -> Iterator[tuple[Key, Row]]:
    for place, row in _candidates(shelf, query):
        if row.get("deleted") and not query.deleted:
            continue
        if all(condition.passes(row) for condition in query.filters):
            yield place, row


def _candidates(shelf: Shelf, query: Query) -> Iterable[tuple[Key, Row]]:
    """Few rows where ids name them, else all in order from the offset on."""
    for condition in query.filters:
        numbers = _named(shelf, condition)
        if numbers is not None:
            return _picked(shelf, query, numbers)
    within = [(f.field, *f.span) for f in query.filters if f.span and f.field in shelf.table.orders]
    return shelf.table.walk(
        query.order, descending=query.descending, after=query.after, within=within
    )


def _named(shelf: Shelf, condition: Filter) -> set[int] | None:
    if condition.values is None or condition.field not in ("id", "customer_id"):
        return None
    if condition.field == "customer_id":
        return {number for value in condition.values for number in shelf.numbers_of(value)}
    return {number for value in condition.values if (number := shelf.number(value))}


def _picked(shelf: Shelf, query: Query, numbers: set[int]) -> Iterator[tuple[Key, Row]]:
    places = [shelf.table.place(query.order, number) for number in numbers]
    for place in sorted(places, reverse=query.descending):
        row = shelf.table.get(place[1])
        if row is not None and _is_beyond(place, query):
            yield place, row


def _is_beyond(place: Key, query: Query) -> bool:
    if query.after is None:
        return True
    return place < query.after if query.descending else place > query.after


def _sort(kind: str, params: dict[str, str]) -> tuple[str, bool]:
    ascending = params.pop("sort_by[asc]", None)
    descending = params.pop("sort_by[desc]", None)
    orders = _ORDERS[kind]
    order = ascending or descending or orders[0]
    if order not in orders:
        raise wrong("sort_by", f"takes one of {', '.join(orders)}")
    return order, ascending is None and descending is not None


def _limit(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= 100:
        raise wrong("limit", "has to be a number from 1 to 100")
    return int(value)


def _read_offset(offset: str, mark: int) -> Key:
    """The place in an offset. It holds a mark of the filters, for it is good for them alone."""
    try:
        value, row_id = json.loads(offset)
        place = int(value) // MILLI, int(row_id) // _MARKS
    except (ValueError, TypeError) as broken:
        raise wrong("offset", "is not an offset of this list") from broken
    if int(row_id) % _MARKS != mark:
        raise wrong("offset", "was given for other filters or another sort")
    return place
