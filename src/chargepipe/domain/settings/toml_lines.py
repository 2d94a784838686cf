"""On which line of a TOML text each key stands. The standard library does not tell."""

import re
import tomllib
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<quoted>"{3}(?:[^\\]|\\.)*?"{3,5} | '{3}.*?'{3,5} | "(?:[^"\\]|\\.)*" | '[^']*')
    | (?P<skip>\#[^\n]* | [ \t\r]+) | (?P<newline>\n) | (?P<mark>[\[\]{}=.,])
    | (?P<bare>[^\s\[\]{}=.,\#"']+)""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def lines_of(text: str) -> dict[Path, int]:
    """Path of every table and key of a valid TOML text, to its line from 1.

    Items of lists have their index in the path. A table that only longer headers name has the
    line of the first of them.
    """
    return _Walk(text).lines


class _Walk:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._tokens = [*_tokens(text), _Token("newline", "\n", 0)]
        self._at = 0
        table: Path = ()
        while self._at < len(self._tokens):
            if self._peek().text == "[":
                table = self._header()
            elif self._peek().kind == "newline":
                self._at += 1
            else:
                self._pair(table)

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _header(self) -> Path:
        line = self._next().line
        many = self._peek().text == "["
        self._at += many
        table = self._table(self._key("]"), many)
        self._at += many
        self._mark((), table, line)
        return table

    def _table(self, key: Path, many: bool) -> Path:
        """The path of a header: every list of tables on the way stands at its last item."""
        table: Path = ()
        for depth, part in enumerate(key, 1):
            table = (*table, part)
            if many and depth == len(key):
                self._counts[table] = self._counts.get(table, -1) + 1
            if table in self._counts:
                table = (*table, self._counts[table])
        return table

    def _pair(self, table: Path) -> None:
        line = self._peek().line
        path = (*table, *self._key("="))
        self._mark(table, path, line)
        self._value(path)

    def _mark(self, table: Path, path: Path, line: int) -> None:
        for end in range(len(table) + 1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def _key(self, end: str) -> Path:
        parts: list[str] = []
        while (token := self._next()).text != end:
            if token.kind == "quoted":
                parts.append(tomllib.loads(f"key = {token.text}")["key"])
            elif token.kind == "bare":
                parts.append(token.text)
        return tuple(parts)

    def _value(self, path: Path) -> None:
        opening = self._next().text
        if opening == "{":
            self._inside("}", lambda _: self._pair(path))
        elif opening == "[":
            self._inside("]", lambda index: self._item((*path, index)))
        else:
            while self._peek().text not in (",", "]", "}", "\n"):
                self._at += 1

    def _inside(self, end: str, read: Callable[[int], None]) -> None:
        """Read what stands between brackets, told the number of each item."""
        count = 0
        while self._peek().text != end:
            if self._peek().text in (",", "\n"):
                self._at += 1
            else:
                read(count)
                count += 1
        self._at += 1

    def _item(self, path: Path) -> None:
        self.lines[path] = self._peek().line
        self._value(path)


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for found in _TOKEN.finditer(text):
        if found.lastgroup and found.lastgroup != "skip":
            yield _Token(found.lastgroup, found[0], line)
        line += found[0].count("\n")
