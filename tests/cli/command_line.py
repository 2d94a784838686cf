"""The command line as its users meet it: a process of its own, a home of its own, real sockets."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chargepipe.sandbox import Sandbox
from forked import Forked
from served import HANGS, served, stopping

RUN = "from chargepipe.cli.main import run; run()"


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout; fails where anything else stands there."""
        assert self.out, self.err
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def line(self) -> str:
        """The one line on stderr; fails for a traceback or a second line."""
        assert len(self.err.splitlines()) == 1, self.err
        return self.err.strip()


@dataclass
class Services:
    """A sandbox served on two free ports."""

    sandbox: Sandbox
    chargebee: str
    pipedrive: str

    def text(self, name: str = "acme", more: str = "organizations = true") -> str:
        return f"""\
name = "{name}"
[chargebee]
site = "sandbox-test"
api_key = "env:CHARGEBEE_API_KEY"
url = "{self.chargebee}/api/v2"
[pipedrive]
api_token = "env:PIPEDRIVE_API_TOKEN"
url = "{self.pipedrive}"
[settings]
{more}
"""


@dataclass
class Cli:
    """`cli("errors", "acme")` runs a command in a new process."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    code: str = ""
    """What Python runs in a process that is started anew; "" is quicker, a fork (forked.py)."""
    started: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Close it to end the processes that a test left behind."""

    def __call__(self, *words: str, stdin: str = "", **env: str) -> Result:
        if not self.code:
            forked = Forked(words, self.environment(**env), self.home.parent, stdin)
            out, err = forked.communicate()
            return Result(forked.returncode or 0, out, err)
        with self.start(*words, **env) as process:
            try:
                out, err = process.communicate(stdin, timeout=HANGS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise AssertionError(f"{words} hangs: {process.communicate()}") from None
        return Result(process.returncode, out, err)

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", self.code or RUN, *words],
            env=self.environment(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.home.parent,
        )
        return self.started.enter_context(stopping(process))

    def environment(self, **env: str) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TZ") if key in os.environ}
        return {
            **kept,
            "HOME": str(self.home.parent),
            "CHARGEPIPE_HOME": str(self.home),
            "CHARGEPIPE_SETTLE_SECONDS": "0.2",
            **self.env,
            **env,
        }

    def rows(self, table: str) -> int:
        """How many rows a table has; a store that was never made has none."""
        if not (self.home / "chargepipe.sqlite3").exists():
            return 0
        with contextlib.closing(sqlite3.connect(self.home / "chargepipe.sqlite3")) as store:
            return store.execute(f"SELECT count(*) FROM chargepipe_store_{table}").fetchone()[0]

    def until(self, table: str, *, where: str = "1") -> None:
        """Wait until a row of another process is there."""
        end = time.monotonic() + HANGS
        while time.monotonic() < end:
            with contextlib.suppress(sqlite3.Error):
                if self.rows(f"{table} WHERE {where}"):
                    return
            time.sleep(0.02)
        raise AssertionError(f"no {table} with {where}")


@contextlib.contextmanager
def serving(sandbox: Sandbox) -> Iterator[Services]:
    """Both services in a thread of this process."""
    with served(sandbox) as ports:
        yield Services(sandbox, *(f"http://127.0.0.1:{port}" for port in ports))


def new_cli(folder: Path) -> Cli:
    secrets = {"CHARGEBEE_API_KEY": "test_sandbox_key", "PIPEDRIVE_API_TOKEN": "sandbox-token"}
    return Cli(folder / "home", secrets)


@pytest.fixture
def services() -> Iterator[Services]:
    with serving(Sandbox(customers=12, plan="ultimate")) as made:
        yield made


@pytest.fixture
def fresh_cli(tmp_path: Path) -> Iterator[Cli]:
    """A command line whose home no command has touched yet."""
    cli = new_cli(tmp_path)
    with cli.started:
        yield cli


@pytest.fixture(scope="session")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after its first command, which made the tables: a good part of a second."""
    first = new_cli(tmp_path_factory.mktemp("first"))
    assert first("connection", "list").status == 0
    return first.home


@pytest.fixture
def cli(used_home: Path, fresh_cli: Cli) -> Cli:
    """A command line in a home of its own that is empty, but whose tables stand."""
    shutil.copytree(used_home, fresh_cli.home)
    return fresh_cli


@dataclass
class Walked:
    """A connection that went the whole way; `results` of its commands by name."""

    cli: Cli
    services: Services
    results: dict[str, Result] = field(default_factory=dict)

    def step(self, name: str, *words: str, stdin: str = "") -> Result:
        self.results[name] = result = self.cli(*words, stdin=stdin)
        return result


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Made once a module: its tests only read, or put back what they change."""
    cli = new_cli(tmp_path_factory.mktemp("walk"))
    cli.code = RUN  # here the real command line goes the whole way
    with serving(Sandbox(customers=60, plan="ultimate")) as services:
        walk = Walked(cli, services)
        walk.step("apply", "connection", "apply", "-", "--yes", stdin=services.text())
        walk.step("too early", "sync", "acme")
        walk.step("preview", "preview", "acme", "--json")
        walk.step("validate", "validate", "acme", "--json")
        walk.step("trial", "trial", "acme", "--json")
        walk.step("asks", "full", "acme", "--json")
        walk.step("full", "full", "acme", "--yes", "--json")
        walk.step("sync", "sync", "acme", "--json")
        cli.code = ""
        yield walk
