"""The disk fills up in the middle of a sync; later there is room again."""

import os
import random
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

from soaking import edits
from soaking.laws import all_laws
from soaking.scene import Installed, installed, until

CUSTOMERS = 60
SIZE = "24m"
FULL_FOR = 20.0
"""Seconds that the disk is full."""
GOES_ON_WITHIN = 120.0
"""Seconds after which a command is said to hang though there is room again."""


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
        done = here.rows("SELECT id FROM {run} WHERE kind = 'full' AND state = 'done'")
        edits.some(here, chance, 40)
        process = here.home.fork("sync" if done else "full", "acme", "--yes")
        goal = here.sandbox.counts.total() + chance.randrange(1, 40)
        while process.poll() is None and here.sandbox.counts.total() < goal:
            pass
        _stuff(place / "filler", shutil.disk_usage(place).free)
        # With no room at all even the end of a run cannot be noted: then the command waits.
        ended = until(partial(_is_over, process), FULL_FOR)
        here.count("ended while it was full", int(ended))
        (place / "filler").unlink()
        out, err = process.communicate(timeout=GOES_ON_WITHIN)
        words = " ".join((err or out).split())[-300:]
        here.count(f"ended with {process.returncode}")
        say(f"  {number + 1}: exit status {process.returncode}: {words}")
        if ended and process.returncode not in (0, 3) and "full" not in words:
            wrong.append(f"no clear words on a full disk: {words}")
        if "Traceback" in out + err:
            wrong.append("a traceback instead of words")
    wrong += all_laws(here)
    say(f"  {here.told()}")
    return wrong


def _is_over(process: Any) -> bool:
    return process.poll() is not None


def _stuff(file: Path, size: int) -> None:
    with file.open("wb", buffering=0) as filler:
        try:
            while size > 0:
                size -= filler.write(b"\0" * min(size, 65_536))
        except OSError:
            return  # full
