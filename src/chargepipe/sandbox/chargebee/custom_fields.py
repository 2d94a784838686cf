"""The merchant's own fields: what they are and how a list filters by them (fact sheet 9)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..data.custom_fields import CUSTOMER_FIELDS
from ..data.draw import START
from ..messages import Row
from .filters import NUMBER, TEXT, TIME, Field

PREFIX = "cf_"
_OPERATORS = {"long": NUMBER, "double": NUMBER, "date": TIME, "timestamp": TIME}
_ENTITIES = ("customer", "subscription", "invoice")
_EDITED = {"date": "date_field", "timestamp": "date_time_field"}


class CustomFields:
    """The fields of the sample data, and each one that an edit of the books brings."""

    def __init__(self) -> None:
        self._configs: dict[tuple[str, str], Row] = {}
        self._seen: dict[str, set[str]] = {kind: set() for kind in _ENTITIES}
        for made in CUSTOMER_FIELDS:
            kind = made.datatype, _EDITED.get(made.datatype, made.edit_ui)
            config = _config("customer", made.api_name, kind, START)
            config["display_name"] = made.display_name
            if made.options:
                config["props"] = json.dumps({"dropdown_options": list(made.options)})
            self._configs["customer", made.api_name] = config

    def hear(self, event: Row) -> None:
        """Learn the fields that the resources of an event have."""
        for kind, resource in event["content"].items():
            if kind in _ENTITIES:
                self._learn(kind, resource, event["occurred_at"])

    def configs(self) -> list[Row]:
        """The rows of GET /custom_field_configs, of all entities."""
        return list(self._configs.values())

    def field(self, kind: str, name: str) -> Field | None:
        """How a list can be filtered by a custom field; None where there is none of the name."""
        config = self._configs.get((kind, name))
        if config is None:
            return None
        operators = _OPERATORS.get(config["field_datatype"], TEXT)
        read = _unix if operators is TIME else _plain
        return Field(operators, lambda row: read(row.get(name)))

    def _learn(self, kind: str, resource: Mapping[str, Any], now: int) -> None:
        seen = self._seen[kind]
        for name in sorted(resource.keys() - seen):
            seen.add(name)
            if name.startswith(PREFIX) and (kind, name) not in self._configs:
                self._configs[kind, name] = _config(kind, name, _kind_of(resource[name]), now)


def _config(entity: str, name: str, kind: tuple[str, str], now: int) -> Row:
    """`kind`: the datatype and how it is edited. What `props` holds is not known; this is ours."""
    return {
        "entity_type": entity,
        "api_name": name,
        "display_name": name.removeprefix(PREFIX).replace("_", " ").capitalize(),
        "field_datatype": kind[0],
        "edit_ui": kind[1],
        "required": False,
        "props": "{}",
        "status": "active",
        "published_status": "published",
        "created_at": now,
        "modified_at": now,
    }


def _kind_of(value: object) -> tuple[str, str]:
    """Datatype and edit_ui that fit a value. A truth value has no datatype of its own."""
    match value:
        case bool():
            return "string", "check_box"
        case int():
            return "long", "text"
        case float():
            return "double", "text"
        case _:
            return ("date", "date_field") if _unix(value) is not None else ("string", "text")


def _plain(value: object) -> object:
    """A truth value is filtered by as text."""
    return str(value).lower() if isinstance(value, bool) else value


def _unix(value: object) -> int | None:
    """Unix seconds of a date or time, however it is written; None for anything else."""
    if isinstance(value, int):
        return value
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
