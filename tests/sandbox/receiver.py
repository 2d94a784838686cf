"""Somebody on this machine who receives what the sandbox sends by itself."""

import json
from typing import Any

import httpx2

from sandbox.line import Line

HERE = "http://127.0.0.1:9/hook"


class Receiver(httpx2.AsyncBaseTransport):
    """Answers every message with `status`, None: not at all; keeps requests and bodies."""

    def __init__(self, status: int | None = 200) -> None:
        self.status = status
        self.requests: list[httpx2.Request] = []
        self.bodies: list[Any] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        self.bodies.append(json.loads(request.content))
        if self.status is None:
            raise httpx2.ReadTimeout("too slow", request=request)
        return httpx2.Response(self.status)


def deliver(line: Line, receiver: Receiver) -> list[Any]:
    """The bodies of what is due now."""
    receiver.bodies.clear()
    receiver.requests.clear()
    line.clock.run(line.sandbox.outbox.deliver(receiver))
    return list(receiver.bodies)
