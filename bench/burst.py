"""How much of a plan's burst a first full sync uses while it writes.

    .venv/bin/python bench/burst.py              # every plan, on a clock that jumps ahead
    .venv/bin/python bench/burst.py --minutes 2  # the smallest plan in real time, over HTTP

On the virtual clock an answer takes no time; in real time it takes what this machine takes.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from services import CHARGEPIPE, SECRETS, Services, services

PLANS = ("lite", "growth", "premium", "ultimate")


def main(
    customers: int = 400,
    minutes: Annotated[float, typer.Option(help="Real minutes on the smallest plan.")] = 0,
) -> None:
    """One line a plan: calls in two seconds, what is allowed, and answers 429."""
    typer.echo("plan        calls  seconds  in 2 s  allowed   used   429")
    with tempfile.TemporaryDirectory() as home:
        if minutes:
            _real(Path(home), minutes)
        else:
            _virtual(home, customers)


def _show(plan: str, calls: int, seconds: float, allowed: int, too_many: int) -> None:
    rate = 2 * calls / seconds
    used = f"{rate:7.1f} {allowed:8} {rate / allowed:6.1%}"
    typer.echo(f"{plan:9} {calls:7} {seconds:8.1f} {used} {too_many:5}")


def _virtual(home: str, customers: int) -> None:
    """In this process, with the world that the tests live in."""
    os.environ |= {"CHARGEPIPE_HOME": home, "DJANGO_SETTINGS_MODULE": "chargepipe.config.settings"}
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from chargepipe.cli.setup import setup

    setup()
    from world import World, wipe

    for plan in PLANS:
        wipe()
        world = World(customers=customers, plan=plan)
        world.sandbox.company.seats = 1000  # else the tokens of a day end before the customers do
        times = _noted(world)
        world.run(world.connect(), "full")
        too_many = world.sandbox.too_many["pipedrive"]
        burst = world.sandbox.company.burst
        _show(plan, len(times) - 1, times[-1] - times[0], burst, too_many)


def _noted(world: Any) -> list[float]:
    """The times of all calls to Pipedrive, from the first write to the last one."""
    from world import PIPEDRIVE

    times: list[float] = []
    pipedrive = world.sandbox.transport("pipedrive")
    send = pipedrive.handle_async_request

    async def noting(request: Any) -> Any:
        if times or request.method != "GET":
            times.append(world.clock.seconds)
        return await send(request)

    pipedrive.handle_async_request = noting
    others = world.transport
    world.env = replace(
        world.env,
        transport=lambda root: pipedrive if root == PIPEDRIVE else others(root),
    )
    return times


def _real(home: Path, minutes: float) -> None:
    """A first full sync is under way; its calls are counted for so long, then it is stopped."""
    customers = str(round(700 * (minutes + 1)))
    options = ["--customers", customers, "--plan", "lite", "--seats", "1000"]
    with services(*options) as both:
        file = home / "acme.toml"
        file.write_text(f"{both.text}organizations = true\n")
        env = {**os.environ, **SECRETS, "CHARGEPIPE_HOME": str(home / "home")}
        subprocess.run([CHARGEPIPE, "connection", "apply", file, "--yes"], env=env, check=True)
        full = subprocess.Popen([CHARGEPIPE, "full", "acme", "--yes"], env=env)
        try:
            before = _once_it_writes(both)
            begun = time.perf_counter()
            time.sleep(60 * minutes)
            after, seconds = both.state(), time.perf_counter() - begun
        finally:
            full.terminate()
            full.wait()
    calls, too_many = (
        after[what]["pipedrive"] - before[what].get("pipedrive", 0)
        for what in ("requests", "too_many")
    )
    _show("lite", calls, seconds, after["company"]["burst"], too_many)


def _once_it_writes(both: Services) -> dict[str, Any]:
    people = both.state()["rows"]["person"]
    while (state := both.state())["rows"]["person"] == people:
        time.sleep(0.5)
    return state


if __name__ == "__main__":
    typer.run(main)
