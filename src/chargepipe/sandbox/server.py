"""Both services over HTTP, on this machine alone."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Generator
from typing import Any

import uvicorn

from .front import Front, Receive, Scope, Send
from .outbox import LOOPBACK, Outbox
from .sandbox import Sandbox

_log = logging.getLogger(__name__)
LOOK_AGAIN = 0.1
"""Seconds between two looks into the outbox."""


async def serve(
    sandbox: Sandbox,
    chargebee_port: int,
    pipedrive_port: int,
    host: str = "127.0.0.1",
    ready: Callable[[], Any] = lambda: None,
) -> None:
    """Serve both APIs until cancelled. ready: called once both ports are taken.

    Raises ValueError for a host beyond this machine, OSError where a port is taken.
    """
    if host not in LOOPBACK:
        raise ValueError(f"the sandbox serves this machine alone; {host} is not on it")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_expecting_drops())
        sockets = [
            stack.enter_context(_listen(host, port)) for port in (chargebee_port, pipedrive_port)
        ]
        ready()
        stack.enter_context(_delivering(sandbox))
        async with asyncio.TaskGroup() as group:
            group.create_task(_run(sandbox.chargebee, sockets[0]))
            group.create_task(_run(sandbox.pipedrive, sockets[1]))
            group.create_task(_deliver(sandbox.outbox))


async def _deliver(outbox: Outbox) -> None:
    """Send what is due, again and again; whatever goes wrong with that is no end of the rest."""
    while True:
        try:
            await outbox.deliver()
        except Exception as wrong:
            _log.warning("Messages were not sent: %s", type(wrong).__name__)
        await asyncio.sleep(LOOK_AGAIN)


@contextlib.contextmanager
def _delivering(sandbox: Sandbox) -> Generator[None, None, None]:
    """Webhooks go out on journeys too, as long as the sandbox is served."""
    sandbox.journeys.deliver = sandbox.outbox.deliver
    try:
        yield
    finally:
        sandbox.journeys.deliver = None


class _Served:
    """An app whose requests end without a word when the server is stopped."""

    def __init__(self, app: Front) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._app(scope, receive, send)


class _Server(uvicorn.Server):
    """A server that leaves signals to the program that it runs in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def _run(app: Front, listening: socket.socket) -> None:
    config = uvicorn.Config(
        _Served(app),  # pyright: ignore[reportArgumentType]  # a plain ASGI app
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
    server = _Server(config)
    try:
        await server.serve(sockets=[listening])
    finally:
        server.force_exit = True
        if server.started:
            await server.shutdown(sockets=[listening])
        await _end(server.server_state.tasks)


async def _end(requests: "set[asyncio.Task[None]]") -> None:
    """Cancel what is still being answered."""
    waiting = list(requests)
    for request in waiting:
        request.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only where the protocol is named; else each waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


@contextlib.contextmanager
def _expecting_drops() -> Generator[None, None, None]:
    """Keep uvicorn from complaining about connections that are dropped on request."""

    def is_news(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        return not text.endswith(("without completing response.", "without starting response."))

    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(is_news)
    try:
        yield
    finally:
        logger.removeFilter(is_news)
