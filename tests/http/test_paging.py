import asyncio
from itertools import count

import pytest

from chargepipe.http import BadAnswer, Page, walk
from virtual_time import START


async def taken(pages: list[Page], start: str | None = None) -> list[Page]:
    asked = iter(pages)

    async def fetch(_: str | None) -> Page:
        return next(asked)

    return [page async for page in walk("Pipedrive", fetch, start)]


def test_ten_thousand_empty_pages_end_a_walk() -> None:
    numbers = count()

    async def fetch(_: str | None) -> Page:
        return Page((), str(next(numbers)), START)

    async def main() -> None:
        async for _ in walk("Chargebee", fetch, None):
            pass

    with pytest.raises(BadAnswer):
        asyncio.run(main())
    assert next(numbers) == 10_000


def test_some_empty_pages_do_not_end_a_walk() -> None:
    full, empty = ({"id": 1},), ()
    pages = [Page(full if i == 5 else empty, str(i), START) for i in range(9)]
    pages.append(Page(full, None, START))
    assert asyncio.run(taken(pages)) == pages


def test_a_page_that_points_at_the_one_begun_with_ends_a_walk() -> None:
    with pytest.raises(BadAnswer):
        asyncio.run(taken([Page(({"id": 1},), "here", START)], start="here"))
