"""The sandbox without sockets: a transport for httpx2's async client."""

import asyncio
from typing import Any

import httpx2

from .front import Front


class InProcess(httpx2.AsyncBaseTransport):
    """Hands requests to an ASGI app; a dropped connection becomes httpx2.ReadError.

    The client's read time-out (seconds) is kept: a slow answer becomes httpx2.ReadTimeout, and the
    work is done all the same.
    """

    def __init__(self, app: Front) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request and its answer."""
        body = await request.aread()
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        patience = request.extensions.get("timeout", {}).get("read")
        try:
            async with asyncio.timeout(patience):
                await self._app(_scope(request), receive, send)
        except TimeoutError as late:
            raise httpx2.ReadTimeout("the sandbox is slow", request=request) from late
        if len(sent) < 2:
            raise httpx2.ReadError("the sandbox dropped the connection", request=request)
        start, content = sent
        return httpx2.Response(
            start["status"], headers=start["headers"], content=content["body"], request=request
        )


def _scope(request: httpx2.Request) -> dict[str, Any]:
    raw_path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "method": request.method,
        "path": request.url.path,
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 0),
    }
