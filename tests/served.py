"""The sandbox over real HTTP in a thread, and the command line as a process of its own."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargepipe.sandbox import Sandbox, serve
from forked import Forked

HANGS = 300.0
"""Seconds after which a process is said to hang. Many, as a busy machine is no failure."""


def free_port() -> int:
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, each another one."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@contextmanager
def served(sandbox: Sandbox) -> Iterator[tuple[int, int]]:
    """Serve both services until the block ends; their ports."""
    first, second = free_ports(2)
    loop, heard = asyncio.new_event_loop(), threading.Event()
    task = loop.create_task(serve(sandbox, first, second, ready=heard.set))
    task.add_done_callback(lambda _: heard.set())
    thread = threading.Thread(target=_run, args=(loop, task))
    thread.start()
    try:
        heard.wait()
        assert not task.done(), "the sandbox does not answer"
        yield first, second
    finally:
        if not task.done():
            loop.call_soon_threadsafe(task.cancel)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.close()


@contextmanager
def stopping(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """Leave no process behind, also where a test fails before it could end it."""
    with process:
        try:
            yield process
        finally:
            process.kill()


@dataclass
class Home:
    """One installation: a folder, its environment and the command line in it."""

    path: Path
    sandbox: Sandbox
    extra: dict[str, str] = field(default_factory=dict[str, str])

    def start(self, *words: str, output: Any = subprocess.PIPE) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "chargepipe", *words],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CHARGEPIPE_HOME": str(self.path),
            "KEY": self.sandbox.chargebee_key,
            "TOKEN": self.sandbox.pipedrive_token,
            **self.extra,
        }

    def fork(self, *words: str) -> Forked:
        """The same, without the second that Python takes to import everything."""
        return Forked(words, self.environment(), Path.cwd())

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        process = self.fork(*words)
        out, err = process.communicate(timeout=HANGS)
        return subprocess.CompletedProcess(words, process.returncode or 0, out, err)

    def json(self, *words: str) -> dict[str, Any]:
        done = self.run(*words, "--json")
        assert done.stdout.count("\n") == 1, done.stdout + done.stderr
        return json.loads(done.stdout)

    def apply(
        self, ports: tuple[int, int], settings: str = "organizations = true", name: str = "acme"
    ) -> None:
        file = self.path / f"{name}.toml"
        self.path.mkdir(exist_ok=True)
        file.write_text(
            f"""
name = "{name}"
[chargebee]
site = "sandbox-test"
api_key = "env:KEY"
url = "http://127.0.0.1:{ports[0]}/api/v2"
[pipedrive]
api_token = "env:TOKEN"
url = "http://127.0.0.1:{ports[1]}"
[settings]
{settings}
"""
        )
        done = self.run("connection", "apply", str(file), "--yes")
        assert done.returncode == 0, done.stderr
