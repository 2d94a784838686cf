"""Endpoints of single persons, organizations and deals (fact sheets 3, 4)."""

from typing import Any, cast

from .. import messages
from ..messages import Answer, Request, Row
from .attributes import Kind
from .crm import Crm
from .errors import Invalid, failed_checks
from .lists import Params
from .lookup import Lookup
from .record_show import SHOWN, Show

_CLOSING = ("won_time", "lost_time", "close_time")


class RecordCalls:
    """The calls of one kind of record."""

    def __init__(self, crm: Crm, kind: Kind, lookup: Lookup, show: Show) -> None:
        self._crm = crm
        self._kind: Kind = kind
        self._lookup = lookup
        self._show = show

    def one(self, request: Request) -> Answer:
        """GET /persons/{id}."""
        show = self._show.reader(Params(request, *SHOWN))
        return done(show(self._lookup.readable(self._lookup.id(request))))

    def create(self, request: Request) -> Answer:
        """POST /persons."""
        Params(request)
        self._crm.permissions.need("add", self._kind)
        return done(self._crm.add(self._kind, self._read(request)))

    def update(self, request: Request) -> Answer:
        """PATCH /persons/{id}."""
        Params(request)
        self._crm.permissions.need("edit", self._kind)
        record_id, body = self._lookup.id(request), self._read(request)
        if self._lookup.restorable(record_id, body):
            return done(self._crm.restore(record_id, body))
        self._lookup.editable(record_id)
        return done(self._crm.edit(self._kind, record_id, body))

    def remove(self, request: Request) -> Answer:
        """DELETE /persons/{id}."""
        Params(request)
        self._crm.permissions.need("delete", self._kind)
        record_id = self._lookup.living(self._lookup.id(request))["id"]
        self._crm.delete(self._kind, record_id)
        return done({"id": record_id})

    def _read(self, request: Request) -> Row:
        body: Row = read_json(request)
        closes = self._kind == "deal" and any(key in body for key in _CLOSING)
        if closes and not self._crm.may("can_edit_deals_closed_date"):
            words = "You do not have permission to edit the closed date of deals"
            raise Invalid(words, 403, "ERR_FORBIDDEN")
        return body


def read_value(request: Request) -> Any:
    """The body as JSON, an empty one as an empty object. Raises Invalid."""
    try:
        return messages.read_json(request.body or b"{}")
    except ValueError as wrong:
        raise failed_checks(f"body: {wrong}") from None


def read_json(request: Request) -> Any:
    """The body as a JSON object. Raises Invalid."""
    body = read_value(request)
    if not isinstance(body, dict):
        raise failed_checks("body: must be an object")
    return cast(Row, body)


def done(data: Any, status: int = 200) -> Answer:
    """A good answer."""
    return Answer(status, {"success": True, "data": data})
