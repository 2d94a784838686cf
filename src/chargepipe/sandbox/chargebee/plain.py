"""Lists that are short enough to be held whole: catalog, currencies, transfers and the like."""

import re
from collections.abc import Iterable
from typing import Any

from ..messages import Answer, Row
from .errors import wrong
from .fields import Listed
from .params import boolean
from .queries import read_filters, read_limit, read_sort
from .world import World

_OFFSET = re.compile(r'\["(\d{1,9})","\d{1,3}"\]', re.ASCII)
"""The place of the next row, and the limit of the page before it."""


def plain_list(
    kind: str, rows: Iterable[Row], listed: Listed, params: dict[str, str], world: World
) -> Answer:
    """One page of the rows that the parameters ask for (they are used up).

    An offset is the place of the next row.
    """
    limit = read_limit(params)
    start = _start(params.pop("offset", None))
    order, descending = read_sort(listed, params)
    if listed.tombstones:
        boolean("include_deleted", params.pop("include_deleted", "false"))
    filters = read_filters(kind, listed, params, world)
    found = [row for row in rows if all(condition.passes(row) for condition in filters)]
    if order:
        found.sort(key=lambda row: row[order], reverse=descending)
    body: dict[str, Any] = {"list": [{kind: row} for row in found[start : start + limit]]}
    if len(found) > start + limit:
        body["next_offset"] = f'["{start + limit}","{limit}"]'
    return Answer(200, body)


def _start(offset: str | None) -> int:
    if offset is None:
        return 0
    found = _OFFSET.fullmatch(offset)
    if found is None:
        raise wrong("offset", "is not an offset of this list")
    return int(found[1])
