"""What syncs cost in tokens, requests, processor time and memory, against the least that they can.

    .venv/bin/python bench/cost.py --customers 10000 --plan ultimate

The same customers and seed give the same requests and tokens; times are this machine's.
"""

import json
import random
import tempfile
from dataclasses import asdict
from math import ceil
from pathlib import Path
from typing import Annotated
from urllib.error import HTTPError

import typer
from services import CHARGEPIPE, Measured, Services, services

EDITED = 0.01
"""Share of the customers that change before the incremental sync."""
FIELDS = 120
"""Tokens that a first sync may take for fields, rights and currencies (the fixed part)."""


def main(
    customers: int = 1000,
    seed: int = 1,
    plan: str = "ultimate",
    organizations: bool = True,
    to: Annotated[Path | None, typer.Option(help="Write the figures as JSON too.")] = None,
) -> None:
    """A first full sync, one without news, and one after some edits."""
    options = ["--customers", str(customers), "--seed", str(seed), "--plan", plan]
    with services(*options, "--seats", "1000") as both, tempfile.TemporaryDirectory() as home:
        rows = list(_syncs(both, Path(home), customers, seed, organizations=organizations))
    show(rows)
    if to is not None:
        to.write_text(
            json.dumps([{**asdict(row), "floor": floor} for row, floor in rows], indent=1)
        )


def _syncs(
    both: Services, home: Path, customers: int, seed: int, *, organizations: bool
) -> list[tuple[Measured, int]]:
    file, env = home / "acme.toml", {"CHARGEPIPE_HOME": str(home / "home")}
    file.write_text(f"{both.text}organizations = {str(organizations).lower()}\n")
    both.measure("apply", [CHARGEPIPE, "connection", "apply", file, "--yes"], env)
    name = both.text.split('"')[1]
    there = both.state()["rows"]

    def sync(label: str, command: str) -> Measured:
        return both.measure(label, [CHARGEPIPE, command, name, "--yes", "--json"], env)

    first = sync("first full sync", "full")
    quiet = sync("sync without news", "sync")
    edit(both, customers, seed)
    some = sync(f"sync after {EDITED:.0%} edits", "sync")
    people = both.state()["rows"]["person"]
    return [
        (first, first_floor(first, there, organizations=organizations)),
        (quiet, 2 + walk(people)),
        (some, 2 + walk(people) + writes_floor(some)),
    ]


def edit(both: Services, customers: int, seed: int) -> None:
    """Some customers get another first name; deleted ones, which refuse it, are passed over."""
    numbers = list(range(customers))
    random.Random(seed).shuffle(numbers)  # noqa: S311 the same ones each time
    left = max(1, int(customers * EDITED))
    while left:
        number = numbers.pop()
        try:
            both.call(
                "billing", "edit_customer", id=f"cust_{number:06}", first_name=f"New {number}"
            )
        except HTTPError:
            continue
        left -= 1


def walk(rows: int) -> int:
    """Tokens of a list of so many rows: 10 a page of 500."""
    return 10 * max(1, ceil(rows / 500))


def writes_floor(run: Measured) -> int:
    """5 a write and 10 for each 100 updates, which have to be read before."""
    counts = run.said
    objects = counts["objects"]["organization"]
    updates = counts["updated"] + objects["updated"]
    return 5 * (counts["created"] + objects["created"] + updates) + 10 * ceil(updates / 100)


def first_floor(run: Measured, there: dict[str, int], *, organizations: bool) -> int:
    """The walks, the writes, and what the fields may take."""
    kinds = ["person", "organization"] if organizations else ["person"]
    return sum(walk(there[kind]) for kind in kinds) + writes_floor(run) + FIELDS


def show(rows: list[tuple[Measured, int]]) -> None:
    """A table for people."""
    typer.echo(
        "run                     tokens    floor  ratio  requests   429  CPU s  ms/record     MB"
    )
    for row, floor in rows:
        counts = row.said
        objects = counts["objects"]["organization"]
        written = counts["created"] + counts["updated"] + objects["created"] + objects["updated"]
        each = f"{1000 * row.cpu / written:9.2f}" if written else "        -"
        tokens = f"{row.tokens:7} {floor:8} {row.tokens / floor:6.3f}"
        calls = f"{row.chargebee + row.pipedrive:9} {row.too_many:5}"
        typer.echo(f"{row.name:22} {tokens} {calls} {row.cpu:6.1f} {each} {row.memory:6.0f}")


if __name__ == "__main__":
    typer.run(main)
