"""Emails and phones of a person (fact sheet 3)."""

from typing import Any, cast

from ..messages import Row
from .values import Bad


def check(value: Any) -> list[Row]:
    """Emails or phones: replaced whole, one primary; none is marked: the first one is."""
    if not isinstance(value, list):
        raise Bad("must be a list of objects with a value")
    contacts = [_contact(item) for item in cast(list[Any], value)]
    primaries = sum(contact["primary"] for contact in contacts)
    if primaries > 1:
        raise Bad("at most one may be primary")
    if contacts and not primaries:
        contacts[0]["primary"] = True
    return contacts


def united(winner: list[Row], loser: list[Row]) -> list[Row]:
    """What both persons of a merge have, once each; the winner's primary one stays primary."""
    if not winner:
        return loser
    known = {contact["value"].casefold() for contact in winner}
    more = [contact for contact in loser if contact["value"].casefold() not in known]
    return [*winner, *(contact | {"primary": False} for contact in more)]


def _contact(item: Any) -> Row:
    if not isinstance(item, dict):
        raise Bad("must be a list of objects with a value")
    contact = cast(Row, item)
    if set(contact) - {"value", "primary", "label"}:
        raise Bad("takes value, primary and label alone")
    value, label = contact.get("value"), contact.get("label", "work")
    primary = contact.get("primary", False)
    if not isinstance(value, str) or not isinstance(label, str) or not isinstance(primary, bool):
        raise Bad("value and label must be strings, primary a boolean")
    return {"value": value.strip(), "primary": primary, "label": label}
