"""The control path: what a page, a demo or a test over HTTP may see and do."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from .allowed import ALLOWED
from .arguments import check
from .faults import Fault
from .guard import refusal
from .messages import Answer, Refused, Request, Row, read_json
from .page_files import page_file
from .patterns import refuse_slow

PREFIX = "/_sandbox/"
_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
)
_METHODS = {"state": "GET", "call": "POST"}
_log = logging.getLogger(__name__)


class Control:
    """GET /_sandbox/ (the page), GET /_sandbox/state and POST /_sandbox/call.

    state: what is told of the sandbox. target: finds what is called by the name of a target.
    """

    def __init__(self, state: Callable[[], Row], target: Callable[[str], object]) -> None:
        self._state = state
        self._target = target

    async def answer(self, request: Request) -> Answer:
        """The answer to a request under /_sandbox/."""
        return (await self._answer(request)).with_headers(*_ALWAYS)

    async def _answer(self, request: Request) -> Answer:
        name = request.path.removeprefix(PREFIX)
        file = page_file(name)
        why = refusal(request, to_look=file is not None and request.method == "GET")
        if why:
            return _wrong(403, why)
        method = _METHODS.get(name) or ("GET" if file else None)
        if method is None:
            return _wrong(404, "There are GET /_sandbox/, GET state and POST call")
        if request.method != method:
            wrong = _wrong(405, f"The only method here is {method}")
            return wrong.with_headers(("allow", method))
        if name == "call":
            return await self._call(request)
        return file or Answer(200, self._state())

    async def _call(self, request: Request) -> Answer:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return _wrong(415, "The body has to be application/json")
        try:
            target, method, args = _read(request.body)
        except ValueError as wrong:
            return _wrong(400, str(wrong))
        try:
            return Answer(200, {"result": await self._do(target, method, args)})
        except Refused as refused:
            return _wrong(400, _words_of(refused.answer))
        except (KeyError, ValueError) as wrong:
            return _wrong(400, _words(wrong))
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError) as wrong:
            _log.warning("%s.%s failed: %s", target, method, type(wrong).__name__)
            return _wrong(400, f"{target}.{method} can do nothing with these values")

    async def _do(self, target: str, method: str, args: Row) -> object:
        called = getattr(self._target(target), method)
        if (target, method) == ("faults", "add"):
            return called(_fault(args))
        check(called, args)
        result = called(**args)
        return await cast(Awaitable[object], result) if isinstance(result, Awaitable) else result


def _fault(args: Row) -> Fault:
    check(Fault, args)
    for name in ("method", "path"):
        refuse_slow(args.get(name))
    return Fault(**args)


def _read(body: bytes) -> tuple[str, str, dict[str, Any]]:
    try:
        call: Any = read_json(body)
    except ValueError as wrong:
        raise ValueError(f"the body {wrong}") from None
    if not isinstance(call, dict):
        raise ValueError('the body has to be {"target", "method", "args"}')
    held = cast(Row, call)
    target, method = held.get("target"), held.get("method")
    if not isinstance(target, str) or not isinstance(method, str):
        raise ValueError("target and method have to name what is to call, as text")
    _check_allowed(target, method)
    args: Any = held.get("args") or {}
    if not isinstance(args, dict):
        raise ValueError("args has to be an object of names and values")
    return target, method, cast(Row, args)


def _check_allowed(target: str, method: str) -> None:
    known = ALLOWED.get(target)
    if known is None:
        targets = ", ".join(ALLOWED)
        raise ValueError(f"there is no {target}.{method} to call; targets are {targets}")
    if method not in known:
        methods = ", ".join(known)
        raise ValueError(f"there is no {target}.{method} to call; {target} has {methods}")


def _words(wrong: Exception) -> str:
    """The message; that of a KeyError without the quotes that Python puts around it."""
    return str(wrong.args[0]) if isinstance(wrong, KeyError) and wrong.args else str(wrong)


def _words_of(answer: Answer) -> str:
    body: Any = answer.body
    held = cast(Row, body) if isinstance(body, dict) else {}
    return str(held.get("error") or held.get("message") or f"answered {answer.status}")


def _wrong(status: int, message: str) -> Answer:
    return Answer(status, {"error": message})
