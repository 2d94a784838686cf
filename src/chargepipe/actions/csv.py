"""CSV that spreadsheet programs open as it was meant."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

BOM = "\ufeff"
"""By it Excel knows UTF-8; LibreOffice and Python's utf-8-sig take it off as well."""
_CALLS = re.compile(r"[=|!]|[A-Za-z]\s*\(")
"""What a phone number never holds and a formula that calls something does."""


def lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Header and rows as lines, the first with a BOM; `safe` has been at every cell."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    for row in chain([columns], rows):
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def safe(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula; phone numbers (+49...) stay as they are.

    Guarded by an apostrophe: what begins with = @ tab or CR, and what begins with + or - where no
    digit follows, or where the rest calls something.
    """
    text = "" if cell is None else str(cell)
    formula = text[:1] in "=@\t\r" or (text[:1] in "+-" and _calculates(text[1:]))
    return f"'{text}" if text and formula else text


def _calculates(rest: str) -> bool:
    return not rest[:1].isdigit() or _CALLS.search(rest) is not None
