"""A picture of all that Pipedrive holds, fields by the names that we gave them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from laws.oracle import ZERO_DECIMAL, email_key, name_key
from world import World

Entity = Literal["person", "organization", "deal"]
ENTITIES: tuple[Entity, ...] = ("person", "organization", "deal")
Key = tuple[Entity, int]
Record = Mapping[str, Any]
TIMES = ("update_time", "add_time")
MARK = "CB Customer ID"
DEAL_MARKS = {"CB Subscription ID": "subscription", "CB Invoice ID": "invoice"}
"""The marks of deals, and the kind of record that each names."""
DEAL_PLAIN = (
    *("title", "expected_close_date", "person_id", "org_id", "is_archived"),
    *("owner_id", "visible_to", "label_ids", "probability"),
)
"""What a deal is pictured by, besides its value, stage and status; the rest the server sets."""


@dataclass(slots=True)
class Names:
    """Custom fields by entity and code, with the name under which each was first seen."""

    known: dict[tuple[Entity, str], str] = field(default_factory=dict)

    def look(self, world: World) -> None:
        """Learn the fields that are new."""
        for entity in ENTITIES:
            for row in _custom(world, entity):
                self.known.setdefault((entity, row["field_code"]), row["field_name"])

    def living(self, world: World, entity: Entity) -> list[tuple[str, dict[str, Any]]]:
        """First name and row of each custom field that is there now."""
        return [(self.known[entity, r["field_code"]], r) for r in _custom(world, entity)]


def _custom(world: World, entity: Entity) -> Iterator[dict[str, Any]]:
    return (row for row in world.crm.fields(entity) if row["is_custom_field"])


@dataclass(frozen=True, slots=True)
class Picture:
    """Every living record, hidden ones too."""

    records: Mapping[Key, Record]
    hidden: frozenset[Key]

    def of(self, entity: Entity) -> dict[int, Record]:
        """The records of one entity by id."""
        return {pid: row for (kind, pid), row in self.records.items() if kind == entity}

    def shows(self, key: Key) -> bool:
        """Whether a record is there and to be seen."""
        return key in self.records and key not in self.hidden

    def with_email(self, email: str | None) -> set[int]:
        """The people to be seen that have an email."""
        key = email_key(email)
        rows = self.of("person").items()
        found = {p for p, row in rows if key in {email_key(each[0]) for each in row["emails"]}}
        return {pid for pid in found if ("person", pid) not in self.hidden} if key else set()

    def with_mark(self, customer: str) -> set[int]:
        """The people that carry a customer's mark."""
        return {pid for pid, row in self.of("person").items() if row.get(MARK) == customer}

    def deals_with(self, key: str) -> set[int]:
        """The deals that carry the mark of a record, by its source key (subscription:ID)."""
        return {pid for pid, row in self.of("deal").items() if key in marks(row)}

    def named(self, key: str) -> set[int]:
        """The organizations to be seen whose names have a key."""
        rows = self.of("organization").items()
        found = {pid for pid, row in rows if name_key(row["name"]) == key}
        return {pid for pid in found if ("organization", pid) not in self.hidden}


def take(world: World, names: Names) -> Picture:
    """Picture Pipedrive as it is now."""
    names.look(world)
    records: dict[Key, Record] = {}
    hidden = set[Key]()
    for entity in ENTITIES:
        shown = {row["field_code"]: (name, row) for name, row in names.living(world, entity)}
        rows = getattr(world.crm, f"{entity}s")()
        for row in rows:
            plain = _deal(world, row) if entity == "deal" else _plain(row)
            records[entity, row["id"]] = plain | _custom_values(row, shown)
            if row["visible_to"] == 1 and row["owner_id"] != world.crm.me["id"]:
                hidden.add((entity, row["id"]))
    return Picture(records, frozenset(hidden))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in row.items() if key not in (*TIMES, "custom_fields", "id")}
    for contacts in ("emails", "phones"):
        if contacts in plain:
            plain[contacts] = [(c["value"], c["label"], c["primary"]) for c in plain[contacts]]
    return plain


def _deal(world: World, row: dict[str, Any]) -> dict[str, Any]:
    """Money as (currency, minor units), the stage by ids, the status with its time and reason."""
    status = row["status"]
    return {
        **{name: row[name] for name in DEAL_PLAIN},
        "value": _money({"value": row["value"] or 0, "currency": row["currency"]}),
        "stage": (row["pipeline_id"], row["stage_id"]),
        "status": (status, row.get(f"{status}_time"), row["lost_reason"] or None),
        "products": len(world.crm.products.of(row)),
    }


def _custom_values(row: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    custom = ((*shown[code], value) for code, value in row["custom_fields"].items())
    return {name: _shown(of, value) for name, of, value in custom if value is not None}


def _shown(of: Mapping[str, Any], value: Any) -> Any:
    """An option by its label, money as (currency, minor units)."""
    if of["field_type"] == "enum":
        return {option["id"]: option["label"] for option in of["options"]}.get(value, value)
    return _money(value) if of["field_type"] == "monetary" else value


def _money(amount: Mapping[str, Any]) -> tuple[str, int]:
    currency = amount["currency"]
    return currency, round(amount["value"] * (1 if currency in ZERO_DECIMAL else 100))


def marks(deal: Record) -> set[str]:
    """The source keys of the records whose marks a deal carries."""
    return {f"{kind}:{deal[name]}" for name, kind in DEAL_MARKS.items() if deal.get(name)}


def changed(before: Record, after: Record) -> set[str]:
    """The names of the fields that differ; [] and None are both nothing."""
    names = before.keys() | after.keys()
    return {name for name in names if full(before.get(name)) != full(after.get(name))}


def full(value: Any) -> Any:
    """A value of a field, an empty list as None."""
    return None if value == [] else value
