"""Endpoints of field definitions."""

from typing import Any

from ..clock import Clock
from ..messages import Answer, Request, Row
from ..options import Options
from .crm import Crm
from .errors import Invalid, failed_checks
from .fields import Entity
from .lists import Params, whole_list
from .record_calls import done, read_json, read_value

_NAMESPACES = ("ui_visibility", "important_fields", "required_fields")


class FieldCalls:
    """The calls of one entity's fields."""

    def __init__(self, crm: Crm, entity: Entity, clock: Clock, options: Options) -> None:
        self._crm = crm
        self._fields = crm.field_set
        self._entity: Entity = entity
        self._clock = clock
        self._options = options

    def listing(self, request: Request) -> Answer:
        """GET /personFields."""
        params = Params(request, "include_fields", "limit", "cursor")
        shown = _namespaces(params)
        rows = [_show(row, shown) for row in self._fields.all(self._entity)]
        return whole_list(rows, params, self._crm.cursors)

    def one(self, request: Request) -> Answer:
        """GET /personFields/{field_code}."""
        shown = _namespaces(Params(request, "include_fields"))
        return done(_show(self._fields.get(self._entity, request.parts["field_code"]), shown))

    def create(self, request: Request) -> Answer:
        """POST /personFields."""
        Params(request)
        self._need("add")
        body: Row = read_json(request)
        self._check_name(body.get("field_name"))
        return done(self._fields.add(self._entity, body, self._clock.now()))

    def update(self, request: Request) -> Answer:
        """PATCH /personFields/{field_code}."""
        Params(request)
        self._need("edit")
        body: Row = read_json(request)
        if not body:
            raise failed_checks("body: must have one attribute at least")
        code = request.parts["field_code"]
        old = self._fields.get(self._entity, code)["field_name"]
        if body.get("field_name") != old:
            self._check_name(body.get("field_name"))
        return done(self._fields.edit(self._entity, code, body))

    def remove(self, request: Request) -> Answer:
        """DELETE /personFields/{field_code}."""
        Params(request)
        self._need("delete")
        row = self._fields.delete(self._entity, request.parts["field_code"])
        return done(_show(row, []))

    def add_options(self, request: Request) -> Answer:
        """POST /personFields/{field_code}/options; answers the new ones."""
        Params(request)
        self._need("edit")
        code, now = request.parts["field_code"], self._clock.now()
        body = read_value(request)
        return _labels(self._fields.add_options(self._entity, code, body, now))

    def rename_options(self, request: Request) -> Answer:
        """PATCH /personFields/{field_code}/options; answers the renamed ones."""
        Params(request)
        self._need("edit")
        code, now = request.parts["field_code"], self._clock.now()
        body = read_value(request)
        return _labels(self._fields.rename_options(self._entity, code, body, now))

    def remove_options(self, request: Request) -> Answer:
        """DELETE /personFields/{field_code}/options; answers those that are gone."""
        Params(request)
        self._need("edit")
        code = request.parts["field_code"]
        return _labels(self._fields.remove_options(self._entity, code, read_value(request)))

    def _need(self, verb: str) -> None:
        """Raises Invalid (403) where the token's user lacks the right (fact sheet 6)."""
        if not self._crm.may(f"can_{verb}_custom_fields"):
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


def _labels(options: list[Row]) -> Answer:
    shown = [{"id": option["id"], "label": option["label"]} for option in options]
    return Answer(200, {"success": True, "data": shown, "additional_data": None})
