"""The rows of docs/reference/assumptions.md."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "assumptions.md"
PROBE = "probe"


@dataclass(frozen=True)
class Row:
    number: int
    words: str
    why: str
    otherwise: str
    options: tuple[str, ...]
    how: str


def rows() -> list[Row]:
    lines = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    return [_row([cell.strip() for cell in line.strip("|").split("|")]) for line in lines]


def _row(cells: list[str]) -> Row:
    number, words, why, otherwise, options, how = cells
    return Row(int(number), words, why, otherwise, tuple(re.findall(r"`([^`]+)`", options)), how)
