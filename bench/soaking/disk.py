"""The disk fills up in the middle of a sync; later there is room again."""

import os
import random
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from soaking import edits
from soaking.laws import all_laws
from soaking.scene import Installed, installed, until

CUSTOMERS = 60
SIZE = "24m"
ENDS_WITHIN = 45.0
"""Seconds after which a command is said to wait without a word; two lost heartbeats are in them."""
GOES_ON_WITHIN = 240.0
"""Seconds after which a worker is said to stand still though there is room again."""
LITTLE = 0.2
"""Share of the time for which a worker that waits for room may keep a processor busy."""
OWN_MOUNTS = "CHARGEPIPE_SOAK_OWN_MOUNTS"


def with_mounts_of_its_own() -> None:
    """Start this program anew where nobody else sees what it mounts: that goes when it ends."""
    if os.geteuid() != 0 or OWN_MOUNTS in os.environ or not (unshare := shutil.which("unshare")):
        return
    env = {**os.environ, OWN_MOUNTS: "1"}
    os.execve(unshare, [unshare, "--mount", sys.executable, *sys.argv], env)  # noqa: S606


def full_disk(folder: Path, seed: int, times: int, say: Any) -> list[str]:
    """On a small disk in memory, so many times; what is wrong, in words. Only root can make one."""
    if os.geteuid() != 0:
        say("  left out: a small disk can be made by root alone")
        return []
    place = folder / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=True)
    try:
        with installed(place / "home", None, seed, CUSTOMERS) as here:
            return _fill(here, place, random.Random(seed), times, say)  # noqa: S311 no secret
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def _fill(here: Installed, place: Path, chance: random.Random, times: int, say: Any) -> list[str]:
    wrong: list[str] = []
    for number in range(times):
        for one in (_a_command, _a_worker):
            edits.some(here, chance, 40)
            found = one(here, place / "filler", chance)
            name = one.__name__.strip("_").replace("_", " ")
            say(f"  {number + 1}, {name}: {'; '.join(found) or 'as it should'}")
            wrong += found
    wrong += all_laws(here)
    say(f"  {here.told()}")
    return wrong


def _a_command(here: Installed, filler: Path, chance: random.Random) -> list[str]:
    """It ends with words and without success; the next one goes on."""
    process = here.home.fork(*_words(here))
    _in_the_middle(here, process, chance)
    _stuff(filler)
    ended = until(partial(_is_over, process), ENDS_WITHIN)
    filler.unlink()
    if not ended:
        process.kill()
    out, err = process.communicate()
    here.count(f"a command ended with {process.returncode}")
    return _said(process, out + err) if ended else ["a command waits without a word"]


def _a_worker(here: Installed, filler: Path, chance: random.Random) -> list[str]:
    """It stays, does little, and goes on by itself; who only follows is told."""
    worker = here.home.fork("worker")
    until(lambda: here.rows("SELECT id FROM {worker}"), 30)
    follower = here.home.fork(*_words(here))
    _in_the_middle(here, follower, chance)
    _stuff(filler)
    before = _processor_seconds(worker.pid)
    ended = until(partial(_is_over, follower), ENDS_WITHIN)
    busy = _processor_seconds(worker.pid) - before
    filler.unlink()
    wrong = [] if ended else ["a follower waits without a word"]
    if ended:
        wrong += _said(follower, "".join(follower.communicate()))
    if busy > LITTLE * ENDS_WITHIN:
        wrong.append(f"a worker spins on a full disk: {busy:.1f} s")
    if worker.poll() is not None:
        wrong.append("a worker ended on a full disk")
    if not until(lambda: not here.unfinished(), GOES_ON_WITHIN):
        wrong.append(f"a worker does not go on: {here.unfinished()}")
    for process in (worker,) if ended else (worker, follower):
        process.kill()
        process.communicate()
    here.count("workers went on", int(not wrong))
    return wrong


def _words(here: Installed) -> tuple[str, ...]:
    done = here.rows("SELECT id FROM {run} WHERE kind = 'full' AND state = 'done'")
    return ("sync" if done else "full", "acme", "--yes")


def _in_the_middle(here: Installed, process: Any, chance: random.Random) -> None:
    goal = here.sandbox.counts.total() + chance.randrange(1, 40)
    while process.poll() is None and here.sandbox.counts.total() < goal:
        pass


def _said(process: Any, words: str) -> list[str]:
    """What is wrong with how a command ended; it may have been through before the disk was full."""
    wrong: list[str] = []
    if "Traceback" in words or "Internal error" in words:
        wrong.append(f"no words for people: {words[-600:]}")
    if process.returncode not in (0, 3) and words.count("The disk is full") != 1:
        wrong.append(f"exit status {process.returncode} without clear words: {words[-300:]}")
    if process.returncode in (0, 3) and "full" in words.replace("full of", ""):
        wrong.append("success on a full disk")
    return wrong


def _is_over(process: Any) -> bool:
    return process.poll() is not None


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _stuff(file: Path) -> None:
    size = shutil.disk_usage(file.parent).free + 1
    with file.open("wb", buffering=0) as filler:
        try:
            while size > 0:
                size -= filler.write(b"\0" * min(size, 65_536))
        except OSError:
            return  # full
