"""GET, POST and DELETE /v1/webhooks."""

from collections.abc import Callable
from typing import Any, cast

from ..messages import Answer, Refused, Request, Row, read_json
from ..outbox import is_local
from .auth import Caller
from .crm import Crm
from .errors import MESSAGES, failure
from .hooks import Hook, Hooks
from .values import SHORT

ACTIONS = ("create", "change", "delete", "*")
OBJECTS = (
    *("activity", "deal", "lead", "note", "organization", "person", "pipeline", "product"),
    *("stage", "user", "*", "deal_product", "deal_installment", "project", "task", "board"),
    *("phase", "dealField", "personField", "organizationField"),
)
"""What may be listened to; the names of the three kinds of fields are ours (fact sheet 15)."""
UNREACHABLE = "invalid or non-reachable URL"


class HookCalls:
    """The calls; each caller sees the webhooks made by the same means as it uses (fact sheet 8)."""

    def __init__(self, hooks: Hooks, crm: Crm, who: Callable[[Request], Caller]) -> None:
        self._hooks = hooks
        self._crm = crm
        self._who = who

    def listing(self, request: Request) -> Answer:
        """GET /webhooks; those that Pipedrive removed stay listed, with the reason."""
        is_app = self._who(request).means == "oauth"
        rows = [self._hooks.shown(hook) for hook in self._hooks.of(is_app=is_app)]
        return _ok(200, {"data": rows})

    def create(self, request: Request) -> Answer:
        """POST /webhooks."""
        caller = self._who(request)
        is_app = caller.means == "oauth"
        given = self._read(request)
        if not self._hooks.has_room(given.get("user_id", caller.user_id), is_app=is_app):
            return failure(422, MESSAGES[422])
        hook = self._hooks.add(given, caller.user_id, is_app=is_app)
        return _ok(201, {"data": self._hooks.shown(hook)})

    def remove(self, request: Request) -> Answer:
        """DELETE /webhooks/{id}; an app's is deleted by the app alone."""
        hook = self._found(request.parts["id"])
        if hook is None:
            return _bad(404, {"id": ["not found"]})
        if hook.is_app != (self._who(request).means == "oauth"):
            return Answer(403, {"success": False, "message": "Forbidden"})
        self._hooks.remove(hook.row["id"])
        return _ok(200, {})

    def _found(self, id: str) -> Hook | None:
        return self._hooks.get(int(id)) if id.isascii() and id.isdigit() and len(id) < 20 else None

    def _read(self, request: Request) -> Row:
        """The attributes of a new webhook. Raises Refused with what is wrong of each."""
        try:
            body: Any = read_json(request.body)
        except ValueError as wrong:
            raise Refused(_bad(400, {"body": [str(wrong)]})) from None
        if not isinstance(body, dict):
            raise Refused(_bad(400, {"body": ["must be a JSON object"]}))
        held = {"version": "2.0"} | cast(Row, body)
        checks = _CHECKS | {"user_id": self._user}
        wrong = {name: [why] for name, check in checks.items() if (why := check(held.get(name)))}
        if wrong:
            raise Refused(_bad(400, wrong))
        return {name: held[name] for name in checks if held.get(name) is not None}

    def _user(self, value: Any) -> str | None:
        known = [user["id"] for user in self._crm.users if user["active_flag"]]
        given = value in known and not isinstance(value, bool)
        return None if value is None or given else "must be the id of an active user"


def _one_of(*choices: str) -> Callable[[Any], str | None]:
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}"


def _url(value: Any) -> str | None:
    """The sandbox reaches this machine alone; whether anybody listens there shows later."""
    return None if isinstance(value, str) and is_local(value) else UNREACHABLE


def _name(value: Any) -> str | None:
    given = isinstance(value, str) and len(value.strip()) >= 1 and len(value) <= SHORT
    return None if given else f"must be a text of 1 to {SHORT} characters"


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, str) else "must be a text"


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "subscription_url": _url,
    "event_action": _one_of(*ACTIONS),
    "event_object": _one_of(*OBJECTS),
    "name": _name,
    "http_auth_user": _text,
    "http_auth_password": _text,
    "version": _one_of("2.0"),
}
"""What is wrong with a value, by name; of versions the sandbox sends the newer one alone."""


def _ok(status: int, more: Row) -> Answer:
    return Answer(status, {"status": "ok", "success": True, **more})


def _bad(status: int, errors: dict[str, list[str]]) -> Answer:
    return Answer(status, {"status": "error", "success": False, "errors": errors})
