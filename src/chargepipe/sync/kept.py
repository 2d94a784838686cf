"""Kept: what a run must remember of earlier pages, on disk: so a million records fit in memory."""

import pickle
import sqlite3
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """A mapping: values of the page under plan are in memory, those of earlier pages are not.

    `slim` makes of a value what is kept of it. The file is a temporary one of SQLite's, which
    nobody else can open and which goes with the process.
    """

    def __init__(self, slim: Callable[[T], T] = lambda value: value) -> None:
        self._slim = slim
        self._page: dict[str, T] = {}
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def get(self, key: str) -> T | None:
        """The value; one of an earlier page belongs to the present one from now on."""
        if key not in self._page:
            row = self._file.execute("SELECT value FROM kept WHERE key = ?", [key]).fetchone()
            if row is None:
                return None
            self._page[key] = pickle.loads(row[0])  # noqa: S301 written by this very object
        return self._page[key]

    def __contains__(self, key: str) -> bool:
        """Whether a page has had it."""
        return self.get(key) is not None

    def __getitem__(self, key: str) -> T:
        """The value. Raises KeyError."""
        if (value := self.get(key)) is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: T) -> None:
        """Remember it."""
        self._page[key] = value

    def turn(self) -> None:
        """The page is over and stored: put its values away."""
        rows = [(key, pickle.dumps(self._slim(value))) for key, value in self._page.items()]
        self._file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", rows)
        self._page = {}

    def leave(self) -> None:
        """The page only looked at values: nothing is to be put away."""
        self._page = {}

    def pop(self, key: str) -> T | None:
        """The value, which is kept no longer."""
        value = self.get(key)
        self._page.pop(key, None)
        self._file.execute("DELETE FROM kept WHERE key = ?", [key])
        return value

    def values(self) -> Iterator[T]:
        """All values of the pages that are over."""
        for (value,) in self._file.execute("SELECT value FROM kept"):
            yield pickle.loads(value)  # noqa: S301 as above
