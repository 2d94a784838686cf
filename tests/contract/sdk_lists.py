"""The official Python SDK asks for a list with every parameter that the description has for it.

The oracle is the whole list, filtered here once more by what the operators mean (fact sheet 3 of
Chargebee); that the whole list is right, is compared with the sandbox's own records elsewhere.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chargebee import InvalidRequestError
from contract.descriptions import find

Row = dict[str, Any]
Call = Callable[..., Any]
DAY = 86_400
FILTER = re.compile(r"(\w+(?:\[\w+\])?)\[(\w+)\]")
BARE: dict[str, Any] = {
    "include_deleted": True,
    "start_time": 1_700_000_000,
    "end_time": 1_800_000_000,
    "paid_on_after": 1_700_000_000,
}
"""Values for parameters that are no filter."""


@dataclass(frozen=True)
class Listing:
    """One list: its path, the SDK's call, the name of its rows.

    renamed: how to read a filter's attribute where the row holds it elsewhere. without: parameters
    that the sandbox refuses. alone: the only ones to walk, where not empty. nested: filters that
    the SDK knows and the description does not. orders: attributes to sort by.
    """

    path: str
    call: Call
    kind: str
    renamed: dict[str, Callable[[Row], Any]] = field(default_factory=dict[str, Any])
    without: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """The types of the parameters that are described and not refused, and of nested ones."""
        operation = find("chargebee", "GET", f"/api/v2{self.path}")
        assert operation is not None
        types = operation.query_types | dict.fromkeys(self.nested, "string")
        chosen = self.alone or [name for name in types if name not in self.without]
        return {name: types[name] for name in chosen}

    def read(self, name: str, row: Row) -> Any:
        """The attribute that a filter is about."""
        return self.renamed[name](row) if name in self.renamed else row.get(name)

    def rows(self, **params: Any) -> list[Row]:
        """The rows of the first page, raw as the SDK got them."""
        found = self.call({"limit": 100, **params}).list
        return [getattr(entry, self.kind).raw_data for entry in found]


def walk_pages(listing: Listing, limit: int) -> list[Row]:
    """All rows, in pages of a size."""
    rows: list[Row] = []
    offset: Row = {}
    while True:
        page = listing.call({"limit": limit, **offset})
        rows += [getattr(entry, listing.kind).raw_data for entry in page.list]
        if page.next_offset is None:
            return rows
        offset = {"offset": page.next_offset}


def walk_parameters(listing: Listing) -> None:
    """Ask with every parameter, one at a time, and compare what comes."""
    for name in listing.without:
        with pytest.raises(InvalidRequestError):
            listing.call({name: "none"})
    whole = walk_pages(listing, 100)
    for name, kind in listing.parameters().items():
        found = FILTER.fullmatch(name)
        if name in ("limit", "offset"):
            continue
        if found is None:
            assert listing.rows(**{name: BARE[name]}), name
        elif found[1] == "sort_by":
            _walk_sort(listing, found[2])
        else:
            _walk_filter(listing, (found[1], found[2], kind), whole)


def _walk_sort(listing: Listing, direction: str) -> None:
    for order in listing.orders:
        rows = listing.rows(sort_by={direction.upper(): order})
        held = [row.get(order, 0) for row in rows]
        assert held == sorted(held, reverse=direction == "desc"), (listing.path, order, direction)


def _walk_filter(listing: Listing, asked: tuple[str, str, str], whole: list[Row]) -> None:
    name, operator, kind = asked
    held = {listing.read(name, row) for row in whole} - {None}
    value = _value(operator, kind, sorted(held))
    outer, _, inner = name.partition("[")
    condition: Row = {operator.upper(): value}
    got = listing.rows(**{outer: {inner.rstrip("]"): condition} if inner else condition})
    wanted = [row for row in whole if _MEANING[operator](listing.read(name, row), value)]
    assert got == wanted[:100], f"{listing.path} {name}[{operator}]={value}"


def _value(operator: str, kind: str, held: list[Any]) -> Any:
    """Something to compare with, out of the middle of what there is."""
    missing = {"boolean": True, "integer": 1_700_000_000}.get(kind, "none")
    middle = held[len(held) // 2] if held else missing
    match operator:
        case "is_present":
            return True
        case "in" | "not_in":
            return [str(each) for each in held[:2]] or ["none"]
        case "starts_with":
            return str(middle)[:4]
        case "between":
            return [held[0], middle + 1] if held else [1, 2]
        case _:
            return middle


def _is(held: Any, value: Any) -> bool:
    return bool(held) is value if isinstance(value, bool) else held == value


_MEANING: dict[str, Callable[[Any, Any], bool]] = {
    "is": _is,
    "is_not": lambda held, value: not _is(held, value),
    "starts_with": lambda held, value: str(held or "").startswith(value),
    "in": lambda held, value: held in value,
    "not_in": lambda held, value: held not in value,
    "is_present": lambda held, value: (held is not None) is value,
    "lt": lambda held, value: held is not None and held < value,
    "lte": lambda held, value: held is not None and held <= value,
    "gt": lambda held, value: held is not None and held > value,
    "gte": lambda held, value: held is not None and held >= value,
    "between": lambda held, value: held is not None and value[0] <= held <= value[1],
    "after": lambda held, value: held is not None and held > value,
    "before": lambda held, value: held is not None and held < value,
    "on": lambda held, value: held is not None and held // DAY == value // DAY,
}
