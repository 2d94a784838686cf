"""The soak: real kills, storms of faults, a full disk, frozen workers; then all laws have to hold.

    .venv/bin/python bench/soak.py kills --kills 500 --database postgresql --seed 7

Each part says what it did and PASS or FAIL with what is wrong; the exit status is 1 where one
failed. The same seed makes the same choices; the moment of a kill is as exact as processes are.
"""

import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer
from soaking.disk import full_disk, with_mounts_of_its_own
from soaking.freeze import freeze as freeze_many
from soaking.kills import kills as kill_many
from soaking.scene import in_a_folder_of_its_own, start_postgres
from soaking.virtual import prepare

Database = Annotated[Literal["sqlite", "postgresql"], typer.Option("--database")]
Seed = Annotated[int, typer.Option("--seed")]
Part = Callable[[Path, str | None], list[str]]
app = typer.Typer(
    add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False
)


@app.callback()
def soak() -> None:
    """One part."""
    # As Ctrl-C: what was made for the part goes with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@app.command()
def kills(database: Database = "sqlite", seed: Seed = 1, kills: int = 500) -> None:
    """Kill -9 at random moments of full, sync, backfill, undo and worker."""
    _part(
        f"{kills} kills, {database}, seed {seed}",
        database,
        lambda folder, server: kill_many(folder, server, seed, kills, typer.echo),
    )


@app.command()
def storm(database: Database = "sqlite", seed: Seed = 1, calls: int = 10_000) -> None:
    """One call in ten fails, in all ways that there are, on a clock that jumps ahead."""

    def part(folder: Path, server: str | None) -> list[str]:
        prepare(folder, server)
        from soaking.storm import storm

        return storm(seed, calls, typer.echo)

    _part(f"storm of {calls} calls, {database}, seed {seed}", database, part)


@app.command()
def spells(database: Database = "sqlite", seed: Seed = 1) -> None:
    """The network is gone for an hour, and the clock jumps, on a clock of this process."""

    def part(folder: Path, server: str | None) -> list[str]:
        prepare(folder, server)
        from soaking.spells import clock_jumps, network_gone

        return network_gone(seed, typer.echo) + clock_jumps(seed, typer.echo)

    _part(f"network gone and clock jumps, {database}, seed {seed}", database, part)


@app.command()
def freeze(database: Database = "sqlite", seed: Seed = 1, times: int = 5) -> None:
    """A worker is stopped for a while, within its lease and beyond it."""

    def part(folder: Path, server: str | None) -> list[str]:
        return freeze_many(folder, server, seed, times, typer.echo)

    _part(f"{times} freezes of each kind, {database}, seed {seed}", database, part)


@app.command()
def disk(seed: Seed = 1, times: int = 5) -> None:
    """A full disk under SQLite; only root can make a small one."""
    with_mounts_of_its_own()

    def part(folder: Path, _server: str | None) -> list[str]:
        return full_disk(folder, seed, times, typer.echo)

    _part(f"disk full {times} times, seed {seed}", "sqlite", part)


def _part(title: str, database: str, part: Part) -> None:
    """Do a part in a folder of its own and say how it went."""
    typer.echo(f"{title} ({platform.machine()}, Python {platform.python_version()})")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chargepipe-soak-") as place:
        folder = Path(place)
        in_a_folder_of_its_own(folder)
        wrong = part(folder, start_postgres(folder) if database == "postgresql" else None)
    for words in wrong:
        typer.echo(f"  wrong: {words}")
    typer.echo(f"{'FAIL' if wrong else 'PASS'}: {title}, {time.monotonic() - begun:.0f} s")
    raise typer.Exit(1 if wrong else 0)


if __name__ == "__main__":
    app()
