"""The ASGI app in front of a simulated service: faults, the log, dropped connections."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any, Protocol

from . import edge
from .clock import Clock
from .faults import Fault, Faults
from .messages import Answer, Request, read_request
from .own_pages import own_page

LOGGED = 200_000
BODILESS = (204, 304)
"""Statuses that HTTP allows no body."""
DROPPED = 0
"""The status that the log holds where the client saw its connection die."""
Entry = tuple[str, str, str, int, int]
"""service, method, raw path, status, tokens"""
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Service(Protocol):
    """What a simulated service does."""

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        ...

    def trouble(self, status: int, code: str | None = None) -> Answer:
        """The error that an injected fault answers with."""
        ...


class Log:
    """The newest calls, and counts of all."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=LOGGED)
        self.counts: Counter[str] = Counter()
        self.too_many: Counter[str] = Counter()

    def add(self, service: str, request: Request, status: int, tokens: int = 0) -> None:
        """Note one call as the client saw it."""
        self.entries.append((service, request.method, request.path, status, tokens))
        self.counts[service] += 1
        self.too_many[service] += status == 429


class Front:
    """One service as an ASGI app. `control` answers what lies under /_sandbox/."""

    def __init__(
        self,
        name: str,
        service: Service,
        clock: Clock,
        faults: Faults,
        log: Log,
        control: Callable[[Request], Awaitable[Answer]],
    ) -> None:
        self.name = name
        self._service = service
        self._clock = clock
        self._faults = faults
        self._log = log
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope; of protocols only HTTP."""
        if scope["type"] != "http":
            return
        request = read_request(scope, await _body(receive))
        answer = await self._answer(request)
        if answer is None:
            await _hang_up(send)
        else:
            date = formatdate(self._clock.seconds(), usegmt=True)
            await _reply(send, answer.with_headers(("date", date)))

    async def _answer(self, request: Request) -> Answer | None:
        self._clock.catch_up()
        if request.path.startswith("/_sandbox/"):
            return await self._control(request)
        if page := own_page(self.name, request):
            return page
        fault = self._faults.hit(self.name, request.method, request.path)
        if fault is None:
            return self._noted(request, self._service.answer(request))
        return await self._spoiled(request, fault)

    async def _spoiled(self, request: Request, fault: Fault) -> Answer | None:
        """The answer under a fault, None for a connection that dies."""
        match fault.kind:
            case "status" | "html":
                return self._noted(request, self._error(fault))
            case "delay":
                answer = self._noted(request, self._service.answer(request))
                await asyncio.sleep(fault.seconds)
                return answer
            case "drop_after":
                tokens = self._service.answer(request).tokens
                self._log.add(self.name, request, DROPPED, tokens)
            case "late":
                self._clock.later(fault.seconds, lambda: self._service.answer(request))
                self._log.add(self.name, request, DROPPED)
            case "drop_before":
                self._log.add(self.name, request, DROPPED)
        return None

    def _error(self, fault: Fault) -> Answer:
        if fault.kind == "html":
            return Answer(fault.status, edge.page(fault.status), content_type=edge.HTML)
        if fault.body is None:
            return self._service.trouble(fault.status, fault.code)
        kind = fault.content_type or "text/html; charset=utf-8"
        return Answer(fault.status, fault.body, content_type=kind)

    def _noted(self, request: Request, answer: Answer) -> Answer:
        self._log.add(self.name, request, answer.status, answer.tokens)
        return answer


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _reply(send: Send, answer: Answer) -> None:
    content = answer.content() if answer.status not in BODILESS else b""
    headers = [*answer.headers]
    if answer.status not in BODILESS:
        headers += [("content-type", answer.content_type), ("content-length", str(len(content)))]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


async def _hang_up(send: Send) -> None:
    """Promise a byte and leave: the server then closes the connection in the middle."""
    headers = [(b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
