"""What Pipedrive says about the account: its user, its currencies, its fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chargepipe.http import as_dict, as_dicts

ADMIN_APPS = frozenset({"sales", "account_settings", "global"})
"""Admin of one of these apps is what we call an admin (Pipedrive fact sheet 7)."""


@dataclass(frozen=True, slots=True)
class Me:
    """The user whose token we use. `admin` is None where Pipedrive does not say."""

    user_id: int
    name: str
    email: str
    company_id: int
    company_name: str
    company_domain: str
    default_currency: str
    time_zone: str
    admin: bool | None


@dataclass(frozen=True, slots=True)
class User:
    """A user of the account; who is not active can own no new record."""

    id: int
    email: str
    active: bool


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of the account. `decimal_points` is the number of digits of its minor unit."""

    code: str
    decimal_points: int
    active: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A pipeline, or a stage of one. `order` is its place among its like."""

    id: int
    name: str
    order: int
    pipeline: int | None
    """None for a pipeline itself."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an entity. `code` is its key in records (40 hex signs for a custom one).

    `options` maps labels to option ids (the first of equal labels); empty for other types.
    """

    code: str
    name: str
    type: str
    custom: bool
    options: Mapping[str, int | str]


def read_me(data: object) -> Me | None:
    """Read a user, None where it lacks the ids that tell user and company."""
    found = as_dict(data) or {}
    user_id, company_id = found.get("id"), found.get("company_id")
    if not isinstance(user_id, int) or not isinstance(company_id, int):
        return None
    return Me(
        user_id=user_id,
        name=_text(found, "name"),
        email=_text(found, "email"),
        company_id=company_id,
        company_name=_text(found, "company_name"),
        company_domain=_text(found, "company_domain"),
        default_currency=_text(found, "default_currency"),
        time_zone=_text(found, "timezone_name"),
        admin=_admin(found),
    )


def read_user(data: dict[str, Any]) -> User | None:
    """Read a user of the account's list, None where it lacks its id."""
    id = data.get("id")
    if not isinstance(id, int):
        return None
    return User(id, _text(data, "email"), data.get("active_flag") is not False)


def read_currency(data: dict[str, Any]) -> Currency:
    """Read a currency, leniently."""
    points = data.get("decimal_points")
    return Currency(
        code=_text(data, "code"),
        decimal_points=points if isinstance(points, int) else 2,
        active=data.get("active_flag") is not False,
    )


def read_stage(data: dict[str, Any]) -> Stage | None:
    """Read a pipeline or a stage, None where it lacks its id or is deleted."""
    id, order, of = data.get("id"), data.get("order_nr"), data.get("pipeline_id")
    if not isinstance(id, int) or data.get("is_deleted") is True:
        return None
    place = order if isinstance(order, int) else 0
    return Stage(id, _text(data, "name"), place, of if isinstance(of, int) else None)


def read_field(data: object) -> Field | None:
    """Read a field, None where it lacks its code or name."""
    found = as_dict(data) or {}
    code, name = _text(found, "field_code"), _text(found, "field_name")
    if not code or not name:
        return None
    custom = found.get("is_custom_field") is True
    return Field(code, name, _text(found, "field_type"), custom, read_options(found.get("options")))


def read_options(data: object) -> dict[str, int | str]:
    """Read options as label -> id; of equal labels the first one counts."""
    options: dict[str, int | str] = {}
    for option in as_dicts(data) or ():
        label, id = option.get("label"), option.get("id")
        if isinstance(label, str) and isinstance(id, int | str):
            options.setdefault(label, id)
    return options


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _admin(data: dict[str, Any]) -> bool | None:
    """Read the admin right: `access` rules, the older `is_admin` (0 or 1) where it is missing."""
    access = as_dicts(data.get("access"))
    if access is not None:
        return any(e.get("app") in ADMIN_APPS and e.get("admin") is True for e in access)
    old = data.get("is_admin")
    return bool(old) if isinstance(old, int) else None
