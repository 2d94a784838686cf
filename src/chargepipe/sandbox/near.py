"""What hangs on a record of the CRM: for the page alone, the API has other calls."""

from collections.abc import Iterator
from itertools import islice

from .messages import Row
from .pipedrive.attributes import Kind
from .pipedrive.crm import Crm

MOST = 50
_KEYS = {"person": "person_id", "organization": "org_id"}


class Near:
    """Finds the organization, persons and deals of a record."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    def of(self, kind: Kind, id: int) -> dict[str, list[Row]]:
        """The "organizations", "persons" and "deals" around a record, living, at most 50 of each.

        Of an organization its persons and deals, of a person its organization and deals, of a deal
        its organization and its person.
        """
        key = _KEYS.get(kind)
        row = self._crm.kept(kind, id)
        return {
            "organizations": self._linked("organization", row.get("org_id")),
            "persons": self._with("person", "org_id", id)
            if kind == "organization"
            else self._linked("person", row.get("person_id")),
            "deals": self._with("deal", key, id) if key else [],
        }

    def _linked(self, kind: Kind, id: int | None) -> list[Row]:
        """The record that an attribute names, where it lives."""
        row = id and self._crm.records[kind].table.get(id)
        return [self._crm.wire(kind, row)] if row and not row["is_deleted"] else []

    def _with(self, kind: Kind, key: str, id: int) -> list[Row]:
        return [self._crm.wire(kind, row) for row in islice(self._pointing(kind, key, id), MOST)]

    def _pointing(self, kind: Kind, key: str, id: int) -> Iterator[Row]:
        return (row for row in self._crm.all_living(kind) if row[key] == id)
