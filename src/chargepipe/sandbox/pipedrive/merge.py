"""What two merged records become (fact sheets 3 and 4)."""

from typing import Any

from ..messages import Row

_TEXT = ("varchar", "text", "varchar_auto")


def merged(winner: Row, loser: Row, joined: dict[str, Row]) -> Row:
    """The winner, its empty attributes filled from the loser.

    Text values of the custom fields in `joined` (by code) become "winner's, loser's", as
    Pipedrive does for organizations.
    """
    row = {key: loser[key] if _is_empty(value) else value for key, value in winner.items()}
    custom = loser["custom_fields"] | winner["custom_fields"]
    for code, field in joined.items():
        values = [held["custom_fields"].get(code) for held in (winner, loser)]
        if field["field_type"] in _TEXT and all(values) and values[0] != values[1]:
            custom[code] = ", ".join(values)
    return row | {"custom_fields": custom}


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])
