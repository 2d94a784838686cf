"""Bodies of persons, organizations and deals, checked as API v2 does (fact sheets 3, 4)."""

from typing import Any

from ..messages import Row
from .attributes import NAMED, Kind, Known, checks_of
from .checks import Check, refused_key
from .errors import Invalid, failed_checks
from .values import Bad

CONTACT_SYNC = ("postal_address", "notes", "im", "birthday", "job_title")


def read_body(kind: Kind, body: Row, known: Known, *, creating: bool) -> Row:
    """The attributes to keep. Raises Invalid with every problem of the body."""
    if kind == "person":
        _refuse_unavailable(body)
    table = checks_of(kind, known, creating)
    kept: Row = {}
    problems: list[str] = []
    for key, value in body.items():
        try:
            kept[key] = _checked(table, key, value)
        except Bad as bad:
            problems.append(f"{key}: {bad}")
    needed = NAMED[kind]
    if creating and needed not in body:
        problems.append(f"{needed}: Parameter '{needed}' is required")
    if problems:
        raise failed_checks(*problems)
    return kept


def split_name(name: str) -> Row:
    """Name, first and last name as an answer holds them."""
    first, _, last = name.partition(" ")
    return {"name": name, "first_name": first, "last_name": last.strip() or None}


def _checked(table: dict[str, Check], key: str, value: Any) -> Any:
    if key not in table:
        raise Bad(refused_key(key))
    return table[key](value)


def _refuse_unavailable(body: Row) -> None:
    """Contact-sync fields and marketing need features that this account has not (403)."""
    for key in body:
        if key in CONTACT_SYNC or key == "marketing_status":
            raise Invalid(f"'{key}' needs a feature that is not enabled", 403, "ERR_FORBIDDEN")
