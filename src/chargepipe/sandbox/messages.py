"""A request and an answer as plain values, and a small router between them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

Row = dict[str, Any]
"""One record in its wire form (JSON object)."""


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One HTTP request. `path` is raw (percent-encoded, no query); header names are lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    client: str | None = None
    parts: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def params(self) -> dict[str, str]:
        """The query as a mapping; the last of several equal names wins."""
        return dict(self.query)


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """One HTTP answer. `body` is JSON-able, or text that is sent as it is; `tokens` is its cost."""

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json; charset=utf-8"
    tokens: int = 0

    def with_headers(self, *headers: tuple[str, str]) -> "Answer":
        """The same answer with more headers."""
        return replace(self, headers=(*self.headers, *headers))

    def content(self) -> bytes:
        """The body as sent."""
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Refused(Exception):
    """A request that the service answers with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answered {answer.status}")
        self.answer = answer


Handler = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with its method, its path template and what a call costs in tokens."""

    method: str
    template: str
    handler: Handler
    tokens: int = 0


class Router:
    """Finds the route of a request by method and path template (``/persons/{id}``)."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = [(_pattern(route.template), route) for route in routes]

    def find(self, request: Request, path: str) -> tuple[Route, Request] | None:
        """The route and the request with its decoded path parts; None: no such path or method."""
        for pattern, route in self._routes:
            found = pattern.fullmatch(path)
            if found and route.method == request.method:
                parts = {name: unquote(value) for name, value in found.groupdict().items()}
                return route, replace(request, parts=parts)
        return None

    @property
    def routes(self) -> list[Route]:
        """The routes in the order in which they are tried."""
        return [route for _, route in self._routes]

    def knows(self, path: str) -> bool:
        """Whether some method is served at this path."""
        return any(pattern.fullmatch(path) for pattern, _ in self._routes)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


def read_request(scope: Row, body: bytes) -> Request:
    """The request of an ASGI scope."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=raw.partition(b"?")[0].decode("latin-1"),
        query=tuple(query),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=body,
        client=client[0] if client else None,
    )
