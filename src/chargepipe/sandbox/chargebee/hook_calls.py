"""Calls that manage the webhook endpoints; the full-access key alone may write (access.py)."""

import re
from itertools import count
from typing import Any

from ..messages import Answer, Request, Route, Row
from ..outbox import is_local
from .errors import not_found, refused, wrong
from .fields import PLAIN
from .form import Form, read_form
from .hooks import Endpoint, Hooks
from .params import boolean
from .plain import plain_list
from .schema import FORMS, form_of
from .world import World

MOST = 5
"""Endpoints of a site (fact sheet 7)."""
_FLAGS = ("primary_url", "disabled", "send_card_resource")
_SECRETS = ("basic_auth_username", "basic_auth_password")
_CHANGED = ("name", "url", "api_version", *_FLAGS, *_SECRETS)
_LISTS = ("enabled_events",)
_EVENT_TYPE = re.compile(r"[a-z]+(_[a-z]+)*")


class HookCalls:
    """POST bodies are forms, as Chargebee's own clients send them."""

    def __init__(self, world: World, hooks: Hooks) -> None:
        self._world = world
        self._hooks = hooks
        self._turn = count(1)

    def routes(self) -> list[Route]:
        """The calls."""
        base, one = "/webhook_endpoints", "/webhook_endpoints/{id}"
        return [
            Route("GET", base, self._list),
            Route("POST", base, self._create),
            Route("GET", one, lambda request: _told(self._found(request))),
            Route("POST", one, self._update),
            Route("POST", one + "/delete", self._delete),
        ]

    def _list(self, request: Request) -> Answer:
        rows = self._hooks.rows()
        return plain_list("webhook_endpoint", rows, PLAIN, request.params, self._world)

    def _create(self, request: Request) -> Answer:
        form = read_form(
            request, (*_CHANGED, "chargebee_response_schema_type"), ("enabled_events",)
        )
        for name in ("name", "url"):
            if not form.texts.get(name):
                raise wrong(name, "cannot be blank")
        if len(self._hooks.rows()) >= MOST:
            message = f"A site has {MOST} webhook endpoints at most; delete one first"
            raise refused(400, "resource_limit_exhausted", message)
        catalog = self._world.site.catalog
        row: Row = {
            "id": f"whv2_{next(self._turn):08}",
            **dict.fromkeys(_FLAGS, False),
            "api_version": "v2",
            "chargebee_response_schema_type": form_of(catalog, None),
            "object": "webhook_endpoint",
        }
        return self._kept(Endpoint(row | _changes(form), _auth(form, None)))

    def _update(self, request: Request) -> Answer:
        old = self._found(request)
        form = read_form(request, _CHANGED, _LISTS)
        return self._kept(Endpoint(old.row | _changes(form), _auth(form, old.auth)))

    def _delete(self, request: Request) -> Answer:
        gone = self._found(request)
        self._hooks.remove(gone.row["id"])
        return _told(gone)

    def _kept(self, endpoint: Endpoint) -> Answer:
        self._hooks.put(endpoint)
        return _told(endpoint)

    def _found(self, request: Request) -> Endpoint:
        id = request.parts["id"]
        try:
            return self._hooks.find(id)
        except KeyError:
            raise not_found("webhook_endpoint", id) from None


def _told(endpoint: Endpoint) -> Answer:
    return Answer(200, {"webhook_endpoint": endpoint.row})


def _changes(form: Form) -> Row:
    """The attributes that a form sets; 400 for a value that one of them cannot have."""
    changes: dict[str, Any] = {}
    for name, value in form.texts.items():
        if name in _FLAGS:
            changes[name] = boolean(name, value)
        elif name not in _SECRETS:
            _check(name, value)
            changes[name] = value
    if "enabled_events" in form.lists:
        changes["enabled_events"] = _event_types(form.lists["enabled_events"])
    return changes


def _check(name: str, value: str) -> None:
    if name == "name" and not value:
        raise wrong(name, "cannot be blank")
    if name == "url" and not is_local(value):
        raise wrong(name, "has to be on this machine: the sandbox sends nowhere else")
    if name == "api_version" and value not in ("v1", "v2"):
        raise wrong(name, "takes one of v1, v2")
    if name == "chargebee_response_schema_type" and value not in FORMS:
        raise wrong(name, f"takes one of {', '.join(FORMS)}")


def _event_types(names: list[str]) -> list[str]:
    """Names are looked at for their form alone: Chargebee adds types without a new version."""
    for name in names:
        if not _EVENT_TYPE.fullmatch(name):
            raise wrong("enabled_events", "holds what is no event type")
    return sorted(set(names))


def _auth(form: Form, old: tuple[str, str] | None) -> tuple[str, str] | None:
    """User and password for Basic auth; an empty user ends it."""
    user, password = (form.texts.get(name) for name in _SECRETS)
    if user is None and password is None:
        return old
    held = old or ("", "")
    auth = user if user is not None else held[0], password if password is not None else held[1]
    return auth if auth[0] else None
