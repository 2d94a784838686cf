"""A deal as Pipedrive holds it, decoded from its JSON, and bodies encoded for it.

Shapes and refusals: pipedrive-api.md section 4. As in `held`, what was there can be written back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chargepipe.domain.held import FieldMap, Json, custom_body, decoded_fields, money_of
from chargepipe.domain.money import Money, to_wire
from chargepipe.domain.pipelines import Place
from chargepipe.domain.targets import Standing
from chargepipe.domain.values import JSON, Raw, Value, from_json, to_json

DEAL_NAMES = (
    *("title", "value", "stage", "status", "expected_close_date", "person", "organization"),
)
"""What a Change of a deal calls its built-in fields; every other name is a custom one."""
MAY_STAY: Mapping[str, str] = {
    "expected_close_date": "expected_close_date",
    "person": "person_id",
    "organization": "org_id",
}
"""What may not let itself be emptied, and its attribute: the description of the API names no null.

It is tried, and left as it is where that is refused (docs/reference/assumptions.md).
"""


@dataclass(frozen=True, slots=True)
class HeldDeal:
    """A deal as Pipedrive holds it; of custom fields only those of the field map."""

    id: int
    title: str = field(repr=False)
    value: Money | Raw
    place: Place
    standing: Standing
    expected_close: str | None
    person_id: int | None
    org_id: int | None
    archived: bool
    locked: bool
    """Whether its value is that of its products, and cannot be written."""
    fields: Mapping[str, Value] = field(repr=False, hash=False)

    def built_in(self) -> dict[str, JSON]:
        """Its built-in fields, by the names and in the form that a Change uses."""
        return {
            "title": self.title,
            "value": to_json(self.value),
            "stage": self.place.as_json(),
            "status": self.standing.as_json(),
            "expected_close_date": self.expected_close,
            "person": _linked(self.person_id),
            "organization": _linked(self.org_id),
        }


def decode_deal(json: Json, fields: FieldMap) -> HeldDeal:
    """A deal of Pipedrive's v2 JSON. Raises KeyError without its id or place."""
    amount = {"value": json.get("value") or 0, "currency": json.get("currency")}
    return HeldDeal(
        id=int(json["id"]),
        title=str(json.get("title") or ""),
        value=money_of(amount, fields.zero_decimal),
        place=Place(int(json["pipeline_id"]), int(json["stage_id"])),
        standing=_standing(json),
        expected_close=json.get("expected_close_date") or None,
        person_id=_id(json, "person_id"),
        org_id=_id(json, "org_id"),
        archived=json.get("is_archived") is True,
        locked=bool(json.get("products_count")),
        fields=decoded_fields(json, fields),
    )


def encode_deal(
    values: Mapping[str, JSON], fields: FieldMap, ids: Mapping[tuple[str, str], int] | None = None
) -> dict[str, Any]:
    """The body that writes these values: the before or after of a Change.

    `ids` gives people and organizations made since, by kind and source key.
    Raises UnknownField, UnknownOption, and NotThereYet.
    """
    body: dict[str, Any] = {}
    for name, encode in _ENCODERS.items():
        if name in values:
            body |= encode(values[name], fields, ids or {})
    custom = {name: value for name, value in values.items() if name not in DEAL_NAMES}
    return body | custom_body(custom, fields)


def time_text(moment: Any) -> str | None:
    """A time of Pipedrive's in one form: RFC 3339, whole seconds in UTC; None for none."""
    try:
        found = datetime.fromisoformat(str(moment))
    except ValueError:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _standing(json: Json) -> Standing:
    status = json.get("status")
    if status == "won":
        return Standing("won", time_text(json.get("won_time")))
    if status == "lost":
        reason = str(json.get("lost_reason") or "").strip() or None
        return Standing("lost", time_text(json.get("lost_time")), reason)
    return Standing("open")


def _id(json: Json, name: str) -> int | None:
    found = json.get(name)
    return found if isinstance(found, int) else None


def _linked(id: int | None) -> JSON:
    return None if id is None else {"key": None, "id": id}


class NotThereYet(ValueError):
    """The person or organization of a deal is not made yet, so the deal cannot be linked to it."""


_Encoder = Callable[[Any, FieldMap, Mapping[tuple[str, str], int]], dict[str, Any]]


def _title(value: Any, *_: object) -> dict[str, Any]:
    return {"title": value}


def _amount(value: Any, fields: FieldMap, _: object) -> dict[str, Any]:
    held = from_json(value)
    if isinstance(held, Money):
        return to_wire(held, fields.zero_decimal)
    return dict(held.json) if isinstance(held, Raw) and isinstance(held.json, Mapping) else {}


def _stage(value: Any, *_: object) -> dict[str, Any]:
    return {"pipeline_id": value["pipeline"], "stage_id": value["stage"]}


def _status(value: Any, *_: object) -> dict[str, Any]:
    """The time and the reason go with the status alone: Pipedrive refuses them with another."""
    standing = Standing.from_json(value)
    body: dict[str, Any] = {"status": standing.status}
    if standing.time is not None and standing.status != "open":
        body[f"{standing.status}_time"] = standing.time
    if standing.status == "lost":
        body["lost_reason"] = standing.reason
    return body


def _day(value: Any, *_: object) -> dict[str, Any]:
    return {"expected_close_date": value or None}


def _link(kind: str, attribute: str) -> _Encoder:
    def encode(value: Any, _: FieldMap, ids: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        if value is None:
            return {attribute: None}
        found = value["id"] if value["id"] is not None else ids.get((kind, value["key"] or ""))
        if found is None:
            raise NotThereYet(f"make the {kind} before its deal")
        return {attribute: found}

    return encode


_ENCODERS: Mapping[str, _Encoder] = {
    "title": _title,
    "value": _amount,
    "stage": _stage,
    "status": _status,
    "expected_close_date": _day,
    "person": _link("person", "person_id"),
    "organization": _link("organization", "org_id"),
}
