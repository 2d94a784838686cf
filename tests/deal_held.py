"""What the CRM holds, in the oracle's words."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from deal_oracle import MARKS, Kind
from deal_terms import Json, Terms
from world import World


def account(world: World) -> Json:
    """What `Terms` needs to know of the account."""
    pipelines = sorted(world.crm.pipelines, key=lambda row: row["order_nr"])
    stages = sorted(world.crm.stages, key=lambda row: row["order_nr"], reverse=True)
    names = {row["id"]: row["name"] for row in pipelines}
    return {
        "currencies": frozenset(c["code"] for c in world.crm.currencies if c["active_flag"]),
        "pipelines": tuple(names.values()),
        "empties": world.options.null_links == "clear",
        "first_stages": {names[stage["pipeline_id"]]: stage["name"] for stage in stages},
    }


def read_terms(world: World, settings: str) -> Terms:
    return Terms.read(settings, **account(world))


class Held:
    """All living deals of the account as they are now, archived ones too."""

    def __init__(self, world: World) -> None:
        self._fields = list(world.crm.fields("deal"))
        self._pipelines = {row["id"]: row["name"] for row in world.crm.pipelines}
        self._stages = {row["id"]: row["name"] for row in world.crm.stages}
        self._products = world.crm.products
        self.deals: dict[int, Json] = {}
        for row in world.crm.deals():
            self.deals[row["id"]] = self._deal(row)

    def marked(self, kind: Kind) -> dict[str, list[Json]]:
        """The deals that carry our mark of a kind, by the id that it names."""
        found = defaultdict(list)
        for deal in self.deals.values():
            mark = deal["fields"].get(MARKS[kind])
            if mark:
                found[mark].append(deal)
        return found

    def _deal(self, row: Json) -> Json:
        return {
            "id": row["id"],
            "pipeline": self._pipelines[row["pipeline_id"]],
            "stage": self._stages[row["stage_id"]],
            "status": row["status"],
            "title": row["title"],
            "value": Decimal(str(row["value"])),
            "currency": row["currency"],
            "expected_close": row["expected_close_date"],
            "won_time": unix(row["won_time"]),
            "lost_time": unix(row["lost_time"]),
            "lost_reason": row["lost_reason"],
            "person": row["person_id"],
            "org": row["org_id"],
            "archived": row["is_archived"],
            "products": bool(self._products.of(row)),
            "fields": self._custom(row["custom_fields"]),
        }

    def _custom(self, values: Json) -> Json:
        return {
            field["field_name"]: _plain(field, values.get(field["field_code"]))
            for field in self._fields
            if field["field_name"].startswith("CB ")
        }


def _plain(field: Json, value: Any) -> Any:
    """A value as people read it: an option's label, an amount with its currency."""
    if value is None:
        return None
    if field["field_type"] == "monetary":
        return Decimal(str(value["value"])), value["currency"]
    labels = {option["id"]: option["label"] for option in field.get("options") or ()}
    return labels.get(value, value) if labels else value


def unix(time: str | None) -> int | None:
    """Unix seconds of a time of Pipedrive."""
    return int(datetime.fromisoformat(time).timestamp()) if time else None


def code_of(world: World, entity: Any, name: str) -> str | None:
    fields = (f["field_code"] for f in world.crm.fields(entity) if f["field_name"] == name)
    return next(fields, None)


def by_key(rows: Iterable[Json]) -> dict[str, Json]:
    return {row["id"]: row for row in rows}
