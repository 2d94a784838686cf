"""What a search tells of a hit (fact sheet 5)."""

from collections.abc import Callable
from typing import cast

from ..messages import Row
from .attributes import Kind
from .crm import Crm
from .values import SEARCHABLE, texts


class SearchItems:
    """Projections of one kind of record."""

    def __init__(self, crm: Crm, kind: Kind) -> None:
        self._crm = crm
        self._kind: Kind = kind

    def item(self, row: Row, meets: Callable[[str], bool]) -> Row:
        """The record, truncated; of custom fields the texts that `meets` finds, without keys."""
        shared = {
            "id": row["id"],
            "type": self._kind,
            "visible_to": row["visible_to"],
            "owner": {"id": row["owner_id"]},
            "custom_fields": [text for text in self.custom(row) if meets(text)],
            "notes": [],
        }
        match self._kind:
            case "person":
                return shared | self._person(row)
            case "organization":
                address = cast(Row, row["address"] or {}).get("value")
                return shared | {"name": row["name"], "address": address}
            case "deal":
                return shared | self._deal(row)

    def custom(self, row: Row) -> list[str]:
        """The texts of the custom fields that search looks into."""
        fields, held = self._crm.field_set.custom(self._kind), row["custom_fields"]
        searched = [code for code in fields if fields[code]["field_type"] in SEARCHABLE]
        return [text for code in searched for text in texts(held.get(code))]

    def _person(self, row: Row) -> Row:
        contacts = {key: [each["value"] for each in row[key]] for key in ("emails", "phones")}
        organization = self._named("organization", row["org_id"])
        return {"name": row["name"], **contacts, "organization": organization}

    def _deal(self, row: Row) -> Row:
        stage = self._crm.funnel.stage(row["stage_id"])
        return {
            **{key: row[key] for key in ("title", "value", "currency", "status", "is_archived")},
            "stage": {"id": row["stage_id"], "name": stage["name"] if stage else None},
            "person": self._named("person", row["person_id"]),
            "organization": self._named("organization", row["org_id"]),
        }

    def _named(self, kind: Kind, id: int | None) -> Row | None:
        """A linked record; None for one that is hidden."""
        row = None if id is None else self._crm.records[kind].table.get(id)
        return {"id": id, "name": row["name"]} if row and self._crm.sees(row) else None
