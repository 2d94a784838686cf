"""A scene: one installation with its store, and both services simulated over real HTTP."""

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

import postgres
import psycopg
from served import Home, served

from chargepipe.sandbox import Sandbox

QUICK = {"CHARGEPIPE_LEASE_SECONDS": "1.5", "CHARGEPIPE_SETTLE_SECONDS": "0.3"}
"""A dead process is taken over after the sum of both."""
SETTINGS = """organizations = true
[settings.subscription_deals]
enabled = true
[settings.invoice_deals]
enabled = true
"""
MADE = ("person", "organization", "deal")


@dataclass
class Scene:
    """What happens here is told by `say`, and counted in `figures`."""

    home: Home
    ports: tuple[int, int]
    figures: dict[str, int] = field(default_factory=dict[str, int])
    by_hand: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MADE, 0))
    """How many records of a kind people made in Pipedrive."""
    before: dict[str, int] = field(default_factory=dict[str, int])
    """How many there were at the start."""

    @property
    def sandbox(self) -> Sandbox:
        """Both services; edit them by `call`, for they run in a thread of their own."""
        return self.home.sandbox

    def count(self, name: str, more: int = 1) -> None:
        """Add to a figure."""
        self.figures[name] = self.figures.get(name, 0) + more

    def call(self, target: str, method: str, **args: Any) -> Any:
        """Do what a person would do on one of the two sides; None where that is refused."""
        body = json.dumps({"target": target, "method": method, "args": args}).encode()
        request = Request(  # noqa: S310 loopback
            f"http://127.0.0.1:{self.ports[0]}/_sandbox/call",
            body,
            {"content-type": "application/json"},
        )
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)["result"]
        except HTTPError:
            return None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the store itself; a name in braces is a table of ours: {run}."""
        names = ("run", "change", "record", "link", "syncerror", "worker", "account")
        text = query.format(**{name: f"chargepipe_store_{name}" for name in names})
        url = self.home.extra.get("DATABASE_URL")
        if url:
            with psycopg.connect(url) as server:
                return server.execute(text).fetchall()  # type: ignore[arg-type]
        file = f"file:{self.home.path / 'chargepipe.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=20)) as disk:
            return disk.execute(text).fetchall()

    def made(self, kind: str) -> int:
        """How many records of a kind the API has made since the start; gone ones count too."""
        there = self.sandbox.crm.records[kind].table.last  # type: ignore[index]
        return there - self.before[kind] - self.by_hand[kind]


@contextmanager
def scene(
    folder: Path,
    server: str | None,
    seed: int,
    customers: int,
    settings: str = SETTINGS,
    quick: dict[str, str] = QUICK,
) -> Iterator[Scene]:
    """A new installation that knows its two services; on PostgreSQL where a server is given."""
    sandbox = Sandbox(seed=seed, customers=customers, plan="ultimate")
    sandbox.company.seats = 1000  # what is looked for is not how a day's tokens end
    store = {"DATABASE_URL": postgres.new_database(server)} if server else {}
    with served(sandbox) as ports:
        home = Home(folder, sandbox, {**quick, **store})
        home.apply(ports, settings)
        made = Scene(home, ports)
        made.before = {kind: sandbox.crm.records[kind].table.last for kind in MADE}  # type: ignore[index]
        yield made


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
