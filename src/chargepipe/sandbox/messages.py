"""A request and an answer as plain values, and a small router between them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

Row = dict[str, Any]
"""One record in its wire form (JSON object)."""
DEEPEST = 50
"""Levels that a JSON body may be nested; the sandbox's own rows have fewer than ten."""


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
            return self.body.encode(errors="replace")
        text = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")


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


def read_json(body: bytes | str) -> Any:
    """The value of a JSON body; everything that comes in as JSON is read here.

    Raises ValueError with words that go behind the name of what was read ("must be JSON"): for
    what is no JSON in UTF-8, for numbers that are none (NaN, Infinity, 1e999), for half surrogate
    pairs, which no answer could carry, and beyond `DEEPEST` levels.
    """
    try:
        text = body if isinstance(body, str) else body.decode()
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except _NoNumber:
        raise ValueError("must not hold NaN or Infinity") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError:
        raise ValueError("must be JSON") from None
    _check_inside(value)
    return value


_TOO_DEEP = f"must not be nested more than {DEEPEST} levels deep"


class _NoNumber(ValueError):
    """JSON has no such number."""


def _no_number(name: str) -> float:
    raise _NoNumber(name)


def _finite(text: str) -> float:
    return value if isfinite(value := float(text)) else _no_number(text)


def _check_inside(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for held in level for inner in _inside(held)]
    if level:
        raise ValueError(_TOO_DEEP)


def _inside(value: Any) -> list[Any]:
    """What a value holds. Raises ValueError for a text that cannot be sent."""
    if isinstance(value, str):
        if not is_text(value):
            raise ValueError("must be Unicode text, without half surrogate pairs")
    elif isinstance(value, dict):
        held = cast(Row, value)
        return [*held.keys(), *held.values()]
    elif isinstance(value, list):
        return cast(list[Any], value)
    return []


def is_text(text: str) -> bool:
    """Whether a text can be written in UTF-8: half a surrogate pair cannot."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


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
