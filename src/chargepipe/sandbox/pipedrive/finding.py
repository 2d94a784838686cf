"""Finding records by a text, for the page: at once and without limits on the kind of text."""

from collections.abc import Iterator
from itertools import islice
from typing import cast

from ..messages import Row
from ..table import Table
from .values import texts

MOST = 1000
"""Records of a kind that one search gives."""


def found(table: Table, text: str, limit: int) -> list[Row]:
    """Kept rows of living records that hold the text, in any case; newest first."""
    wanted = text.strip().casefold()
    shown = min(max(limit, 0), MOST)
    rows = (row for _, row in table.walk("id", descending=True) if not row["is_deleted"])
    return list(islice((row for row in rows if _holds(row, wanted)), shown))


def _holds(row: Row, wanted: str) -> bool:
    return not wanted or any(wanted in held.casefold() for held in _texts(row))


def _texts(row: Row) -> Iterator[str]:
    yield str(row["id"])
    yield row.get("name") or row.get("title") or ""
    for contact in cast(list[Row], row.get("emails", []) + row.get("phones", [])):
        yield contact["value"]
    for value in cast(Row, row["custom_fields"]).values():
        yield from texts(value)
