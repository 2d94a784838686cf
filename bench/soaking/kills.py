"""Real kills: SIGKILL at random moments of every kind of process, with edits in between."""

import random
import time
from pathlib import Path
from typing import Any

from soaking import edits
from soaking.laws import all_laws, nobody_twice
from soaking.scene import Installed, installed

A_ROUND = 25
"""Kills in one installation; then it is looked through, and the next one begins."""
CUSTOMERS = 60
CHOICES = ("sync", "sync", "sync", "full", "backfill", "undo", "undo", "worker", "worker")
LATEST = 4.0
"""Seconds after which a process is killed at the latest."""


def kills(folder: Path, server: str | None, seed: int, count: int, say: Any) -> list[str]:
    """Kill so many times; what is wrong, in words."""
    wrong: list[str] = []
    left = count
    for number in range(1, count + 1):
        chance = random.Random(f"{seed} {number}")  # noqa: S311 the same moments each time
        with installed(folder / f"kills{number}", server, seed * 1000 + number, CUSTOMERS) as here:
            begun, size = time.monotonic(), min(A_ROUND, left)
            found = _round(here, chance, size)
            left -= size
            wrong += [f"round {number}: {words}" for words in found]
            _tell(here, number, time.monotonic() - begun, found, say)
        if left <= 0:
            break
    return wrong


def _round(here: Installed, chance: random.Random, size: int) -> list[str]:
    wrong: list[str] = []
    done = 0
    while done < size:
        edits.some(here, chance, 6)
        words = _words(here, chance)
        if not words:
            continue
        killed = _one(here, chance, words)
        done += killed
        here.count(f"kills of {words[0]}", killed)
        wrong += [f"after a kill of {words[0]}: {law}" for law in nobody_twice(here)]
        if chance.random() < 0.25:
            here.home.run(*_words(here, chance, ends=True))
    return wrong + all_laws(here)


def _words(here: Installed, chance: random.Random, *, ends: bool = False) -> list[str]:
    """The next command."""
    if not _full_done(here):
        return ["full", "acme", "--yes"]
    what = "sync" if ends else chance.choice(CHOICES)
    if what == "undo":
        run = _to_undo(here, chance)
        return ["undo", str(run), "--yes"] if run else []
    return ["worker"] if what == "worker" else [what, "acme", "--yes"]


def _full_done(here: Installed) -> bool:
    return bool(here.rows("SELECT id FROM {run} WHERE kind = 'full' AND state = 'done'"))


def _to_undo(here: Installed, chance: random.Random) -> int | None:
    """A run to take back: a late one mostly, now and then one from far back, or an undo."""
    runs = here.rows(
        "SELECT DISTINCT run_id FROM {change} JOIN {run} ON {run}.id = run_id"
        " WHERE {change}.state = 'written' AND {change}.kind IN ('person', 'organization', 'deal')"
        " AND {run}.state IN ('done', 'failed', 'cancelled') ORDER BY run_id DESC LIMIT 4"
    )
    return chance.choice(runs)[0] if runs else None


def _one(here: Installed, chance: random.Random, words: list[str]) -> bool:
    """Start a process and kill it; false where it had ended before."""
    follower = None
    process = here.home.fork(*words)
    if words == ["worker"]:
        follower = here.home.fork("sync", "acme", "--yes")
    killed = _kill(here, chance, process)
    if follower is not None:
        # Who only follows becomes the worker; now and then it dies as well.
        if chance.random() < 0.5:
            here.count("kills of a follower", _kill(here, chance, follower))
        else:
            follower.communicate()
    return killed


def _kill(here: Installed, chance: random.Random, process: Any) -> bool:
    calls = here.sandbox.counts
    goal = calls.total() + chance.randrange(1, 90) if chance.random() < 0.8 else None
    end = time.monotonic() + (LATEST if goal else chance.uniform(0.0, 2.5))
    more = chance.uniform(0.0, 0.02)
    while process.poll() is None:
        if time.monotonic() > end or (goal is not None and calls.total() >= goal):
            time.sleep(more)
            process.kill()
            break
        time.sleep(0.001)
    process.communicate()
    return process.returncode == -9


def _tell(here: Installed, number: int, seconds: float, wrong: list[str], say: Any) -> None:
    adopted = here.rows("SELECT count(*) FROM {change} WHERE adopted AND state = 'written'")[0][0]
    fences = here.rows("SELECT max(fence) FROM {account}")[0][0]
    written = here.rows("SELECT count(*) FROM {change} WHERE state = 'written'")[0][0]
    runs = here.rows("SELECT kind, count(*) FROM {run} GROUP BY 1 ORDER BY 1")
    kinds = ", ".join(f"{kind} {value}" for kind, value in runs)
    say(
        f"  round {number}: {here.told()}; runs: {kinds}; {written} changes written,"
        f" {adopted} found by their mark; account taken {fences} times;"
        f" {here.sandbox.counts.total()} calls;"
        f" {seconds:.0f} s; {'; '.join(['FAIL', *wrong]) if wrong else 'PASS'}"
    )
