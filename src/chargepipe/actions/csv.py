"""CSV that spreadsheet programs open as it was meant."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any


def lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Header and rows as lines; cells that a spreadsheet would run as formulas are quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in chain([columns], rows):
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def safe(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula; phone numbers (+49...) stay as they are."""
    text = "" if cell is None else str(cell)
    formula = text[:1] in "=@\t\r" or (text[:1] in "+-" and not text[1:2].isdigit())
    return f"'{text}" if text and formula else text
