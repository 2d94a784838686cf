"""What the same job costs others: the official clients in a loop, a Singer tap with a loader.

    .venv/bin/python bench/peers.py --customers 300

All three write people alone (name, email, phone, the customer's id), each on services of its own
with the same seed: first everything, then once more without news, then after some edits. What the
others need is installed into a folder of their own at the first start (npm and pip).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from cost import edit
from services import CHARGEPIPE, Measured, Services, services

HERE = Path(__file__).parent / "peers"
TAP = "tap-chargebee==1.7.1"


def main(
    customers: int = 300,
    seed: int = 1,
    plan: str = "ultimate",
    tools: Annotated[Path, typer.Option(help="Where the others are installed.")] = Path(".peers"),
    to: Annotated[Path | None, typer.Option(help="Write the figures as JSON too.")] = None,
) -> None:
    """Each of the three, three runs."""
    tap = _installed(tools.absolute())
    loop = [["node", tools.absolute() / "loop.mjs"]] * 3
    found: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory() as home:
        pipe = [[tap, HERE / "pipeline.py", Path(home) / "state.json"]] * 3
        for name, commands in (("official clients", loop), ("tap and loader", pipe)):
            found[name] = _runs(customers, seed, plan, lambda _, c=commands: c, home)
        found["chargepipe"] = _runs(customers, seed, plan, lambda both: _ours(both, home), home)
    _show(found)
    if to is not None:
        to.write_text(json.dumps({k: [asdict(r) for r in rows] for k, rows in found.items()}))


def _runs(
    customers: int,
    seed: int,
    plan: str,
    commands: Callable[[Services], list[list[str | Path]]],
    home: str,
) -> list[Measured]:
    options = ["--customers", str(customers), "--seed", str(seed), "--plan", plan]
    with services(*options, "--seats", "1000") as both:
        env = {
            "CHARGEPIPE_HOME": f"{home}/home",
            "CHARGEBEE_URL": both.chargebee,
            "PIPEDRIVE_URL": both.pipedrive,
        }
        first, quiet, some = commands(both)
        return [
            both.measure("everything", first, env),
            both.measure("without news", quiet, env),
            _after_edits(both, customers, seed, some, env),
        ]


def _after_edits(
    both: Services, customers: int, seed: int, command: list[str | Path], env: dict[str, str]
) -> Measured:
    edit(both, customers, seed)
    return both.measure("after 1 % edits", command, env)


def _ours(both: Services, home: str) -> list[list[str | Path]]:
    file = Path(home) / "acme.toml"
    file.write_text(both.text)
    both.measure(
        "apply",
        [CHARGEPIPE, "connection", "apply", file, "--yes"],
        {"CHARGEPIPE_HOME": f"{home}/home"},
    )
    name = both.text.split('"')[1]
    return [[CHARGEPIPE, kind, name, "--yes", "--json"] for kind in ("full", "sync", "sync")]


def _installed(tools: Path) -> Path:
    """Install what the others need, once; the Python of the tap."""
    python = tools / "tap" / "bin" / "python"
    if not python.exists():
        tools.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", tools / "tap"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", TAP], check=True)
    for name in ("package.json", "loop.mjs"):
        (tools / name).write_bytes((HERE / name).read_bytes())
    if not (tools / "node_modules").exists():
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=tools, check=True)
    return python


def _show(found: dict[str, list[Measured]]) -> None:
    typer.echo("who               run              tokens  requests   429  seconds  CPU s   MB")
    for line in _lines(found):
        typer.echo(line)


def _lines(found: dict[str, list[Measured]]) -> Iterator[str]:
    for who, rows in found.items():
        for row in rows:
            yield (
                f"{who:17} {row.name:16} {row.tokens:6} {row.chargebee + row.pipedrive:9}"
                f" {row.too_many:5} {row.seconds:8.1f} {row.cpu:6.1f} {row.memory:4.0f}"
            )


if __name__ == "__main__":
    typer.run(main)
