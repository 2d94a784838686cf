"""A worker is frozen (SIGSTOP) in the middle of a sync and revived, within its lease and beyond."""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from soaking import edits
from soaking.laws import all_laws
from soaking.scene import Installed, installed, until

CUSTOMERS = 40
LEASE, SETTLE = 3.0, 0.5
QUICK = {"CHARGEPIPE_LEASE_SECONDS": str(LEASE), "CHARGEPIPE_SETTLE_SECONDS": str(SETTLE)}

TAKEN_WITHIN = LEASE + SETTLE + 75
"""Seconds; the schedule looks around once a minute."""


def freeze(folder: Path, server: str | None, seed: int, times: int, say: Any) -> list[str]:
    """So often each; what is wrong, in words."""
    wrong: list[str] = []
    for beyond in (False, True):
        chance = random.Random(f"{seed} {beyond}")  # noqa: S311 no secret
        place = folder / f"freeze{int(beyond)}"
        with installed(place, server, seed, CUSTOMERS, quick=QUICK) as here:
            for _ in range(times):
                edits.some(here, chance, 12)
                wrong += _one(here, chance, beyond=beyond)
            found = all_laws(here)
            name = "beyond the lease" if beyond else "within the lease"
            say(f"  frozen {name}: {here.told()}; {'FAIL' if found else 'PASS'}")
            wrong += [f"frozen {name}: {words}" for words in found]
    return wrong


def _one(here: Installed, chance: random.Random, *, beyond: bool) -> list[str]:
    kind = "sync" if here.rows("SELECT id FROM {run} WHERE state = 'done'") else "full"
    worker = here.home.fork("worker")
    follower = here.home.fork(kind, "acme", "--yes")
    goal = here.sandbox.counts.total() + chance.randrange(3, 12)
    until(lambda: here.sandbox.counts.total() >= goal or follower.poll() is not None, 20, 0.002)
    fence = _fence(here)
    os.kill(worker.pid, signal.SIGSTOP)
    here.count("freezes")
    wrong = []
    try:
        if beyond and _at_work(here):
            # On this machine a frozen process counts as alive: another worker takes over by itself.
            other = here.home.fork("worker")
            taken = until(
                lambda: _fence(here) > fence or not _at_work(here), LEASE + SETTLE + 75, 0.1
            )
            here.count("taken over", int(_fence(here) > fence))
            if not taken:
                wrong.append("nobody took over from a frozen worker")
            _wake(worker)
            until(lambda: not _at_work(here), 60, 0.1)
            other.kill()
            other.communicate()
        else:
            time.sleep(LEASE * chance.uniform(0.1, 0.5))
    finally:
        _wake(worker)
    if not until(lambda: not here.unfinished(), 90, 0.1):
        wrong.append(f"a run is stuck: {here.unfinished()}")
    for process in (worker, follower):
        process.kill()
        process.communicate()
    return wrong


def _wake(worker: Any) -> None:
    if worker.poll() is None:
        os.kill(worker.pid, signal.SIGCONT)


def _at_work(here: Installed) -> bool:
    return bool(here.unfinished())


def _fence(here: Installed) -> int:
    return here.rows("SELECT max(fence) FROM {account}")[0][0]
