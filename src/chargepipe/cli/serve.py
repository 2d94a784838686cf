"""serve and worker: the processes that stay."""

import logging
import signal
import sys
import threading
from typing import Annotated, Any

import typer

from chargepipe.cli import web
from chargepipe.cli.output import note
from chargepipe.cli.setup import setup

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]


def serve(host: Host = "127.0.0.1", port: Port = 8800) -> None:
    """Serve the web side and carry runs, until Ctrl-C."""
    setup(logging.INFO)
    listening = web.listen(host, port)
    # uvicorn hands a signal on when it has shut down; that is then the regular end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    note(f"Serving on {web.address(listening)} (health: {web.address(listening)}/health)")
    _welcome_first(web.address(listening))
    note("Runs are carried here too. Ctrl-C stops at the next safe place.")
    server = web.server()
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        note("Stopped.")
    if not server.started:
        raise typer.Exit(1)


def _welcome_first(address: str) -> None:
    """Where nobody can sign in yet: a link for the first admin, never a default password."""
    from django.conf import settings

    from chargepipe.actions import people

    if token := people.invite_first():
        note("Nobody can sign in yet. Make yourself the admin (works once, for three days):")
        note(f"  {settings.PROCESS.url or address}/welcome/{token}")


def worker() -> None:
    """Carry runs without a web side, until Ctrl-C. Start as many as you like."""
    setup(logging.INFO)
    from chargepipe.engine.worker import working

    over = threading.Event()

    def heard(_number: int, _frame: Any) -> None:
        note("Stopping at the next safe place ...")
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
    with working():
        note("Carrying runs. See them: chargepipe runs NAME. Ctrl-C stops at the next safe place.")
        over.wait()
    note("Stopped.")
