"""What people see: tables and plain text on stdout, never interpreted as markup."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 200
"""Columns where there is no terminal to ask."""


def console(*, err: bool = False) -> "Console":
    """A console that takes names of customers for text: no markup, no emoji, no colours of ours."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else WIDE
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def plain(value: Any) -> str:
    """One line of text; signs that would steer a terminal become blanks."""
    text = "" if value is None else str(value)
    return "".join(sign if sign.isprintable() else " " for sign in text)


def clip(text: str, most: int = 60) -> str:
    """The text, cut where it is too long for a line of several."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under a header."""
    from rich.table import Table

    made = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for row in rows:
        made.add_row(*map(plain, row))
    shown = console()
    with shown.capture() as captured:
        shown.print(made)
    for line in captured.get().splitlines():
        typer.echo(line.rstrip())


def facts(rows: Iterable[tuple[str, Any]]) -> None:
    """Print pairs of a word and what is known of it."""
    pairs = list(rows)
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        typer.echo(f"{name:<{width}}  {plain(value)}".rstrip())


def csv_lines(lines: Iterable[str]) -> None:
    """Print CSV as UTF-8, whatever the terminal's own signs are: a spreadsheet will read it."""
    for line in lines:
        typer.echo(line.encode(), nl=False)


def say(words: str = "") -> None:
    """Print a line."""
    typer.echo(words)


def note(words: str) -> None:
    """Print a line on stderr, so that stdout stays what was asked for."""
    typer.echo(words, err=True)


def one_object(value: Any) -> None:
    """Print one JSON object and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def when(moment: Any) -> str:
    """A time for people, in their own zone; a dash for none."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "-"
