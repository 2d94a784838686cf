"""What hangs on a record of the CRM: for the page alone, the API has other calls."""

from collections.abc import Iterator
from itertools import islice

from .messages import Row
from .pipedrive.attributes import Kind
from .pipedrive.crm import Crm

MOST = 50
_KEYS = {"person": "person_id", "organization": "org_id"}


class Near:
    """Finds the persons and deals of a record."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    def of(self, kind: Kind, id: int) -> dict[str, list[Row]]:
        """The living "persons" of an organization and the "deals" of either, at most 50 of each."""
        key = _KEYS.get(kind)
        persons = self._with("person", "org_id", id) if kind == "organization" else []
        return {"persons": persons, "deals": self._with("deal", key, id) if key else []}

    def _with(self, kind: Kind, key: str, id: int) -> list[Row]:
        return [self._crm.wire(kind, row) for row in islice(self._pointing(kind, key, id), MOST)]

    def _pointing(self, kind: Kind, key: str, id: int) -> Iterator[Row]:
        return (row for row in self._crm.all_living(kind) if row[key] == id)
