"""Endpoints of field definitions."""

import json
from collections.abc import Callable
from typing import Any

from ..clock import Clock
from ..messages import Answer, Request, Row
from ..options import Options
from .errors import Invalid, failed_checks
from .fields import Entity, Fields
from .lists import Params, whole_list
from .record_calls import read_json

_NAMESPACES = ("ui_visibility", "important_fields", "required_fields")


class FieldCalls:
    """The calls of one entity's fields."""

    def __init__(
        self,
        fields: Fields,
        entity: Entity,
        clock: Clock,
        options: Options,
        may: Callable[[str], bool],
    ) -> None:
        self._fields = fields
        self._entity: Entity = entity
        self._clock = clock
        self._options = options
        self._may = may

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
        self._need("add")
        body: Row = read_json(request)
        self._check_name(body.get("field_name"))
        return _done(self._fields.add(self._entity, body, self._clock.now()))

    def update(self, request: Request) -> Answer:
        """PATCH /personFields/{field_code}."""
        self._need("edit")
        body: Row = read_json(request)
        if not body:
            raise failed_checks("body: must have one attribute at least")
        code = request.parts["field_code"]
        old = self._fields.get(self._entity, code)["field_name"]
        if body.get("field_name") != old:
            self._check_name(body.get("field_name"))
        return _done(self._fields.edit(self._entity, code, body))

    def remove(self, request: Request) -> Answer:
        """DELETE /personFields/{field_code}."""
        self._need("delete")
        row = self._fields.delete(self._entity, request.parts["field_code"])
        return _done(_show(row, []))

    def add_options(self, request: Request) -> Answer:
        """POST /personFields/{field_code}/options; answers the new ones."""
        self._need("edit")
        code, now = request.parts["field_code"], self._clock.now()
        body = _read_list(request)
        return _labels(self._fields.add_options(self._entity, code, body, now))

    def rename_options(self, request: Request) -> Answer:
        """PATCH /personFields/{field_code}/options; answers the renamed ones."""
        self._need("edit")
        code, now = request.parts["field_code"], self._clock.now()
        body = _read_list(request)
        return _labels(self._fields.rename_options(self._entity, code, body, now))

    def remove_options(self, request: Request) -> Answer:
        """DELETE /personFields/{field_code}/options; answers those that are gone."""
        self._need("edit")
        code = request.parts["field_code"]
        return _labels(self._fields.remove_options(self._entity, code, _read_list(request)))

    def _need(self, verb: str) -> None:
        """Raises Invalid (403) where the token's user lacks the right (fact sheet 6)."""
        if not self._may(f"can_{verb}_custom_fields"):
            words = f"You do not have permission to {verb} custom fields"
            raise Invalid(words, 403, "ERR_FORBIDDEN")

    def _check_name(self, name: Any) -> None:
        """Raises Invalid where a name is taken, and the option says that it matters."""
        if self._options.same_field_name == "accept" or not isinstance(name, str):
            return
        if name.strip().casefold() in self._fields.names(self._entity):
            raise failed_checks("field_name: a field with this name exists already")


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


def _labels(options: list[Row]) -> Answer:
    shown = [{"id": option["id"], "label": option["label"]} for option in options]
    return Answer(200, {"success": True, "data": shown, "additional_data": None})
