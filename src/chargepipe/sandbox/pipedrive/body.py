"""Bodies of persons and organizations, checked as strictly as API v2 does (fact sheets 3, 4)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, cast

from ..data.draw import iso, unix
from ..messages import Row
from . import values
from .errors import Invalid, failed_checks

Kind = Literal["person", "organization"]
Check = Callable[[Any], Any]
CONTACT_SYNC = ("postal_address", "notes", "im", "birthday", "job_title")
VISIBILITIES = (1, 3, 5, 7)


@dataclass(frozen=True, slots=True)
class Known:
    """What a body may point to: users, currencies, custom fields, whether an org lives."""

    users: Collection[int]
    currencies: set[str]
    fields: dict[str, Row]
    has_organization: Callable[[int], bool]


def read_body(kind: Kind, body: Row, known: Known, *, creating: bool) -> Row:
    """The attributes to keep. Raises Invalid with every problem of the body."""
    checks = _checks(kind, known) | (_ON_CREATE if creating else {})
    if kind == "person":
        _refuse_unavailable(body)
    kept: Row = {}
    problems: list[str] = []
    for key, value in body.items():
        try:
            kept[key] = _checked(checks, key, value)
        except values.Bad as bad:
            problems.append(f"{key}: {bad}")
    if creating and "name" not in body:
        problems.append("name: Parameter 'name' is required")
    if problems:
        raise failed_checks(*problems)
    return kept


def split_name(name: str) -> Row:
    """Name, first and last name as an answer holds them."""
    first, _, last = name.partition(" ")
    return {"name": name, "first_name": first, "last_name": last.strip() or None}


def _checked(checks: dict[str, Check], key: str, value: Any) -> Any:
    if key not in checks:
        raise values.Bad(f"Parameter '{key}' is not allowed for this request")
    return checks[key](value)


def _refuse_unavailable(body: Row) -> None:
    """Contact-sync fields and marketing need features that this account has not (403)."""
    for key in body:
        if key in CONTACT_SYNC or key == "marketing_status":
            raise Invalid(f"'{key}' needs a feature that is not enabled", 403, "ERR_FORBIDDEN")


def _name(value: Any) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        raise values.Bad("must be a string that is not empty")
    return name


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise values.Bad("must be an integer")
    return value


def _owner(known: Known, value: Any) -> int:
    if _whole(value) not in known.users:
        raise values.Bad("must be the id of an active user")
    return value


def _organization(known: Known, value: Any) -> int | None:
    if value is not None and not known.has_organization(_whole(value)):
        raise values.Bad("must be the id of an organization that exists")
    return value


def _visibility(value: Any) -> int:
    if _whole(value) not in VISIBILITIES:
        raise values.Bad("must be one of 1, 3, 5, 7")
    return value


def _labels(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise values.Bad("must be a list of integers")
    return [_whole(item) for item in cast(list[Any], value)]


def _moment(value: Any) -> str:
    try:
        return iso(unix(value))
    except (TypeError, ValueError) as wrong:
        raise values.Bad("must be a time in RFC 3339") from wrong


def _contacts(value: Any) -> list[Row]:
    """Emails or phones: replaced whole, one primary; none is marked: the first one is."""
    if not isinstance(value, list):
        raise values.Bad("must be a list of objects with a value")
    contacts = [_contact(item) for item in cast(list[Any], value)]
    primaries = sum(contact["primary"] for contact in contacts)
    if primaries > 1:
        raise values.Bad("at most one may be primary")
    if contacts and not primaries:
        contacts[0]["primary"] = True
    return contacts


def _contact(item: Any) -> Row:
    if not isinstance(item, dict):
        raise values.Bad("must be a list of objects with a value")
    contact = cast(Row, item)
    if set(contact) - {"value", "primary", "label"}:
        raise values.Bad("takes value, primary and label alone")
    value, label = contact.get("value"), contact.get("label", "work")
    primary = contact.get("primary", False)
    if not isinstance(value, str) or not isinstance(label, str) or not isinstance(primary, bool):
        raise values.Bad("value and label must be strings, primary a boolean")
    return {"value": value.strip(), "primary": primary, "label": label}


def _custom_fields(known: Known, value: Any) -> Row:
    if not isinstance(value, dict):
        raise values.Bad("must be an object")
    kept: Row = {}
    for code, held in cast(Row, value).items():
        if code not in known.fields:
            raise values.Bad(f"Parameter '{code}' is not allowed for this request")
        try:
            kept[code] = values.check(known.fields[code], held, known.currencies)
        except values.Bad as bad:
            raise values.Bad(f"{code}: {bad}") from bad
    return kept


def _text_or_null(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise values.Bad("must be a string or null")
    return value


def _whole_or_null(value: Any) -> int | None:
    return None if value is None else _whole(value)


def _address(value: Any) -> Row | None:
    return None if value is None else values.address(value)


_ON_CREATE: dict[str, Check] = {"add_time": _moment}
_ON_BOTH: dict[str, Check] = {"name": _name, "visible_to": _visibility, "label_ids": _labels}
_ON_ONE: dict[Kind, dict[str, Check]] = {
    "person": {"emails": _contacts, "phones": _contacts},
    "organization": {
        "address": _address,
        "website": _text_or_null,
        "linkedin": _text_or_null,
        "industry": _whole_or_null,
        "annual_revenue": _whole_or_null,
        "employee_count": _whole_or_null,
    },
}


def _checks(kind: Kind, known: Known) -> dict[str, Check]:
    pointing: dict[str, Check] = {
        "owner_id": partial(_owner, known),
        "custom_fields": partial(_custom_fields, known),
    }
    if kind == "person":
        pointing["org_id"] = partial(_organization, known)
    return _ON_BOTH | _ON_ONE[kind] | pointing
