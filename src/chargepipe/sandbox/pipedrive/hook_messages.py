"""What a webhook v2 says: meta, data, previous (fact sheet 8).

Numbers in `meta` are texts and times have milliseconds, as in recorded ones.
"""

from dataclasses import dataclass
from typing import Any, cast
from uuid import NAMESPACE_OID, uuid5

from ..data.draw import iso
from ..messages import Row
from .happenings import Happening
from .holdings import OWNER_ALONE


def moment(seconds: float) -> str:
    """A time as webhooks write it."""
    return iso(seconds).replace("Z", ".000Z")


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """A happening as it is told to every webhook that wants it.

    number: which event of the account this is. now: unix seconds. fields: the types of the
    entity's custom fields by code. permitted: the users who may see what it is about.
    """

    happening: Happening
    number: int
    now: float
    fields: dict[str, str]
    permitted: list[int]

    def body(self, hook: Row) -> Row:
        """The message to one webhook, given by its row, on the first attempt."""
        data, previous = self.happening.data, self.happening.previous
        if data is not None and previous is not None:
            previous = _changed(data, previous)
        return {
            "meta": self._meta(hook),
            "data": _typed(data, self.fields),
            "previous": _typed(previous, self.fields),
        }

    def _meta(self, hook: Row) -> Row:
        told = self.happening
        merged = {"merged_to_id": told.merged_to, "merged_from_id": told.merged_from}
        return {
            "action": told.action,
            "entity": told.entity,
            "entity_id": str(told.id),
            "company_id": str(hook["company_id"]),
            "user_id": str(told.user_id),
            "id": str(uuid5(NAMESPACE_OID, f"event {self.number}")),
            "correlation_id": str(uuid5(NAMESPACE_OID, f"correlation {self.number}")),
            "webhook_id": str(hook["id"]),
            "webhook_owner_id": str(hook["owner_id"]),
            "attempt": 1,
            "timestamp": moment(self.now),
            "change_source": told.source,
            "is_bulk_edit": False,
            "host": "sandbox.pipedrive.com",
            "permitted_user_ids": [str(id) for id in self.permitted],
            "type": hook["type"],
            "version": "2.0",
            **{name: str(id) for name, id in merged.items() if id is not None},
        }


def viewers(happening: Happening, users: list[Row]) -> list[int]:
    """The ids of the users who may see what this is about (as the token's user may or may not)."""
    row = happening.data or happening.previous or {}
    active = [user["id"] for user in users if user["active_flag"]]
    if row.get("visible_to") in OWNER_ALONE:
        return [id for id in active if id == row.get("owner_id")]
    return active


def _changed(data: Row, previous: Row) -> Row:
    """Only what was otherwise before; of custom fields too."""
    found = {key: value for key, value in previous.items() if data.get(key) != value}
    if "custom_fields" in found:
        now = cast(Row, data["custom_fields"])
        before = cast(Row, found["custom_fields"])
        found["custom_fields"] = {k: v for k, v in before.items() if now.get(k) != v}
    return found


def _typed(row: Row | None, fields: dict[str, str]) -> Row | None:
    if row is None or "custom_fields" not in row:
        return row
    custom = cast(Row, row["custom_fields"])
    typed = {code: _value(fields[code], custom[code]) for code in custom if code in fields}
    return row | {"custom_fields": typed}


def _value(kind: str, value: Any) -> Row | None:
    """A value with its type; the parts of money, dates and addresses lie beside (ours)."""
    if value is None:
        return None
    held = cast(Row, value) if isinstance(value, dict) else {"value": value}
    return {"type": kind, **held}
