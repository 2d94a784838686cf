"""Field definitions of persons, organizations and deals."""

from collections.abc import Iterator
from hashlib import sha1
from typing import Any, Literal, cast

from ..data.draw import iso
from ..messages import Row
from .company import Company
from .errors import Invalid, failed_checks
from .values import SHORT, TYPES

Entity = Literal["person", "organization", "deal"]
ENTITIES: tuple[Entity, ...] = ("person", "organization", "deal")
_BUILT_IN: dict[Entity, tuple[tuple[str, str, str], ...]] = {
    "person": (
        ("name", "Name", "varchar"),
        ("first_name", "First name", "varchar"),
        ("last_name", "Last name", "varchar"),
        ("email", "Email", "varchar"),
        ("phone", "Phone", "phone"),
        ("org_id", "Organization", "org"),
        ("owner_id", "Owner", "user"),
        ("add_time", "Person created", "date"),
        ("update_time", "Update time", "date"),
        ("visible_to", "Visible to", "visible_to"),
    ),
    "organization": (
        ("name", "Name", "varchar"),
        ("address", "Address", "address"),
        ("owner_id", "Owner", "user"),
        ("add_time", "Organization created", "date"),
        ("update_time", "Update time", "date"),
        ("visible_to", "Visible to", "visible_to"),
    ),
    "deal": (
        ("title", "Title", "varchar"),
        ("value", "Value", "monetary"),
        ("stage_id", "Stage", "stage"),
        ("status", "Status", "status"),
        ("person_id", "Contact person", "people"),
        ("org_id", "Organization", "org"),
        ("owner_id", "Owner", "user"),
        ("expected_close_date", "Expected close date", "date"),
    ),
}
_SETTINGS = ("ui_visibility", "important_fields", "required_fields")


class Fields:
    """The fields of one account; as many custom ones in all as the plan allows (fact sheet 2.5)."""

    def __init__(self, seed: int, company: Company) -> None:
        self._seed = seed
        self._company = company
        self._made = 0
        self._options = 0
        self._rows: dict[Entity, dict[str, Row]] = {
            entity: {code: _field(code, *rest, custom=False) for code, *rest in fields}
            for entity, fields in _BUILT_IN.items()
        }

    def all(self, entity: Entity) -> Iterator[Row]:
        """Every field of an entity, built-in ones first."""
        return iter(list(self._rows[entity].values()))

    def custom(self, entity: Entity) -> dict[str, Row]:
        """The custom fields of an entity by code."""
        return {code: row for code, row in self._rows[entity].items() if row["is_custom_field"]}

    def get(self, entity: Entity, code: str) -> Row:
        """One field. Raises Invalid (404)."""
        row = self._rows[entity].get(code)
        if row is None:
            raise Invalid("Field not found", 404, "ERR_NOT_FOUND")
        return row

    def add(self, entity: Entity, body: Row, now: float) -> Row:
        """Make a custom field. Names need not be unique. Raises Invalid."""
        _check_keys(body, "field_name", "field_type", "options", *_SETTINGS, *_extra(entity))
        name, kind = _name(body.get("field_name"), "field_name"), body.get("field_type")
        if kind not in TYPES:
            raise failed_checks(f"field_type: must be one of {', '.join(TYPES)}")
        options = self._read_options(kind, body.get("options"), now)
        if sum(len(self.custom(each)) for each in ENTITIES) >= self._company.field_quota:
            raise Invalid(
                f"Couldn't add the {entity} field. Custom fields limit reached.",
                403,
                "feature_capping_custom_fields_limit",
            )
        self._made += 1
        code = sha1(f"{self._seed} {self._made}".encode(), usedforsecurity=False).hexdigest()
        row = _field(code, name, kind, custom=True) | {"options": options} | _settings(entity, body)
        self._rows[entity][code] = row
        return row

    def edit(self, entity: Entity, code: str, body: Row) -> Row:
        """Rename a custom field or set its flags; its type stays. Raises Invalid."""
        _check_keys(body, "field_name", *_SETTINGS, *_extra(entity))
        row = self._custom_one(entity, code)
        if "field_name" in body:
            row = row | {"field_name": _name(body["field_name"], "field_name")}
        self._rows[entity][code] = row | _settings(entity, body)
        return self._rows[entity][code]

    def delete(self, entity: Entity, code: str) -> Row:
        """Take a custom field and all its values away. Raises Invalid."""
        row = self._custom_one(entity, code)
        del self._rows[entity][code]
        return row

    def add_options(self, entity: Entity, code: str, body: Any, now: float) -> list[Row]:
        """Add options to an enum or set field, all or none. Raises Invalid."""
        row = self._custom_one(entity, code)
        if row["field_type"] not in ("enum", "set"):
            raise failed_checks("field_code: the field has no options")
        added = self._read_options("enum", body, now) or []
        self._rows[entity][code] = row | {"options": [*(row["options"] or []), *added]}
        return added

    def _custom_one(self, entity: Entity, code: str) -> Row:
        row = self.get(entity, code)
        if not row["is_custom_field"]:
            raise Invalid("A built-in field cannot be changed", 403, "ERR_FORBIDDEN")
        return row

    def _read_options(self, kind: str, given: Any, now: float) -> list[Row] | None:
        if kind not in ("enum", "set"):
            if given is not None:
                raise failed_checks("options: only enum and set fields have options")
            return None
        if not isinstance(given, list) or not given:
            raise failed_checks("options: must be a list of objects with a label")
        labels = [_label(item) for item in cast(list[Any], given)]
        return [self._option(label, now) for label in labels]

    def _option(self, label: str, now: float) -> Row:
        self._options += 1
        times = {"add_time": iso(now), "update_time": iso(now)}
        return {"id": self._options, "label": label, "color": None, **times}


def _extra(entity: Entity) -> tuple[str, ...]:
    return ("description",) if entity == "deal" else ()


def _field(code: str, name: str, kind: str, custom: bool) -> Row:
    return {
        "field_name": name,
        "field_code": code,
        "field_type": kind,
        "options": None,
        "subfields": _subfields(name) if kind == "monetary" else None,
        "is_custom_field": custom,
        "is_optional_response_field": False,
        "ui_visibility": {"add_visible_flag": not custom, "details_visible_flag": True},
        "important_fields": {"enabled": False, "stage_ids": []},
        "required_fields": {"enabled": False},
    }


def _subfields(name: str) -> list[Row]:
    return [
        {"field_code": "value", "field_name": f"Amount of {name}", "field_type": "double"},
        {"field_code": "currency", "field_name": f"Currency of {name}", "field_type": "varchar"},
    ]


def _settings(entity: Entity, body: Row) -> Row:
    for key in _SETTINGS:
        if not isinstance(body.get(key, {}), dict):
            raise failed_checks(f"{key}: must be an object")
    return {key: body[key] for key in (*_SETTINGS, *_extra(entity)) if key in body}


def _check_keys(body: Row, *known: str) -> None:
    strange = [key for key in body if key not in known]
    if strange:
        problems = (f"{key}: Parameter '{key}' is not allowed for this request" for key in strange)
        raise failed_checks(*problems)


def _label(item: Any) -> str:
    if not isinstance(item, dict):
        raise failed_checks("options: must be a list of objects with a label")
    option = cast(Row, item)
    _check_keys(option, "label")
    return _name(option.get("label"), "label")


def _name(value: Any, key: str) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(name) <= SHORT:
        raise failed_checks(f"{key}: must be a string of 1 to {SHORT} characters")
    return name
