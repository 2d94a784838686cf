"""A folder for each test process, which goes with it; of one that was killed, with the next."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "chargepipe-tests-"


def own_folder() -> str:
    """A new folder with the number of this process in its name."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not _runs(folder.name.removeprefix(PREFIX).split("-")[0]):
            shutil.rmtree(folder, ignore_errors=True)
    mine = os.getpid()
    made = tempfile.mkdtemp(prefix=f"{PREFIX}{mine}-")

    def remove() -> None:
        if os.getpid() == mine:  # a copy of this process may end in the same way
            shutil.rmtree(made, ignore_errors=True)

    atexit.register(remove)
    return made


def _runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):  # someone else's
        return True
    return True
