"""A PostgreSQL server of this test session alone: in a folder that goes with it, on no port."""

import atexit
import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

STARTS_WITHIN = 120.0
# Nothing of it has to outlive the machine.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
}


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest where there are several."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    on_path = shutil.which("postgres")
    if known:
        return known[-1].parent
    return Path(on_path).parent if on_path else None


def _version(program: Path) -> float:
    return float(program.parts[-3])


def start(folder: Path) -> str:
    """Start a server in a new folder below this one; its address without a database.

    It ends with this process, also where that is killed. PostgreSQL refuses to run as root: then
    its own user runs it.
    """
    return Server(folder).url


class Server:
    """A server that can also be stopped and started again; see `start`."""

    def __init__(self, folder: Path) -> None:
        found = programs()
        assert found, "PostgreSQL is not installed"
        self.home, self._programs = folder / "postgresql", found
        self.url = f"postgresql://postgres@/chargepipe?host={self.home}"
        self._as_user: dict[str, Any] = {}
        self.home.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.home, "postgres", "postgres")
            folder.chmod(0o711)
            self._as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        initdb = [found / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            [*initdb, "--locale=C", "--no-sync", "--no-instructions"],
            check=True,
            capture_output=True,
            cwd="/",
            **self._as_user,
        )
        self.go_on()
        _at_the_end(self.stop)

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def go_on(self) -> None:
        """Start it; returns when it answers."""
        options = [f"-c{name}={value}" for name, value in OPTIONS.items()]
        with (self.home / "log").open("a") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self.home, *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd="/",
                preexec_fn=_end_with_the_parent,
                **self._as_user,
            )
        address = f"host={self.home} user=postgres dbname=postgres"
        end = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                psycopg.connect(address).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.home / "log").read_text()
                assert time.monotonic() < end, "PostgreSQL does not start"
                time.sleep(0.02)
            else:
                break

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it: SIGQUIT at once, as a crash; SIGINT as `pg_ctl stop -m fast`."""
        self._process.send_signal(how)
        self._process.wait()


def _end_with_the_parent() -> None:
    if sys.platform == "linux":
        set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGQUIT)


def _at_the_end(stop: Callable[[], None]) -> None:
    mine = os.getpid()

    def stop_it() -> None:
        if os.getpid() == mine:
            stop()

    atexit.register(stop_it)


_numbers = itertools.count()


def new_database(server: str) -> str:
    """Make an empty database on a server that was started; its address."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    with _connected(host=server.split("host=")[1], user="postgres") as main:
        main.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.replace("/chargepipe?", f"/{name}?")


def store_of_its_own() -> dict[str, str]:
    """What the environment of a new home says of its database: nothing on SQLite."""
    server = os.environ.get("DATABASE_URL")
    return {"DATABASE_URL": new_database(server)} if server else {}


@contextmanager
def copy_of(settings: dict[str, Any]) -> Iterator[str]:
    """A copy of a database that nobody is connected to, for the time of a block; its name."""
    original = settings["NAME"]
    name = f"{original}_{os.getpid()}_{next(_numbers)}"
    copy, source = sql.Identifier(name), sql.Identifier(original)
    host = settings["HOST"] or settings["OPTIONS"]["host"]
    with _connected(host=host, user=settings["USER"]) as main:
        main.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, source))
        try:
            yield name
        finally:
            main.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copy))


@contextmanager
def _connected(host: str, user: str) -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as main:
        yield main
