"""A worker is frozen (SIGSTOP) in the middle of a sync and revived, within its lease and beyond."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chargepipe.sandbox import Fault
from soaking import edits
from soaking.laws import all_laws
from soaking.scene import Installed, installed, until

CUSTOMERS = 40
LEASE, SETTLE = 3.0, 0.5
QUICK = {"CHARGEPIPE_LEASE_SECONDS": str(LEASE), "CHARGEPIPE_SETTLE_SECONDS": str(SETTLE)}
SLOW_WITHIN, SLOW_BEYOND = 2.0, 30.0
"""Seconds that Pipedrive takes for its answer: the worker is frozen while it waits for one."""
TAKEN_WITHIN = LEASE + SETTLE + 95
"""Seconds: who is silent counts as dead after 15, and the schedule looks around once a minute."""
ENDS_WITHIN = 120.0
GIVEN_UP = "account taken over"
"""What a worker logs that finds its account in other hands."""


def freeze(folder: Path, server: str | None, seed: int, times: int, say: Any) -> list[str]:
    """So often each; what is wrong, in words."""
    wrong: list[str] = []
    for name, one in (("within the lease", _within), ("beyond the lease", _beyond)):
        chance = random.Random(f"{seed} {name}")  # noqa: S311 no secret
        place = folder / name.split()[0]
        with installed(place, server, seed, CUSTOMERS, quick=QUICK) as here:
            found: list[str] = []
            for _ in range(times):
                edits.some(here, chance, 12)
                edits.newcomers(here, chance, 3)
                found += one(here, chance)
            found += all_laws(here)
            say(f"  frozen {name}: {here.told()}; {'FAIL' if found else 'PASS'}")
            wrong += [f"frozen {name}: {words}" for words in found]
    return wrong


def _within(here: Installed, chance: random.Random) -> list[str]:
    """Shorter than the lease: the same worker goes on, and nobody takes over."""
    wrong: list[str] = []
    with _frozen(here, chance, SLOW_WITHIN, wrong) as worker:
        fence = _fence(here)
        time.sleep(LEASE * chance.uniform(0.1, 0.5))
        os.kill(worker.pid, signal.SIGCONT)
        wrong += _ends(here)
        here.count("went on", int(_fence(here) == fence))
    return wrong


def _beyond(here: Installed, chance: random.Random) -> list[str]:
    """Longer than the lease: another one takes over, and the revived one writes no more."""
    wrong: list[str] = []
    with _frozen(here, chance, SLOW_BEYOND, wrong) as worker:
        fence, other = _fence(here), here.home.fork("worker")
        try:
            if not until(lambda: _fence(here) > fence, TAKEN_WITHIN, 0.1):
                return [*wrong, f"nobody took over from a frozen worker: {other.complains()}"]
            here.count("taken over")
            wrong += _ends(here)
            made = _people(here)
            os.kill(worker.pid, signal.SIGCONT)
            if not until(lambda: GIVEN_UP in worker.complains(), ENDS_WITHIN, 0.1):
                return [*wrong, "the revived worker did not notice that it was fenced off"]
            here.count("fenced off")
            if _people(here) != made:
                wrong.append("the revived worker made people")
        finally:
            _end(other)
    return wrong


@contextmanager
def _frozen(
    here: Installed, chance: random.Random, seconds: float, wrong: list[str]
) -> Iterator[Any]:
    """A worker that is stopped while the answer to a write of its run is still out."""
    kind = "sync" if here.rows("SELECT id FROM {run} WHERE state = 'done'") else "full"
    slow = Fault(method="POST", path="/persons", kind="delay", times=None, seconds=seconds)
    here.sandbox.faults.add(slow)
    before = _people(here)
    worker = here.home.fork("worker")
    until(lambda: here.rows("SELECT id FROM {worker}"), ENDS_WITHIN)
    follower = here.home.fork(kind, "acme", "--yes")
    try:
        if not until(lambda: _people(here) > before, ENDS_WITHIN, 0.002):
            wrong.append("the run made nobody: nothing was frozen")
        time.sleep(chance.uniform(0, 0.5))
        os.kill(worker.pid, signal.SIGSTOP)
        here.count("freezes")
        here.sandbox.faults.clear()
        yield worker
    finally:
        here.sandbox.faults.clear()
        for process in (worker, follower):
            _end(process)


def _ends(here: Installed) -> list[str]:
    if until(lambda: not here.unfinished(), ENDS_WITHIN, 0.1):
        return []
    return [f"a run is stuck: {here.unfinished()}"]


def _end(process: Any) -> None:
    process.kill()
    process.communicate()


def _people(here: Installed) -> int:
    return here.sandbox.crm.records["person"].table.last


def _fence(here: Installed) -> int:
    return here.rows("SELECT max(fence) FROM {account}")[0][0]
