"""A console that is really served: `chargepipe serve` as a process, over simulated services."""

import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import StorageState

from chargepipe.sandbox import Fault, Sandbox
from served import HANGS, Home, free_port, served, stopping

PASSWORD = "seven quiet harbours"
ADMIN = "ada@example.com"


@dataclass
class Desk:
    """The address of the console, the services behind it, and where its process writes."""

    address: str
    sandbox: Sandbox
    ports: tuple[int, int]
    log: Path
    signed_in: dict[str, StorageState] = field(default_factory=dict[str, StorageState])
    """The cookies of each person who has come in, by email."""

    @property
    def welcome(self) -> str:
        """The link that the first start printed."""
        return self.line(r"http\S+/welcome/\S+")

    def line(self, pattern: str) -> str:
        """What the process said that fits; waits until it was said."""
        end = time.monotonic() + HANGS
        while time.monotonic() < end:
            if found := re.search(pattern, self.log.read_text()):
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"nothing like {pattern} in {self.log.read_text()}")

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Every write is answered late, so that a run is under way for a while."""
        fault = Fault(method="POST|PATCH", kind="delay", seconds=1.6, times=None)
        self.sandbox.faults.add(fault)
        try:
            yield
        finally:
            self.sandbox.faults.clear()


DOOR = "let-me-in"
"""The token of a demo's door."""


@contextmanager
def desk_of(folder: Path, customers: int, *, demo: bool = False) -> Iterator[Desk]:
    """Serve both services and the console until the block ends; nothing is connected yet.

    As a demo it has a banner, a tour and a door.
    """
    sandbox = Sandbox(customers=customers, plan="ultimate")
    app = {
        "CHARGEPIPE_PIPEDRIVE_CLIENT_ID": sandbox.apps.client_id,
        "CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET": sandbox.apps.client_secret,
    }
    folder.mkdir(exist_ok=True)
    log = folder / "log"
    log.touch()
    port = free_port()
    with served(sandbox) as ports, log.open("w") as said:
        more = {**app, **(_as_demo(sandbox, ports) if demo else {})}
        home = Home(folder / "home", sandbox, {"CHARGEPIPE_SETTLE_SECONDS": "1", **more})
        process = home.start("serve", "--port", str(port), output=said)
        with stopping(process):
            desk = Desk(f"http://127.0.0.1:{port}", sandbox, ports, log)
            _await(desk, process)
            yield desk
            process.terminate()
            process.wait(HANGS)


def _as_demo(sandbox: Sandbox, ports: tuple[int, int]) -> dict[str, str]:
    return {
        "CHARGEPIPE_DEMO_TOKEN": DOOR,
        "CHARGEPIPE_DEMO_PORTS": f"{ports[0]},{ports[1]}",
        "CHARGEBEE_API_KEY": sandbox.chargebee_key,
        "PIPEDRIVE_API_TOKEN": sandbox.pipedrive_token,
    }


def _await(desk: Desk, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        assert process.poll() is None, desk.log.read_text()
        try:
            urllib.request.urlopen(f"{desk.address}/health", timeout=HANGS).close()
        except urllib.error.URLError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the console does not answer")
