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
from collections.abc import Iterator
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
    found = programs()
    assert found, "PostgreSQL is not installed"
    home = folder / "postgresql"
    home.mkdir()
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
        folder.chmod(0o711)
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    data = home / "data"
    initdb = [found / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*initdb, "--locale=C", "--no-sync", "--no-instructions"],
        check=True,
        capture_output=True,
        cwd="/",
        **as_user,
    )
    options = [f"-c{name}={value}" for name, value in OPTIONS.items()]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [found / "postgres", "-D", data, "-k", home, *options],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd="/",
            preexec_fn=_end_with_the_parent,
            **as_user,
        )
    address = f"host={home} user=postgres dbname=postgres"
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            assert server.poll() is None, (home / "log").read_text()
            assert time.monotonic() < end, "PostgreSQL does not start"
            time.sleep(0.02)
        else:
            break
    _stop_at_the_end(server)
    return f"postgresql://postgres@/chargepipe?host={home}"


def _end_with_the_parent() -> None:
    if sys.platform == "linux":
        set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGQUIT)


def _stop_at_the_end(server: "subprocess.Popen[Any]") -> None:
    mine = os.getpid()

    def stop() -> None:
        if os.getpid() == mine:
            server.send_signal(signal.SIGQUIT)
            server.wait()

    atexit.register(stop)


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
