"""Both services simulated in a process of their own, and programs measured against them."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

CHARGEPIPE = Path(sys.executable).with_name("chargepipe")
# Commands keep what they compiled, as on most machines.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

SECRETS = {"CHARGEBEE_API_KEY": "test_sandbox_key", "PIPEDRIVE_API_TOKEN": "sandbox-token"}
STARTS_WITHIN = 600.0
"""Seconds; a million sample records take their time."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one program cost, seen from outside."""

    name: str
    seconds: float
    cpu: float
    """Seconds of user and system time, of its children too."""
    memory: float
    """Most resident memory, in MB."""
    chargebee: int
    """Requests."""
    pipedrive: int
    tokens: int
    too_many: int
    """Answers 429 of Pipedrive."""
    said: dict[str, Any] = field(default_factory=dict)
    """The JSON object that it printed last, if any."""


@dataclass(frozen=True, slots=True)
class Services:
    """Two running services."""

    chargebee: str
    """Address of the simulated Chargebee, without a path."""
    pipedrive: str
    text: str
    """The connection file for them."""

    def state(self) -> dict[str, Any]:
        """Counters and rows, as GET /_sandbox/state tells them."""
        return _asked(f"{self.chargebee}/_sandbox/state")

    def call(self, target: str, method: str, **args: Any) -> Any:
        """Do what a person would do on one of the two sides."""
        body = {"target": target, "method": method, "args": args}
        return _asked(f"{self.chargebee}/_sandbox/call", body)["result"]

    def measure(
        self,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        may_end_with: Sequence[int] = (0, 3),
    ) -> Measured:
        """Run a program to its end. Raises RuntimeError where its exit status is another one."""
        before, begun = self.state(), time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)),
            env={**os.environ, **SECRETS, **env},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds, after = time.perf_counter() - begun, self.state()
        if process.returncode not in may_end_with:
            raise RuntimeError(f"{name} ended with {process.returncode}: {out[-2000:]}")
        return Measured(
            name,
            seconds,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024,
            after["requests"].get("chargebee", 0) - before["requests"].get("chargebee", 0),
            after["requests"].get("pipedrive", 0) - before["requests"].get("pipedrive", 0),
            after["tokens_used"] - before["tokens_used"],
            after["too_many"].get("pipedrive", 0) - before["too_many"].get("pipedrive", 0),
            _last_json(out),
        )


@contextmanager
def services(*options: str) -> Iterator[Services]:
    """`chargepipe sandbox` with these options, until the block ends."""
    first, second = free_port(), free_port()
    ports = ["--port", str(first), "--pipedrive-port", str(second)]
    process = subprocess.Popen(
        [CHARGEPIPE, "sandbox", *ports, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        address = f"http://127.0.0.1:{first}"
        text = "".join(_file_of(process.stdout))
        wait_for(f"{address}/_sandbox/state")
        yield Services(address, f"http://127.0.0.1:{second}", text)
    finally:
        process.terminate()
        process.wait()


def _file_of(lines: Any) -> Iterator[str]:
    """The connection file is what it prints up to its settings."""
    for line in lines:
        yield line
        if line.strip() == "[settings]":
            return


def wait_for(address: str) -> None:
    """Until something answers there. Raises OSError where that takes too long."""
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            _asked(address)
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _asked(address: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data, {"content-type": "application/json"})  # noqa: S310 loopback
    with urlopen(request, timeout=600) as answer:  # noqa: S310
        return json.load(answer)


def _last_json(out: str) -> dict[str, Any]:
    lines = [line for line in out.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {}


def free_port() -> int:
    """One of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
