"""Query parameters and pages of API v2's lists."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from ..data.draw import unix
from ..messages import Answer, Request, Row
from ..table import Key
from .checks import refused_key
from .cursors import Cursors
from .errors import Invalid, failed_checks

_WHOLE_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
MAX_LIMIT, DEFAULT_LIMIT, MAX_IDS, MAX_CODES = 500, 100, 100, 15


class UnknownParams(Invalid):
    """Query parameters that a call does not take: their `names`."""

    def __init__(self, names: list[str]) -> None:
        problems = failed_checks(*(f"{name}: {refused_key(name)}" for name in names))
        super().__init__(str(problems), problems.status, problems.code)
        self.names = names


class Params:
    """The query of one call. Raises UnknownParams for what is not known, before any work."""

    def __init__(self, request: Request, *known: str) -> None:
        self._given = request.params
        strange = [key for key in self._given if key not in known]
        if strange:
            raise UnknownParams(strange)

    def text(self, name: str) -> str | None:
        """The value as it is, or None."""
        return self._given.get(name)

    def whole(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self._given.get(name)
        if value is not None and not (value.isascii() and value.isdigit() and len(value) < 20):
            raise failed_checks(f"{name}: must be an integer")
        return None if value is None else int(value)

    def flag(self, name: str) -> bool:
        """True or false; false where it is left out."""
        return self.choice(name, "false", "true") == "true"

    def choice(self, name: str, *allowed: str) -> str:
        """One of the allowed values; the first where it is left out."""
        value = self._given.get(name, allowed[0])
        if value not in allowed:
            raise failed_checks(f"{name}: must be one of {', '.join(allowed)}")
        return value

    def moment(self, name: str) -> int | None:
        """Unix seconds of an RFC 3339 time with whole seconds (fact sheet 3), or None."""
        value = self._given.get(name)
        if value is None:
            return None
        try:
            return unix(value) if _WHOLE_SECONDS.fullmatch(value) else _not_a_time(name)
        except ValueError:
            return _not_a_time(name)

    def many(self, name: str, most: int) -> list[str] | None:
        """Comma-separated values, at most so many, or None."""
        value = self._given.get(name)
        items = [] if value is None else [item for item in value.split(",") if item]
        if len(items) > most:
            raise failed_checks(f"{name}: at most {most} values are allowed")
        return None if value is None else items

    def limit(self) -> int:
        """Rows a page: 1 to 500, 100 where it is left out."""
        limit = self.whole("limit")
        if limit is not None and not 1 <= limit <= MAX_LIMIT:
            raise failed_checks(f"limit: must be from 1 to {MAX_LIMIT}")
        return DEFAULT_LIMIT if limit is None else limit

    def cursor(self, cursors: Cursors, order: str, direction: str) -> Key | None:
        """The place after which to go on, or None."""
        value = self._given.get("cursor")
        return None if value is None else cursors.read(value, order, direction)


def paged(
    found: Iterable[tuple[Key, Row]],
    params: Params,
    cursors: Cursors,
    sort: tuple[str, str],
    show: Callable[[Row], Any],
) -> tuple[list[Any], str | None]:
    """Up to `limit` rows as shown, and the cursor of the next page. sort: attribute, direction."""
    rows: list[Any] = []
    limit, last = params.limit(), None
    for place, row in found:
        if len(rows) == limit and last is not None:
            return rows, cursors.write(last, *sort)
        rows.append(show(row))
        last = place
    return rows, None


def page_answer(data: Any, cursor: str | None) -> Answer:
    """A page as API v2 answers it."""
    body = {"success": True, "data": data, "additional_data": {"next_cursor": cursor}}
    return Answer(200, body)


def whole_list(rows: list[Row], params: Params, cursors: Cursors) -> Answer:
    """A page of a short list, by place in it."""
    after = params.cursor(cursors, "id", "asc") or (0, 0)
    places = (((place, place), row) for place, row in enumerate(rows, start=1))
    left = (found for found in places if found[0] > after)
    return page_answer(*paged(left, params, cursors, ("id", "asc"), lambda row: row))


def sorted_list(rows: list[Row], params: Params, cursors: Cursors, *orders: str) -> Answer:
    """A page of a short list, sorted as asked by one of `orders`."""
    order = params.choice("sort_by", *orders)
    backwards = params.choice("sort_direction", "asc", "desc") == "desc"
    rows = sorted(rows, key=lambda row: (row[order], row["id"]), reverse=backwards)
    return whole_list(rows, params, cursors)


def _not_a_time(name: str) -> int:
    raise failed_checks(f"{name}: not a valid datetime")
