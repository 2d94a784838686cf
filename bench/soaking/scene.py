"""A scene: a store and both services simulated; here with processes and over real HTTP."""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import psycopg

import postgres
from chargepipe.sandbox import Sandbox
from served import Home, served

QUICK = {"CHARGEPIPE_LEASE_SECONDS": "1.5", "CHARGEPIPE_SETTLE_SECONDS": "0.3"}
"""A dead process is taken over after the sum of both."""
SETTINGS = """organizations = true
[settings.subscription_deals]
enabled = true
[settings.invoice_deals]
enabled = true
"""
MADE = ("person", "organization", "deal")
ENDS_WITHIN = 600.0
"""Seconds in which a worker has to end what is unfinished."""


@dataclass
class Scene:
    """Both services and a store; what is done to them is counted in `figures`."""

    sandbox: Sandbox
    figures: dict[str, int] = field(default_factory=dict[str, int])
    by_hand: dict[str, set[int]] = field(default_factory=lambda: {kind: set() for kind in MADE})
    """The records of a kind that people made in Pipedrive."""
    deleted: dict[str, set[int]] = field(default_factory=lambda: {kind: set() for kind in MADE})
    """Those that people deleted there."""
    before: dict[str, int] = field(default_factory=dict[str, int])
    """How many there were at the start."""

    def __post_init__(self) -> None:
        self.before = {kind: self._last(kind) for kind in MADE}

    def count(self, name: str, more: int = 1) -> None:
        """Add to a figure."""
        self.figures[name] = self.figures.get(name, 0) + more

    def told(self) -> str:
        """The figures in words."""
        return ", ".join(f"{name} {value}" for name, value in sorted(self.figures.items()))

    def made(self, kind: str) -> set[int]:
        """The records of a kind that the API has made since the start; gone ones count too."""
        return set(range(self.before[kind] + 1, self._last(kind) + 1)) - self.by_hand[kind]

    def _last(self, kind: Any) -> int:
        return self.sandbox.crm.records[kind].table.last

    def call(self, target: str, method: str, **args: Any) -> Any:
        """Do what a person would do on one of the two sides; None where that is refused."""
        raise NotImplementedError

    def run(self, kind: str) -> str:
        """Let a full or an hourly sync run to its end; its state."""
        raise NotImplementedError

    def let_all_end(self) -> None:
        """Carry what is unfinished to its end."""
        raise NotImplementedError

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the store."""
        raise NotImplementedError

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the store itself; a name in braces is a table of ours: {run}."""
        names = ("run", "change", "record", "link", "syncerror", "worker", "account")
        return self.ask(query.format(**{name: f"chargepipe_store_{name}" for name in names}))

    def unfinished(self) -> list[tuple[Any, ...]]:
        """Runs that are not over: number, kind, state, words."""
        return self.rows(
            "SELECT id, kind, state, message FROM {run}"
            " WHERE state IN ('queued', 'running', 'waiting', 'paused') ORDER BY id"
        )


@dataclass
class Installed(Scene):
    """An installation: commands are processes of their own, the services answer over HTTP."""

    home: Home = None  # type: ignore[assignment]
    ports: tuple[int, int] = (0, 0)

    def call(self, target: str, method: str, **args: Any) -> Any:
        """By HTTP, for the services run in a thread of their own."""
        body = json.dumps({"target": target, "method": method, "args": args}).encode()
        address = f"http://127.0.0.1:{self.ports[0]}/_sandbox/call"
        request = Request(address, body, {"content-type": "application/json"})
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310 loopback
                return json.load(answer)["result"]
        except HTTPError:
            return None

    def run(self, kind: str) -> str:
        """By a command of its own."""
        return self.home.json(kind, "acme", "--yes")["state"]

    def let_all_end(self) -> None:
        """By a worker; the questions of runs are answered with yes."""
        worker = self.home.fork("worker")
        try:
            until(lambda: not self._under_way(), ENDS_WITHIN, 0.2)
        finally:
            worker.kill()
            worker.communicate()

    def _under_way(self) -> bool:
        for number, _, state, _ in self.unfinished():
            if state in ("waiting", "paused"):
                word = "approve" if state == "waiting" else "resume"
                self.home.run("run", word, str(number), "--yes")
        return bool(self.unfinished())

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """From beside, as another process."""
        if url := self.home.extra.get("DATABASE_URL"):
            with psycopg.connect(url) as server:
                return server.execute(query).fetchall()  # type: ignore[arg-type]
        file = f"file:{self.home.path / 'chargepipe.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=20)) as disk:
            return disk.execute(query).fetchall()


@contextmanager
def installed(
    folder: Path,
    server: str | None,
    seed: int,
    customers: int,
    settings: str = SETTINGS,
    quick: dict[str, str] = QUICK,
) -> Iterator[Installed]:
    """A new installation that knows its two services; on PostgreSQL where a server is given."""
    sandbox = Sandbox(seed=seed, customers=customers, plan="ultimate")
    sandbox.company.seats = 1000  # what is looked for is not how a day's tokens end
    store = {"DATABASE_URL": postgres.new_database(server)} if server else {}
    with served(sandbox) as ports:
        home = Home(folder, sandbox, {**quick, **store})
        home.apply(ports, settings)
        yield Installed(sandbox, home=home, ports=ports)


def start_postgres(folder: Path) -> str:
    """A throw-away server that ends with this process."""
    folder.chmod(0o711)
    return postgres.start(folder)


def in_a_folder_of_its_own(folder: Path) -> None:
    """What the tests' helper processes keep goes there."""
    os.environ["CHARGEPIPE_HOME"] = str(folder)


def until(true: Any, seconds: float, step: float = 0.05) -> bool:
    """Wait until something holds; false where it does not within so many seconds."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True
