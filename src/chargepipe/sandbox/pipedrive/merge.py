"""What two merged records become (fact sheets 3 and 4)."""

from typing import Any, Literal

from ..messages import Row
from . import contacts
from .attributes import Kind
from .values import LONG, SHORT

Joins = Literal["organizations", "all"]
_TEXT = {"varchar": SHORT, "varchar_auto": SHORT, "text": LONG}
"""Types of custom fields that are joined, with the characters that they hold."""
_FILLED: dict[Kind, tuple[str, ...]] = {
    "person": ("org_id", "label_ids", "picture_id"),
    "organization": (
        *("address", "website", "linkedin", "industry", "annual_revenue", "employee_count"),
        "label_ids",
    ),
    "deal": ("person_id", "org_id", "expected_close_date", "label_ids"),
}
"""What the winner takes over where it has nothing; what goes together (a name and its parts, a
status and its times) it keeps."""


def merged(kind: Kind, winner: Row, loser: Row, fields: dict[str, Row], joins: Joins) -> Row:
    """The winner, its empty attributes filled from the loser; emails and phones of both.

    fields: the custom fields of the kind by code. Texts in those of organizations, or of all kinds
    (`joins`), become "winner's, loser's", cut at what their field holds.
    """
    filled = {key: loser[key] for key in _FILLED[kind] if winner[key] in (None, [])}
    if kind == "person":
        filled |= {key: contacts.united(winner[key], loser[key]) for key in ("emails", "phones")}
    custom = loser["custom_fields"] | winner["custom_fields"]
    if kind == "organization" or joins == "all":
        custom |= _joined(winner["custom_fields"], loser["custom_fields"], fields)
    return winner | filled | {"custom_fields": custom}


def _joined(winner: Row, loser: Row, fields: dict[str, Row]) -> dict[str, Any]:
    texts = [code for code in fields if fields[code]["field_type"] in _TEXT]
    both = [code for code in texts if winner.get(code) and loser.get(code)]
    differing = (code for code in both if winner[code] != loser[code])
    return {
        code: f"{winner[code]}, {loser[code]}"[: _TEXT[fields[code]["field_type"]]]
        for code in differing
    }
