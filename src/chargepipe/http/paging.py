"""Walks a list page by page, and ends where a server would keep us going round for ever."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepipe.http.errors import BadAnswer, Service

MOST_EMPTY_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `next` is where the following one begins (opaque), None at the end.

    `server_time` is the server's clock when it answered (aware UTC); ours if it did not say.
    """

    rows: tuple[dict[str, Any], ...]
    next: str | None
    server_time: datetime


async def walk(
    service: Service, fetch: Callable[[str | None], Awaitable[Page]], start: str | None
) -> AsyncIterator[Page]:
    """Yield all pages from `start` (None: from the beginning).

    Raises BadAnswer where a page points at itself, or after 10,000 empty pages in a row.
    """
    here, empty = start, 0
    while True:
        page = await fetch(here)
        empty = 0 if page.rows else empty + 1
        if page.next is not None and (page.next == here or empty >= MOST_EMPTY_PAGES):
            raise BadAnswer(service, f"A list of {service} does not end: try again later.", 200)
        yield page
        if page.next is None:
            return
        here = page.next
