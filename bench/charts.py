"""Draw the tables of docs/explanation/performance.md as bars, so that both say the same.

    .venv/bin/python bench/charts.py

A chart is made of a picture on the page: ![title](charts/NAME.svg "column") stands under a table,
and shows the numbers of that column; the columns of words before it name the bars.
"""

import re
from html import escape
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/explanation/performance.md"
PICTURE = re.compile(r'^!\[(.+?)\]\((charts/[\w-]+\.svg) "(.+?)"\)$')
NAMES, WIDTH, HEIGHT = 270, 640, 22
"""Pixels: where bars begin, how wide the chart is, how high a bar."""
STYLE = """text { font: 13px sans-serif; fill: #333 } rect { fill: #3a6ea5 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } rect { fill: #7aa7d9 } }"""


def main() -> None:
    """Write every picture of the page anew."""
    table: list[list[str]] = []
    before = ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("|"):
            table = table if before.startswith("|") else []
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        elif found := PICTURE.match(line):
            title, path, column = found.groups()
            target = PAGE.parent / path
            target.parent.mkdir(exist_ok=True)
            target.write_text(bars(title, rows_of(table, column)))
        before = line


def rows_of(table: list[list[str]], column: str) -> list[tuple[str, float]]:
    """The name and the number of each row; an empty first cell repeats the one above it."""
    head, rule, *rows = table
    place = head.index(column)
    words = [n for n in range(place) if not rule[n].endswith(":")] or [0]
    found: list[tuple[str, float]] = []
    above = ""
    for row in rows:
        above = row[0] or above
        name = ", ".join([above, *(row[n] for n in words if n)])
        found.append((name, float(row[place].replace(",", "").split()[0])))
    return found


def bars(title: str, rows: list[tuple[str, float]]) -> str:
    """One bar a row, as long as its number."""
    most = max(number for _, number in rows)
    height = HEIGHT * (len(rows) + 1) + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<text x="0" y="15" font-weight="bold">{escape(title)}</text>',
    ]
    for place, (name, number) in enumerate(rows, 1):
        top, length = HEIGHT * place + 6, round((WIDTH - NAMES - 70) * number / most)
        lines += [
            f'<text x="{NAMES - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{NAMES}" y="{top}" width="{max(1, length)}" height="{HEIGHT - 6}"/>',
            f'<text x="{NAMES + length + 6}" y="{top + 13}">{number:,.10g}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    main()
