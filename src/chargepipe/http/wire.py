"""Sends the operations of one service and turns every failure into one of our errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2

from chargepipe.http import retry
from chargepipe.http.calls import OPERATION, Operation
from chargepipe.http.clock import Clock
from chargepipe.http.errors import (
    BadAnswer,
    BadRecord,
    Gone,
    NeedsAdmin,
    Service,
    ServiceError,
    Transient,
    Uncertain,
)
from chargepipe.http.headers import server_time
from chargepipe.http.outgoing import NEVER_SENT
from chargepipe.http.refusal import json_object, refusal

Params = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON object of a 2xx answer and the server's own time (aware UTC)."""

    body: dict[str, Any]
    server_time: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """An answer as it came, a refusal of the request included; its body is a JSON object."""

    status: int
    body: dict[str, Any]
    headers: httpx2.Headers
    server_time: datetime

    @property
    def ok(self) -> bool:
        """Whether what was asked for was done."""
        return 200 <= self.status < 300 and self.body.get("success") is not False

    @property
    def code(self) -> str:
        """The service's own error code, "" where it gives none."""
        code = self.body.get("api_error_code") or self.body.get("code")
        return code if isinstance(code, str) else ""


_OF_THE_REQUEST = (BadRecord, Gone, NeedsAdmin, BadAnswer)
"""Refusals that concern one request alone, where they come as JSON and are no 402."""


class Wire:
    """One service behind one HTTP client.

    `last_heard` is the newest Date header (aware UTC), None before the first answer.
    """

    def __init__(
        self, http: httpx2.AsyncClient, service: Service, clock: Clock | None = None
    ) -> None:
        self._http = http
        self._clock = clock or Clock()
        self.service: Service = service
        self.last_heard: datetime | None = None

    async def read(
        self,
        operation: Operation,
        params: Params | None = None,
        *,
        once: bool = False,
        **names: str | int,
    ) -> Answer:
        """Send a GET, again where that may help; `once`: only once. `names` fill in the path.

        Raises any ServiceError but Uncertain.
        """
        if once:
            return await self._send(operation, names, params=params)
        return await retry.again(lambda: self._send(operation, names, params=params))

    async def write(self, operation: Operation, body: object = None, **names: str | int) -> Answer:
        """Send a POST, PATCH or DELETE once. Raises Uncertain where its outcome is not known."""
        return await self._send(operation, names, body=body)

    async def ask(
        self,
        operation: Operation,
        params: Params | None = None,
        body: object = None,
        **names: str | int,
    ) -> Heard:
        """Send a call and return the answer as it came, for whoever wants to see a refusal.

        Raises what `read` or `write` raises where more than this one request is refused: network,
        5xx, 429, key, payment, an answer that is not the API's. A GET is tried again.
        """

        async def once() -> Heard:
            return await self._heard(operation, names, params, body)

        return await (retry.again(once) if operation.method == "GET" else once())

    def misshapen(self, operation: Operation, what: str) -> ServiceError:
        """Return the error for a 2xx answer that lacks `what`: a write may have been done."""
        words = f"{self.service} answered {operation.method} {operation.template} without {what}."
        if operation.method == "GET":
            return BadAnswer(self.service, f"{words} Check the address of the service.", 200)
        return Uncertain(self.service, f"{words} Whether it was done must be looked up.", 200)

    async def aclose(self) -> None:
        """Close the client below."""
        await self._http.aclose()

    async def _send(
        self,
        operation: Operation,
        names: dict[str, str | int],
        *,
        params: Params | None = None,
        body: object = None,
    ) -> Answer:
        outcome = await self._outcome(operation, names, params, body)
        if isinstance(outcome, ServiceError):
            raise outcome  # outside of any handler, so that it drags no request with it
        return self._answer(operation, outcome)

    async def _outcome(
        self,
        operation: Operation,
        names: dict[str, str | int],
        params: Params | None,
        body: object,
    ) -> httpx2.Response | ServiceError:
        try:
            return await self._http.request(
                operation.method,
                operation.path(names),
                params=params,
                json=body,
                extensions={OPERATION: operation},
            )
        except httpx2.RequestError as error:
            return lost(self.service, operation, error)

    async def _heard(
        self,
        operation: Operation,
        names: dict[str, str | int],
        params: Params | None,
        body: object,
    ) -> Heard:
        outcome = await self._outcome(operation, names, params, body)
        if isinstance(outcome, ServiceError):
            raise outcome
        self.last_heard = server_time(outcome.headers) or self.last_heard
        found = json_object(outcome)
        if found is None or not outcome.is_success:
            refused = refusal(self.service, operation, outcome, found)
            if found is None or outcome.status_code == 402 or type(refused) not in _OF_THE_REQUEST:
                raise refused
        heard = server_time(outcome.headers) or self._clock.now()
        return Heard(outcome.status_code, found, outcome.headers, heard)

    def _answer(self, operation: Operation, response: httpx2.Response) -> Answer:
        heard = server_time(response.headers)
        self.last_heard = heard or self.last_heard
        body = json_object(response)
        if not response.is_success or body is None or body.get("success") is False:
            raise refusal(self.service, operation, response, body)
        return Answer(body, heard or self._clock.now())


def lost(service: Service, operation: Operation, error: httpx2.RequestError) -> ServiceError:
    """Turn a request without an answer into an error, without its text, which may quote headers."""
    what = f"{operation.method} {operation.template} ({type(error).__name__})"
    if isinstance(error, NEVER_SENT):
        return Transient(service, f"{service} could not be reached for {what}. Try again later.")
    if operation.method == "GET":
        return Transient(service, f"{service} did not answer {what}. Try again later.")
    return Uncertain(
        service, f"{service} did not answer {what}: it may have been done. Look it up."
    )
