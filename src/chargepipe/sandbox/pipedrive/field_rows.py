"""Rows of field definitions: the built-in ones, and what a body may say of one."""

from typing import Any, Literal

from ..messages import Row
from .errors import failed_checks
from .values import ADDRESS, SHORT

Entity = Literal["person", "organization", "deal"]
ENTITIES: tuple[Entity, ...] = ("person", "organization", "deal")
BUILT_IN: dict[Entity, tuple[tuple[str, str, str], ...]] = {
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
"""Code, name and type of the fields that every account has."""
SETTINGS = ("ui_visibility", "important_fields", "required_fields")


def field(code: str, name: str, kind: str, custom: bool) -> Row:
    """A whole definition."""
    return {
        "field_name": name,
        "field_code": code,
        "field_type": kind,
        "options": None,
        "subfields": _subfields(kind, name),
        "is_custom_field": custom,
        "is_optional_response_field": False,
        "ui_visibility": {"add_visible_flag": not custom, "details_visible_flag": True},
        "important_fields": {"enabled": False, "stage_ids": []},
        "required_fields": {"enabled": False},
    }


def extra(entity: Entity) -> tuple[str, ...]:
    """The attributes that only this entity's fields have."""
    return ("description",) if entity == "deal" else ()


def settings(entity: Entity, body: Row) -> Row:
    """The flags that a body sets. Raises Invalid."""
    for key in SETTINGS:
        if not isinstance(body.get(key, {}), dict):
            raise failed_checks(f"{key}: must be an object")
    return {key: body[key] for key in (*SETTINGS, *extra(entity)) if key in body}


def check_keys(body: Row, *known: str) -> None:
    """Raises Invalid with every key that is not known."""
    strange = [key for key in body if key not in known]
    if strange:
        problems = (f"{key}: Parameter '{key}' is not allowed for this request" for key in strange)
        raise failed_checks(*problems)


def read_name(value: Any, key: str) -> str:
    """A name or label, trimmed. Raises Invalid."""
    name = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(name) <= SHORT:
        raise failed_checks(f"{key}: must be a string of 1 to {SHORT} characters")
    return name


def _subfields(kind: str, name: str) -> list[Row] | None:
    """The parts of a field that has some; its own value is the first one."""
    match kind:
        case "monetary":
            parts = {"value": ("Amount", "double"), "currency": ("Currency", "varchar")}
        case "address":
            parts = {part: (part.replace("_", " ").capitalize(), "varchar") for part in ADDRESS}
        case _:
            return None
    return [
        {"field_code": code, "field_name": f"{words} of {name}", "field_type": held}
        for code, (words, held) in parts.items()
    ]
