"""Carried: rows that a walk has shown anyway, so that they need not be read by id (rule 15).

A walk costs 10 tokens for 500 records, reading by id 10 for 100. A run that walks all records to
see which are there keeps the linked ones, and compares them without another request.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KEPT = (
    *("id", "name", "emails", "phones", "org_id", "custom_fields"),
    *("title", "value", "currency", "pipeline_id", "stage_id", "status", "won_time", "lost_time"),
    *("lost_reason", "expected_close_date", "person_id", "is_archived", "products_count"),
)
"""What `held` and `held_deal` decode."""


@dataclass(slots=True)
class Carried:
    """The linked records of one entity, each given out once: who asks again shall read anew."""

    wanted: frozenset[int]
    codes: tuple[str, ...]
    """Custom fields that the walk must show, on top of those of the index."""
    since: datetime
    """When the walk began: no row is older."""
    rows: dict[int, str] = field(default_factory=dict)
    """JSON, for a hundred thousand rows are kept."""

    def note(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep what a page shows of the wanted records."""
        for row in rows:
            if row["id"] in self.wanted:
                self.rows[row["id"]] = json.dumps({key: row[key] for key in KEPT if key in row})

    def take(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """The rows of these records that are there; they are not kept any longer."""
        found = {each: self.rows.pop(each, None) for each in ids}
        return {each: json.loads(row) for each, row in found.items() if row is not None}
