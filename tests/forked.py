"""Commands as processes of their own that need not import everything anew.

A helper process has imported what commands import, and forks for each: its own memory,
environment, folder and exit status, and no second of start-up. How a command starts by itself is
for the tests that start the real one.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

HANGS = 300.0


class Forked:
    """A command under way, with what the tests use of a `subprocess.Popen`."""

    def __init__(
        self, words: Sequence[str], env: dict[str, str], folder: Path, stdin: str = ""
    ) -> None:
        self.words, self.returncode = words, None
        self._files: list[IO[str]] = [tempfile.TemporaryFile("w+") for _ in range(3)]  # noqa: SIM115
        self._files[0].write(stdin)
        self._files[0].seek(0)
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(_nursery())
        asked = json.dumps({"words": words, "env": env, "folder": str(folder)}).encode()
        socket.send_fds(self._line, [b"%8d" % len(asked)], [f.fileno() for f in self._files])
        self._line.sendall(asked)
        self._told = self._line.makefile()
        self.pid = int(self._told.readline())

    returncode: int | None

    def poll(self) -> int | None:
        """Its exit status, or None while it runs."""
        if self.returncode is None:
            self._line.setblocking(False)
            try:
                over = self._line.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return None
            finally:
                self._line.setblocking(True)
            self.returncode = self._status() if over else -signal.SIGKILL
        return self.returncode

    def _status(self) -> int:
        return int(self._told.readline())

    def communicate(self, timeout: float = HANGS) -> tuple[str, str]:
        """Wait for its end; what it said."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = self._status()
            except TimeoutError:
                self.kill()
                raise AssertionError(f"{self.words} hangs: {self._said()}") from None
        try:
            return self._said()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of what holds on to it here; once more does nothing."""
        self._told.close()
        self._line.close()
        for file in self._files:
            file.close()

    def complains(self) -> str:
        """What it has said on stderr until now, while it may run on: its place is left alone."""
        return os.pread(self._files[2].fileno(), 1_000_000, 0).decode()

    def _said(self) -> tuple[str, str]:
        for file in self._files:
            file.seek(0)
        return self._files[1].read(), self._files[2].read()

    def kill(self) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):  # it has ended just now
                os.kill(self.pid, signal.SIGKILL)


@cache
def _nursery() -> str:
    """Start the helper of this process, once; the address where it listens."""
    folder = tempfile.TemporaryDirectory(dir=os.environ["CHARGEPIPE_HOME"])
    address = f"{folder.name}/line"
    nursery = subprocess.Popen(
        [sys.executable, __file__, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "CHARGEPIPE_HOME": folder.name},
    )
    assert nursery.stdout
    assert nursery.stdin
    assert nursery.stdout.readline(), "the helper does not start"

    def end() -> None:
        nursery.communicate(b"")
        folder.cleanup()

    atexit.register(end)
    return address


# From here on: what runs in the helper process. --------------------------------------------------


def _serve(address: str) -> None:
    import gc
    import select

    _import_everything()
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(16)
        os.write(1, b"ready\n")
        keepers = set[int]()
        while True:
            ready, _, _ = select.select([door, 0], [], [])
            if 0 in ready:
                break  # whoever started this is gone
            line, _ = door.accept()
            if not (keeper := os.fork()):
                door.close()
                _keep(line)
            line.close()
            keepers.add(keeper)
            while keepers and (over := os.waitpid(-1, os.WNOHANG)[0]):
                keepers.discard(over)
    for keeper in keepers:
        os.kill(keeper, signal.SIGTERM)
        os.waitpid(keeper, 0)


def _import_everything() -> None:
    import importlib
    import pkgutil

    os.environ["DJANGO_SETTINGS_MODULE"] = "chargepipe.config.settings"
    import django

    import chargepipe

    django.setup()
    for room in ("domain", "store", "sync", "engine", "actions", "cli", "config"):
        package = importlib.import_module(f"{chargepipe.__name__}.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def _keep(line: socket.socket) -> None:
    """Start one command, wait for it and tell its end; this is the command's parent."""
    size, fds, _, _ = socket.recv_fds(line, 8, 3)
    asked: dict[str, Any] = json.loads(line.recv(int(size), socket.MSG_WAITALL))
    if not (child := os.fork()):
        line.close()
        for place, fd in enumerate(fds):
            os.dup2(fd, place)
            os.close(fd)
        _be(**asked)
    # Told when nobody is left who would end the command.
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    line.sendall(b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):  # nobody is left who would hear it
        line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _be(words: list[str], env: dict[str, str], folder: str) -> None:
    """Become the command; ends this process as the interpreter would."""
    from chargepipe.cli.main import run

    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    _forget_settings()
    sys.argv = ["chargepipe", *words]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()
    sys.exit(0)


def _forget_settings() -> None:
    """Settings are read from the environment of the command, as in a process that is new."""
    from django.conf import LazySettings, settings
    from django.db import connections
    from django.utils.functional import empty

    before = vars(settings._wrapped)
    read = LazySettings._setup  # pyright: ignore[reportAttributeAccessIssue]

    def read_anew(self: Any, name: Any = None) -> None:
        read(self, name)
        for key, value in before.items():  # what apps put there while they were imported
            if key.startswith("AXES_") and not hasattr(self._wrapped, key):
                setattr(self._wrapped, key, value)

    LazySettings._setup = read_anew  # pyright: ignore[reportAttributeAccessIssue]
    settings._wrapped = empty
    connections.__dict__.pop("settings", None)
    connections.__init__()
    for key in ("settings", "process"):
        del sys.modules[f"chargepipe.config.{key}"]
        delattr(sys.modules["chargepipe.config"], key)


if __name__ == "__main__":
    _serve(sys.argv[1])
