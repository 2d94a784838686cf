"""The last stop before the network: guards writes, bounds the time, reports what happened."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import httpx2
import structlog

from chargepipe.http import headers
from chargepipe.http.calls import OPERATION, Call, CallLog, Operation
from chargepipe.http.errors import Service
from chargepipe.http.throttle import is_search

log = structlog.get_logger("chargepipe.http")

NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
"""No connection was made, so the request cannot have reached the server."""


class Outgoing(httpx2.AsyncBaseTransport):
    """Sends a request over `inner`, which is the network or a simulation of it.

    `before_write` is called right before anything but a GET leaves, after all waiting; what it
    raises goes through unchanged and nothing is sent. `deadline` bounds the whole exchange in
    seconds, the body of the answer included: a read time-out alone begins anew with each byte, and
    a lease must outlast every write.
    """

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport,
        service: Service,
        *,
        deadline: float,
        before_write: Callable[[], None] | None = None,
        calls: CallLog | None = None,
    ) -> None:
        self._inner = inner
        self._service: Service = service
        self._deadline = deadline
        self._before_write = before_write
        self._calls = calls

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read its whole answer."""
        if request.method != "GET" and self._before_write:
            self._before_write()
        started = asyncio.get_running_loop().time()
        try:
            response = await self._exchange(request)
        except NEVER_SENT:
            self._report(request, started, None, sent=False)
            raise
        except BaseException:
            self._report(request, started, None)
            raise
        self._report(request, started, response)
        return response

    async def aclose(self) -> None:
        """Close the transport below."""
        await self._inner.aclose()

    async def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._inner.handle_async_request(request)
                async with aclosing(response):
                    await response.aread()
                return response
        except TimeoutError:
            raise httpx2.ReadTimeout("no whole answer in time", request=request) from None

    def _report(
        self,
        request: httpx2.Request,
        started: float,
        response: httpx2.Response | None,
        *,
        sent: bool = True,
    ) -> None:
        operation: Operation = request.extensions[OPERATION]
        status = response.status_code if response is not None else None
        found = response.headers if response is not None else httpx2.Headers()
        call = Call(
            service=self._service,
            method=operation.method,
            template=operation.template,
            status=status,
            cost=operation.cost if sent and status != 429 else 0,
            milliseconds=round((asyncio.get_running_loop().time() - started) * 1000, 1),
            token_limit=headers.whole(found, headers.TOKEN_LIMIT),
            token_remaining=headers.whole(found, headers.TOKEN_REMAINING),
            burst_limit=_burst_limit(operation, found),
        )
        _write_log(call)
        if self._calls:
            self._calls(call)


def _burst_limit(operation: Operation, found: httpx2.Headers) -> int | None:
    """A search has a window of its own, the same on every plan (Pipedrive fact sheet 2.3)."""
    searching = is_search(operation.template)
    return None if searching else headers.whole(found, headers.BURST_LIMIT)


def _write_log(call: Call) -> None:
    log.debug(
        "request",
        service=call.service,
        method=call.method,
        path=call.template,
        status=call.status,
        ms=call.milliseconds,
        tokens=call.cost,
    )
