"""The servers of the demo: both simulated services, and the web side with its worker."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from chargepipe.cli import web
from chargepipe.cli.errors import stop

if TYPE_CHECKING:
    from chargepipe.sandbox import Sandbox

PLAN = "premium"
"""Pipedrive's plan: its limits let the demo be quick."""
BEGUN = 180.0
"""Seconds within which a server has to be up, on a busy machine too."""


@contextmanager
def services(customers: int) -> Iterator[tuple["Sandbox", tuple[int, int]]]:
    """Both simulated services, in a thread of this process; with their two ports."""
    from chargepipe.sandbox import Sandbox, serve

    sandbox = Sandbox(customers=customers, plan=PLAN)
    ports = _free_port(8801), _free_port(8802)
    loop = asyncio.new_event_loop()
    task = loop.create_task(serve(sandbox, *ports))

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="sandbox")
    thread.start()
    try:
        _await_http(f"http://127.0.0.1:{ports[1]}/_sandbox/state")
        yield sandbox, ports
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


def _free_port(wanted: int) -> int:
    """This port, or any other where it is taken."""
    with closing(socket.socket()) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", wanted))
        except OSError:
            trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@contextmanager
def console(port: int) -> Iterator[str]:
    """The web side and the worker, in a thread of this process."""
    listening = web.listen("127.0.0.1", _free_port(port))
    server = web.server()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web")
    thread.start()
    try:
        _await_http(f"{web.address(listening)}/health")
        yield web.address(listening)
    finally:
        server.should_exit = True
        thread.join()


def _await_http(url: str) -> None:
    """Wait until a server of ours answers."""
    import httpx2

    end = time.monotonic() + BEGUN
    while time.monotonic() < end:
        try:
            httpx2.get(url, trust_env=False)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    stop("The servers of the demo did not start.")
