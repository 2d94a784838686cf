"""The sandbox over real HTTP in a thread, and the command line as a process of its own."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargepipe.sandbox import Sandbox, serve


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(sandbox: Sandbox) -> Iterator[tuple[int, int]]:
    """Serve both services until the block ends; their ports."""
    ports = free_port(), free_port()
    loop = asyncio.new_event_loop()
    task = loop.create_task(serve(sandbox, *ports))
    thread = threading.Thread(target=_run, args=(loop, task))
    thread.start()
    try:
        for port in ports:
            _wait_for(port)
        yield ports
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.close()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the sandbox does not answer")


@dataclass
class Home:
    """One installation: a folder, its environment and the command line in it."""

    path: Path
    sandbox: Sandbox
    extra: dict[str, str] = field(default_factory=dict[str, str])

    def start(self, *words: str) -> "subprocess.Popen[str]":
        env = {
            **os.environ,
            "CHARGEPIPE_HOME": str(self.path),
            "KEY": self.sandbox.chargebee_key,
            "TOKEN": self.sandbox.pipedrive_token,
            **self.extra,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "chargepipe", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def json(self, *words: str) -> dict[str, Any]:
        done = self.run(*words, "--json")
        assert done.stdout.count("\n") == 1, done.stdout + done.stderr
        return json.loads(done.stdout)

    def apply(self, ports: tuple[int, int], settings: str = "organizations = true") -> None:
        file = self.path / "acme.toml"
        self.path.mkdir(exist_ok=True)
        file.write_text(
            f"""
name = "acme"
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
