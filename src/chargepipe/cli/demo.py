"""demo: the whole way, from nothing to a sync, against simulated services."""

import fcntl
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargepipe.cli.demo_servers import console, services
from chargepipe.cli.errors import FAILED, stop
from chargepipe.cli.output import facts, note, say
from chargepipe.cli.progress import progress
from chargepipe.cli.sandbox import Customers, connection_file, page_address
from chargepipe.cli.serve import Port

if TYPE_CHECKING:
    from chargepipe.sandbox import Sandbox
    from chargepipe.store.models import Run

NAME = "demo"
SETTLE = "1"
MARK = "made-by-demo"
"""Only a folder with a file of this name is ever removed."""


def demo(
    customers: Customers = 250,
    walk_only: Annotated[
        bool, typer.Option("--walk-only", help="End after the walk instead of serving on.")
    ] = False,
    port: Port = 8800,
) -> None:
    """Try everything out with simulated services.

    Makes both services and a connection on this machine alone, then validates, tries, syncs, edits
    a customer and syncs again. Stays until Ctrl-C, so that you can look around.
    """
    home = _own_home()
    with _alone(home), ExitStack() as stack:
        _start_afresh(home)
        sandbox, ports = stack.enter_context(services(customers))
        token = _let_in(sandbox, ports)
        from chargepipe.cli.setup import setup

        setup()
        address = stack.enter_context(console(port))
        door = f"{address}/demo/{token}"
        _where_to_look(home, door, ports)
        _walk(home, ports)
        if not walk_only:
            note(f"Open the console, signed in: {door}")
            note("Ctrl-C ends the demo; the next start begins afresh.")
            _wait()


def _let_in(sandbox: "Sandbox", ports: tuple[int, int]) -> str:
    """Tell the console of this process that it is a demo; returns the token of its door."""
    from chargepipe.config.process import DEMO_PORTS, DEMO_TOKEN

    os.environ["CHARGEBEE_API_KEY"] = sandbox.chargebee_key
    os.environ["PIPEDRIVE_API_TOKEN"] = sandbox.pipedrive_token
    os.environ["CHARGEPIPE_PIPEDRIVE_CLIENT_ID"] = sandbox.apps.client_id
    os.environ["CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET"] = sandbox.apps.client_secret
    os.environ[DEMO_PORTS] = f"{ports[0]},{ports[1]}"
    os.environ[DEMO_TOKEN] = token = secrets.token_urlsafe(24)
    return token


def _own_home() -> Path:
    """A home of its own below the usual one: the demo never meets real connections."""
    from chargepipe.config.process import read_environment

    try:
        home = read_environment().home / NAME
    except ValueError as error:
        stop(str(error), 2)
    for name in ("DATABASE_URL", "CHARGEPIPE_KEYS"):
        os.environ.pop(name, None)
    os.environ["CHARGEPIPE_HOME"] = str(home)
    os.environ.setdefault("CHARGEPIPE_SETTLE_SECONDS", SETTLE)
    return home


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (home.parent / "demo.lock").open("w")
    except OSError:
        stop(f"The data folder {home.parent} cannot be written. Set CHARGEPIPE_HOME to another.")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stop(f"A demo is running already in {home.parent}. End it first.")
        yield


def _start_afresh(home: Path) -> None:
    """The simulated services begin anew with each start, so what was known of them must go."""
    if home.exists():
        if not (home / MARK).exists():
            stop(f"{home} was not made by the demo. Set CHARGEPIPE_HOME to another folder.")
        shutil.rmtree(home)
    home.mkdir(mode=0o700)
    (home / MARK).touch()


def _walk(home: Path, ports: tuple[int, int]) -> None:
    from chargepipe.actions import connections

    file = home / f"{NAME}.toml"
    file.write_text(connection_file(*ports, NAME))
    _step(1, f"Connect: {file}")
    connections.apply(connections.propose(file.read_text()))
    say("  Both services answered; the connection is stored.")
    _step(2, "Validate: look at every customer, write nothing")
    _show(_run("validate"))
    _step(3, "Trial: the ten oldest customers, for real")
    _show(_run("trial"))
    _step(4, "Full sync: everyone")
    _show(_run("full"))
    _step(5, "An edit in Chargebee, then a sync")
    _edit(ports[0])
    run = _run("sync")
    _show(run)
    _show_writes(run)


def _step(number: int, words: str) -> None:
    say(f"\n{number}. {words}")


def _run(kind: str) -> "Run":
    from chargepipe.actions import runs

    run = runs.start(NAME, kind, confirmed=True)
    with progress() as show, closing(runs.follow(run)) as rows:
        for row in rows:
            show(row)
    if run.state != "done":
        stop(f"The {kind} run ended as {run.state}: {run.message}", FAILED)
    return run


def _show(run: "Run") -> None:
    from chargepipe.actions import runs
    from chargepipe.cli.summary import point_to, summarize

    counts = runs.summary(run)
    summarize(run, counts)
    point_to(run, counts)


def _show_writes(run: "Run") -> None:
    from chargepipe.cli.changes import lines

    say("  What it wrote:")
    for line in lines(run.changes.filter(state="written").order_by("pk"), run.connection):
        say(f"    {line}")


def _edit(port: int) -> None:
    """Give a synced customer another name on the billing side."""
    import httpx2

    from chargepipe.store.models import Link

    link = Link.objects.filter(connection__name=NAME, kind="person").order_by("pk").first()
    if link is None:
        stop("No customer was synced; there is nothing to edit.")
    edit: dict[str, Any] = {"id": link.source_key, "first_name": "Edited"}
    call = {"target": "billing", "method": "edit_customer", "args": edit}
    url = f"http://127.0.0.1:{port}/_sandbox/call"
    httpx2.post(url, json=call, trust_env=False).raise_for_status()
    say(f"  Customer {link.source_key} now has the first name Edited.")


def _where_to_look(home: Path, door: str, ports: tuple[int, int]) -> None:
    program = Path(sys.argv[0]).absolute()
    say("Where to look while the demo is there:")
    facts(
        [
            ("  the console", door),
            ("  the services", f"http://127.0.0.1:{ports[0]} and http://127.0.0.1:{ports[1]}"),
            ("  to play with them", page_address(ports[0])),
            ("  in a terminal", f"export CHARGEPIPE_HOME={home}"),
            ("  every run", f"{program} runs {NAME}"),
            ("  what did not sync", f"{program} errors {NAME}"),
            ("  one customer", f"{program} record {NAME} KEY"),
        ]
    )


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        note("Stopping ...")
