"""The control path: what a page, a demo or a test over HTTP may see and do."""

import json
from collections.abc import Callable
from typing import Any, cast

from .allowed import ALLOWED
from .arguments import check
from .faults import Fault
from .guard import refusal
from .messages import Answer, Refused, Request, Row
from .page_files import page_file

PREFIX = "/_sandbox/"
_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
)


class Control:
    """GET /_sandbox/ (the page), GET /_sandbox/state and POST /_sandbox/call."""

    def __init__(self, state: Callable[[], Row], target: Callable[[str], object]) -> None:
        self._state = state
        self._target = target

    def answer(self, request: Request) -> Answer:
        """The answer to a request under /_sandbox/."""
        return self._answer(request).with_headers(*_ALWAYS)

    def _answer(self, request: Request) -> Answer:
        file = page_file(request.path.removeprefix(PREFIX)) if request.method == "GET" else None
        why = refusal(request, to_look=file is not None)
        if why:
            return _wrong(403, why)
        match request.method, request.path:
            case "GET", "/_sandbox/state":
                return Answer(200, self._state())
            case "POST", "/_sandbox/call":
                return self._call(request)
            case _:
                return file or _wrong(404, "There are GET /_sandbox/, GET state and POST call")

    def _call(self, request: Request) -> Answer:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return _wrong(415, "The body has to be application/json")
        try:
            target, method, args = _read(request.body)
            return Answer(200, {"result": self._do(target, method, args)})
        except Refused as refused:
            return _wrong(400, _words_of(refused.answer))
        except (KeyError, TypeError, ValueError, OverflowError) as wrong:
            return _wrong(400, _words(wrong))

    def _do(self, target: str, method: str, args: Row) -> object:
        called = getattr(self._target(target), method)
        if (target, method) == ("faults", "add"):
            check(Fault, args)
            return called(Fault(**args))
        check(called, args)
        return called(**args)


def _read(body: bytes) -> tuple[str, str, dict[str, Any]]:
    call: Any = json.loads(body)
    if not isinstance(call, dict):
        raise ValueError('the body has to be {"target", "method", "args"}')
    held = cast(Row, call)
    target, method = str(held.get("target")), str(held.get("method"))
    if method not in ALLOWED.get(target, ()):
        raise ValueError(f"there is no {target}.{method} to call")
    args: Any = held.get("args") or {}
    if not isinstance(args, dict):
        raise ValueError("args has to be an object of names and values")
    return target, method, cast(Row, args)


def _words(wrong: Exception) -> str:
    """The message; that of a KeyError without the quotes that Python puts around it."""
    return str(wrong.args[0]) if isinstance(wrong, KeyError) and wrong.args else str(wrong)


def _words_of(answer: Answer) -> str:
    body: Any = answer.body
    held = cast(Row, body) if isinstance(body, dict) else {}
    return str(held.get("error") or held.get("message") or f"answered {answer.status}")


def _wrong(status: int, message: str) -> Answer:
    return Answer(status, {"error": message})
