"""The rows of docs/reference/assumptions.md."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "assumptions.md"
PROBE = "probe"


@dataclass(frozen=True)
class Row:
    service: str
    number: int
    words: str
    why: str
    otherwise: str
    options: tuple[str, ...]
    how: str


def rows() -> list[Row]:
    found, service = list[Row](), ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            service = line.removeprefix("## ")
        elif re.match(r"\| \d+ \|", line):
            found.append(_row(service, [cell.strip() for cell in line.strip("|").split("|")]))
    return found


def _row(service: str, cells: list[str]) -> Row:
    number, words, why, otherwise, options, how = cells
    named = tuple(re.findall(r"`([^`]+)`", options))
    return Row(service, int(number), words, why, otherwise, named, how)
