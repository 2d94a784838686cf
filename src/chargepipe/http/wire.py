"""Sends the operations of one service and turns every failure into one of our errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2

from chargepipe.http import retry
from chargepipe.http.calls import OPERATION, Operation
from chargepipe.http.clock import Clock
from chargepipe.http.errors import BadAnswer, Service, ServiceError, Transient, Uncertain
from chargepipe.http.headers import server_time
from chargepipe.http.outgoing import NEVER_SENT
from chargepipe.http.refusal import json_object, refusal

Params = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON object of a 2xx answer and the server's own time (aware UTC)."""

    body: dict[str, Any]
    server_time: datetime


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
        self, operation: Operation, params: Params | None = None, **names: str | int
    ) -> Answer:
        """Send a GET, again where that may help. `names` fill in the path.

        Raises any ServiceError but Uncertain.
        """
        return await retry.again(lambda: self._send(operation, names, params=params))

    async def write(self, operation: Operation, body: object = None, **names: str | int) -> Answer:
        """Send a POST, PATCH or DELETE once. Raises Uncertain where its outcome is not known."""
        return await self._send(operation, names, body=body)

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
