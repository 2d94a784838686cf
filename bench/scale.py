"""How memory and processor time grow with the number of customers.

    .venv/bin/python bench/scale.py                     # 2,000 and 10,000 customers
    .venv/bin/python bench/scale.py 100000 1000000      # hours, and 5 GB of disk

Each size has services and stores of its own; for six subscriptions there are five customers.
A preview of the first full sync reads all of Chargebee and all people, matches them, and stores
each change that it would write. The syncs without news run on a store and a Pipedrive that were
filled directly as if synced: one in the hour, one in which the daily walks of both are due, and a
full one, which plans every customer.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from services import Measured, Services, free_port, wait_for

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-m", "many.unlimited"]
FILE = """
name = "many"
[chargebee]
site = "many-test"
api_key = "env:CHARGEBEE_API_KEY"
url = "{root}/api/v2"
[pipedrive]
api_token = "env:PIPEDRIVE_API_TOKEN"
url = "{root}"
[settings]
organizations = true
"""
DUE = """
UPDATE chargepipe_store_pullstate SET loaded_at = NULL;
UPDATE chargepipe_store_account SET presence_at = NULL;
"""
"""As if the last daily walks were long ago."""


def main(
    sizes: Annotated[list[int] | None, typer.Argument(help="How many customers.")] = None,
    only: Annotated[str, typer.Option(help="preview or quiet (syncs without news).")] = "",
    disk: Annotated[Path | None, typer.Option(help="Where the stores are made.")] = None,
) -> None:
    """One line a run; the last two columns compare with the same run of the first size."""
    typer.echo(
        "run                 customers  seconds   CPU s  ms/customer     MB  tokens changes"
        "   CPU x  memory x"
    )
    first: dict[str, tuple[float, float]] = {}
    for customers in sizes or [2000, 10_000]:
        if only != "quiet":
            with _place(customers, disk) as (both, env):
                _show(customers, _preview(both, env), first)
        if only != "preview":
            with _place(customers, disk, "synced") as (both, env):
                for row in _quiet(both, env, customers):
                    _show(customers, row, first)


def _show(customers: int, row: Measured, first: dict[str, tuple[float, float]]) -> None:
    each = 1000 * row.cpu / customers
    before = first.setdefault(row.name, (each, row.memory))
    ratios = f"{each / before[0]:8.2f} {row.memory / before[1]:9.2f}"
    objects = row.said.get("objects", {})
    changes = sum(row.said.get(name, 0) for name in ("created", "updated")) + sum(
        sum(done.values()) for done in objects.values()
    )
    typer.echo(
        f"{row.name:19} {customers:9} {row.seconds:8.0f} {row.cpu:7.0f} {each:12.2f}"
        f" {row.memory:6.0f} {row.tokens:7} {changes:7}{ratios}"
    )
    sys.stdout.flush()


def _preview(both: Services, env: dict[str, str]) -> Measured:
    return both.measure("preview", [*COMMAND, "preview", "many", "full", "--json"], env)


def _quiet(both: Services, env: dict[str, str], customers: int) -> Iterator[Measured]:
    both.measure("fill", [sys.executable, "-m", "many.store", str(customers)], env)
    sync = [*COMMAND, "sync", "many", "--json"]
    yield both.measure("sync", sync, env)
    _make_due(Path(env["CHARGEPIPE_HOME"]))
    yield both.measure("sync, daily walks", sync, env)
    yield both.measure("full sync again", [*COMMAND, "full", "many", "--yes", "--json"], env)


def _make_due(home: Path) -> None:
    import sqlite3

    with sqlite3.connect(home / "chargepipe.sqlite3") as store:
        store.executescript(DUE)


@contextmanager
def _place(
    customers: int, disk: Path | None, *words: str
) -> Iterator[tuple[Services, dict[str, str]]]:
    """Services, and a home with a connection to them."""
    port = free_port()
    root, command = f"http://127.0.0.1:{port}", [sys.executable, "-m", "many.service"]
    process = subprocess.Popen([*command, str(customers), str(port), *words], cwd=HERE)
    try:
        wait_for(f"{root}/_sandbox/state")
        with tempfile.TemporaryDirectory(dir=disk) as home:
            both = Services(root, root, FILE.format(root=root))
            file = Path(home) / "many.toml"
            file.write_text(both.text)
            env = {"CHARGEPIPE_HOME": f"{home}/home", "PYTHONPATH": str(HERE)}
            both.measure("apply", [*COMMAND, "connection", "apply", file, "--yes"], env)
            yield both, env
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    typer.run(main)
