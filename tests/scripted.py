"""A service that answers as a test says, and remembers what it was asked and when."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2

Reply = httpx2.Response | Exception
Replies = Callable[[httpx2.Request], Reply] | list[Reply] | Reply


def reply(status: int = 200, body: Any = None, **headers: str) -> httpx2.Response:
    """Return an answer with a JSON body, or with a text body where a string is given."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return httpx2.Response(status, text=body, headers=named)
    return httpx2.Response(status, json={} if body is None else body, headers=named)


class Scripted(httpx2.AsyncBaseTransport):
    """Takes `delay` seconds for each call; a list is used up, its last reply stays."""

    def __init__(self, replies: Replies, delay: float = 0.0) -> None:
        self._replies = replies
        self.delay = delay
        self.requests: list[httpx2.Request] = []
        self.times: list[float] = []
        self.closed = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        self.times.append(asyncio.get_running_loop().time())
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = self._answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _answer(self, request: httpx2.Request) -> Reply:
        if callable(self._replies):
            return self._replies(request)
        if isinstance(self._replies, list):
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return self._replies

    async def aclose(self) -> None:
        self.closed = True
