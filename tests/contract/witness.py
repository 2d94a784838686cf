"""Watches the sandbox: every exchange is kept and held against the published descriptions.

`watch` it before it is served or handed to a transport; `swear` fails with every complaint.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from chargepipe.sandbox import Sandbox
from contract import relaxed
from contract.descriptions import Service, find
from contract.events import content_complaints, events_in
from contract.forms import FORM, read_form
from contract.operations import JSON, Operation, compiled, complaints

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
DROPPED = 0
"""The status of an exchange whose connection died."""
_PIPEDRIVE_ERROR = compiled(relaxed.PIPEDRIVE_ERROR)
_OAUTH_ERROR = compiled(relaxed.OAUTH_ERROR)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, raw."""

    service: Service
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    status: int = DROPPED
    kind: str = ""
    answer: bytes = field(default=b"", repr=False)

    @cached_property
    def operation(self) -> Operation | None:
        """What the descriptions call it."""
        return find(self.service, self.method, self.path)

    @property
    def agent(self) -> str:
        """Who asked, as the client names itself."""
        return self.headers.get("user-agent", "")

    @property
    def name(self) -> str:
        """Method and template, else the path itself."""
        operation = self.operation
        where = operation.template if operation else self.path
        return f"{self.service} {self.method} {where} {self.status}"

    @property
    def accepted(self) -> bool:
        """Whether the service took the request."""
        return 200 <= self.status < 400

    @property
    def is_json(self) -> bool:
        """Whether the answer says that it is JSON."""
        return self.kind.partition(";")[0] == JSON

    def complaints(self) -> list[str]:
        """Whatever does not fit the descriptions; empty where all is well."""
        found = self._of_request() if self.accepted else []
        return [f"{self.name}: {each}" for each in [*found, *self._of_answer()]]

    def _of_request(self) -> list[str]:
        """An accepted request has to be as described; a refused one need not."""
        operation = self.operation
        if operation is None:
            return ["was accepted, and is not described"]
        kind = self.headers.get("content-type", "").partition(";")[0]
        query = operation.query_complaints(list(self.query))
        return [*query, *operation.body_complaints(kind, self._read_body(kind))]

    def _read_body(self, kind: str) -> Any:
        if not self.body:
            return None
        return read_form(self.body) if kind == FORM else json.loads(self.body)

    def _of_answer(self) -> Iterable[str]:
        if not self.status:
            return ()
        if not self.is_json:
            return self._of_text()
        body = json.loads(self.answer)
        operation = self.operation
        if operation and operation.describes(self.status):
            found = operation.answer_complaints(self.status, body)
            return [*found, *(c for each in events_in(body) for c in content_complaints(each))]
        if self.status < 400:
            return ["this status is not described"]
        return self._of_error(body)

    def _of_text(self) -> list[str]:
        kind = self.kind.partition(";")[0]
        responses = self.operation.details["responses"] if self.operation else {}
        if kind in responses.get(str(self.status), {}).get("content", {}):
            return []
        for_people = self.path.startswith("/oauth/") and kind == relaxed.OAUTH_PAGES
        if self.status >= 400 and (for_people or self.status in relaxed.TEXT_ERRORS[self.service]):
            return []
        return [f"the answer is {self.kind or 'of no type'}"]

    def _of_error(self, body: Any) -> Iterable[str]:
        """Errors that the description of the operation leaves out."""
        if self.service == "pipedrive":
            shape = _OAUTH_ERROR if self.path.startswith("/oauth/") else _PIPEDRIVE_ERROR
            return complaints(shape, body, "error")
        known = find("chargebee", "GET", "/api/v2/customers")
        if known is None or self.status not in relaxed.CHARGEBEE_ERRORS:
            return [f"Chargebee has no error {self.status}"]
        return known.answer_complaints(400, body)


class Witness:
    """Keeps what was said. `before` is called ahead of every request, to let time pass."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.exchanges: list[Exchange] = []
        self.before = before

    def watch(self, sandbox: Sandbox) -> None:
        """Stand in front of both services; the sandbox's own pages and its control are let by."""
        for service in ("chargebee", "pipedrive"):
            app = getattr(sandbox, service)
            setattr(sandbox, service, _Watched(service, app, self))

    def complaints(self) -> Counter[str]:
        """Every complaint and how often it came up."""
        return Counter(each for exchange in self.exchanges for each in exchange.complaints())

    def share(self) -> float:
        """The share of the exchanges that are as described."""
        assert self.exchanges, "the witness saw nothing"
        return sum(not each.complaints() for each in self.exchanges) / len(self.exchanges)

    def asked(self, service: Service, method: str) -> int:
        """How many requests of a method were accepted."""
        found = [e for e in self.exchanges if (e.service, e.method) == (service, method)]
        return sum(each.accepted for each in found)

    def swear(self) -> None:
        """Fail with all complaints unless everything is as described; print the share."""
        found = self.complaints()
        lines = [f"{times} x {each}" for each, times in found.most_common(40)]
        print(f"\n{len(self.exchanges)} exchanges, {self.share():.0%} as described")  # noqa: T201
        assert not found, "\n".join(["the sandbox is not as described:", *lines])


class _Watched:
    """An ASGI app that passes everything on and tells the witness."""

    def __init__(self, service: Service, app: App, witness: Witness) -> None:
        self._service: Service = service
        self._app = app
        self._witness = witness

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not is_api(self._service, scope["path"]):
            await self._app(scope, receive, send)
            return
        self._witness.before()
        body = await _whole(receive)
        sent: list[dict[str, Any]] = []

        async def receive_again() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def note(message: dict[str, Any]) -> None:
            sent.append(message)
            await send(message)

        await self._app(scope, receive_again, note)
        self._witness.exchanges.append(_exchange(self._service, scope, body, sent))


def is_api(service: Service, path: str) -> bool:
    """Whether a path is the simulated service's, not the sandbox's own."""
    bases = {"chargebee": ("/api/",), "pipedrive": ("/api/", "/v1/", "/oauth/")}
    return path.startswith(bases[service])


async def _whole(receive: Any) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _exchange(
    service: Service, scope: dict[str, Any], body: bytes, sent: list[dict[str, Any]]
) -> Exchange:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    asked = (
        service,
        scope["method"],
        raw.partition(b"?")[0].decode(),
        tuple(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
        {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body,
    )
    if len(sent) < 2:
        return Exchange(*asked)
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    answer = b"".join(message.get("body", b"") for message in sent[1:])
    return Exchange(*asked, sent[0]["status"], headers.get("content-type", ""), answer)
