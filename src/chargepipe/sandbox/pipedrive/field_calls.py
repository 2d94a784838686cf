"""Endpoints of field definitions."""

import json
from typing import Any

from ..clock import Clock
from ..messages import Answer, Request, Row
from .errors import failed_checks
from .fields import Entity, Fields
from .lists import Params, whole_list
from .record_calls import read_json

_NAMESPACES = ("ui_visibility", "important_fields", "required_fields")


class FieldCalls:
    """The calls of one entity's fields."""

    def __init__(self, fields: Fields, entity: Entity, clock: Clock) -> None:
        self._fields = fields
        self._entity: Entity = entity
        self._clock = clock

    def listing(self, request: Request) -> Answer:
        """GET /personFields."""
        params = Params(request, "include_fields", "limit", "cursor")
        shown = _namespaces(params)
        return whole_list([_show(row, shown) for row in self._fields.all(self._entity)], params)

    def one(self, request: Request) -> Answer:
        """GET /personFields/{field_code}."""
        shown = _namespaces(Params(request, "include_fields"))
        return _done(_show(self._fields.get(self._entity, request.parts["field_code"]), shown))

    def create(self, request: Request) -> Answer:
        """POST /personFields."""
        body: Row = read_json(request)
        return _done(self._fields.add(self._entity, body, self._clock.now()))

    def update(self, request: Request) -> Answer:
        """PATCH /personFields/{field_code}."""
        body: Row = read_json(request)
        return _done(self._fields.edit(self._entity, request.parts["field_code"], body))

    def remove(self, request: Request) -> Answer:
        """DELETE /personFields/{field_code}."""
        row = self._fields.delete(self._entity, request.parts["field_code"])
        return _done(_show(row, []))

    def add_options(self, request: Request) -> Answer:
        """POST /personFields/{field_code}/options."""
        code, now = request.parts["field_code"], self._clock.now()
        added = self._fields.add_options(self._entity, code, _read_list(request), now)
        shown = [{"id": option["id"], "label": option["label"]} for option in added]
        return Answer(200, {"success": True, "data": shown, "additional_data": None})


def _namespaces(params: Params) -> list[str]:
    names = params.many("include_fields", len(_NAMESPACES)) or []
    if any(name not in _NAMESPACES for name in names):
        raise failed_checks(f"include_fields: must be of {', '.join(_NAMESPACES)}")
    return names


def _show(row: Row, namespaces: list[str]) -> Row:
    return {k: v for k, v in row.items() if k not in _NAMESPACES or k in namespaces}


def _read_list(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        raise failed_checks("body: must be JSON") from None


def _done(data: Any) -> Answer:
    return Answer(200, {"success": True, "data": data})
