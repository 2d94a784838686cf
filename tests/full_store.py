"""A SQLite store that may not grow, as on a full disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from chargepipe.store.models import Run

MOST_PAGES = 1_073_741_823
"""As many as SQLite takes by itself."""
LONG = "x" * 10_000_000
"""More than a store of the tests has room for in its free pages."""


def give_free_pages_back() -> None:
    """Else what other tests have deleted is room for this one."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")


@contextmanager
def room_for(pages: int) -> Iterator[None]:
    """Let the store grow by so many pages (of 4 KB) and no more, on this thread's connection."""
    with connection.cursor() as cursor:
        size = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {size + pages}")
        yield
        cursor.execute(f"PRAGMA max_page_count = {MOST_PAGES}")


def write_too_much() -> None:
    """Write what does not fit. Raises django.db.OperationalError; needs a run to be there."""
    with room_for(0):
        Run.objects.update(message=LONG)
