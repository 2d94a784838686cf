"""How memory and processor time grow with the number of customers: pull, match and plan.

    .venv/bin/python bench/scale.py 20000 100000

Each size has services and a store of its own. A preview of the first full sync reads all of
Chargebee and all people, matches them, and stores each change that it would write.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from services import CHARGEPIPE, Measured, services


def main(
    sizes: Annotated[list[int] | None, typer.Argument(help="How many customers.")] = None,
) -> None:
    """One line a size; the last two columns compare with the first line."""
    typer.echo("customers   seconds   CPU s  ms/customer     MB   CPU x  memory x")
    first: tuple[float, float] | None = None
    for customers in sizes or [20_000, 100_000]:
        row = _preview(customers)
        each = 1000 * row.cpu / customers
        first = first or (each, row.memory)
        ratios = f"{each / first[0]:7.2f} {row.memory / first[1]:9.2f}"
        line = f"{customers:9} {row.seconds:9.0f} {row.cpu:7.0f} {each:12.2f} {row.memory:6.0f}"
        typer.echo(f"{line} {ratios}")


def _preview(customers: int) -> Measured:
    options = ["--customers", str(customers), "--plan", "ultimate", "--seats", "1000"]
    with services(*options) as both, tempfile.TemporaryDirectory() as home:
        file, env = Path(home) / "acme.toml", {"CHARGEPIPE_HOME": f"{home}/home"}
        file.write_text(f"{both.text}organizations = true\n")
        both.measure("apply", [CHARGEPIPE, "connection", "apply", file, "--yes"], env)
        return both.measure("preview", [CHARGEPIPE, "preview", "acme", "full", "--json"], env)


if __name__ == "__main__":
    typer.run(main)
