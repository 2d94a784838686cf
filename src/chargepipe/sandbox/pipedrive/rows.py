"""The kept form of persons, organizations and deals."""

from typing import cast

from ..messages import Row
from .attributes import Kind
from .body import split_name

_PLAIN: Row = {"is_deleted": False, "visible_to": 3, "label_ids": [], "custom_fields": {}}
EMPTY: dict[Kind, Row] = {
    "person": {
        "id": 0,
        "name": "",
        "first_name": None,
        "last_name": None,
        "owner_id": 0,
        "org_id": None,
        "add_time": "",
        "update_time": "",
        "emails": [],
        "phones": [],
        "picture_id": None,
        **_PLAIN,
    },
    "organization": {
        "id": 0,
        "name": "",
        "owner_id": 0,
        "add_time": "",
        "update_time": "",
        "address": None,
        "website": None,
        "linkedin": None,
        "industry": None,
        "annual_revenue": None,
        "employee_count": None,
        **_PLAIN,
    },
    "deal": {
        "id": 0,
        "title": "",
        "owner_id": 0,
        "person_id": None,
        "org_id": None,
        "pipeline_id": 0,
        "stage_id": 0,
        "value": 0,
        "currency": "",
        "add_time": "",
        "update_time": "",
        "stage_change_time": None,
        "is_archived": False,
        "archive_time": None,
        "status": "open",
        "probability": None,
        "lost_reason": None,
        "close_time": None,
        "won_time": None,
        "first_won_time": None,
        "lost_time": None,
        "expected_close_date": None,
        "origin": "",
        "origin_id": None,
        "channel": None,
        "channel_id": None,
        **_PLAIN,
    },
}
"""A record without any value, by kind, in the order of API v2's attributes."""
UNSHOWN = ("archive_time", "first_won_time")
"""What is kept of a deal, but not among the attributes that API v2 describes."""


def laid_over(kind: Kind, row: Row, given: Row) -> Row:
    """The row with a checked body laid over it; custom fields are laid over one by one."""
    custom = cast(Row, row["custom_fields"]) | given.get("custom_fields", {})
    custom = {code: value for code, value in custom.items() if value is not None}
    names = split_name(given["name"]) if kind == "person" and "name" in given else {}
    return row | given | names | {"custom_fields": custom}
