"""The control path: what a demo over HTTP may ask and edit."""

import json
from collections.abc import Callable
from typing import Any, cast

from .faults import Fault
from .messages import Answer, Request, Row

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
ALLOWED: dict[str, tuple[str, ...]] = {
    "billing": (
        *("customer", "add_customer", "edit_customer", "delete_customer"),
        *("subscription", "add_subscription", "edit_subscription", "delete_subscription"),
        *("invoice", "add_invoice", "edit_invoice", "delete_invoice"),
        "edit_mrr",
    ),
    "crm": (
        *("person", "add_person", "edit_person", "delete_person", "merge_persons"),
        *("organization", "add_organization", "edit_organization", "delete_organization"),
        *("merge_organizations", "add_field", "delete_field"),
    ),
    "faults": ("add", "clear"),
}
"""The methods that POST /_sandbox/call may call."""


class Control:
    """GET /_sandbox/state and POST /_sandbox/call, from this machine alone."""

    def __init__(self, state: Callable[[], Row], targets: dict[str, object]) -> None:
        self._state = state
        self._targets = targets

    def answer(self, request: Request) -> Answer:
        """The answer to a request under /_sandbox/."""
        if not _is_local(request):
            return _wrong(403, "The control path answers this machine alone")
        match request.method, request.path:
            case "GET", "/_sandbox/state":
                return Answer(200, self._state())
            case "POST", "/_sandbox/call":
                return self._call(request)
            case _:
                return _wrong(404, "There are GET /_sandbox/state and POST /_sandbox/call")

    def _call(self, request: Request) -> Answer:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return _wrong(415, "The body has to be application/json")
        try:
            target, method, args = _read(request.body)
            if target == "faults" and method == "add":
                args = {"fault": Fault(**args)}
            result = getattr(self._targets[target], method)(**args)
        except (KeyError, TypeError, ValueError) as wrong:
            return _wrong(400, str(wrong))
        return Answer(200, {"result": result})


def _read(body: bytes) -> tuple[str, str, dict[str, Any]]:
    call: Any = json.loads(body)
    if not isinstance(call, dict):
        raise ValueError('the body has to be {"target", "method", "args"}')
    held = cast(Row, call)
    target, method = str(held.get("target")), str(held.get("method"))
    if method not in ALLOWED.get(target, ()):
        raise ValueError(f"there is no {target}.{method} to call")
    return target, method, held.get("args") or {}


def _is_local(request: Request) -> bool:
    """Both the peer and the name it calls us by; the name guards against a rebound DNS entry."""
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name in LOOPBACK and request.client in LOOPBACK


def _wrong(status: int, message: str) -> Answer:
    return Answer(status, {"error": message})
