"""Carried: rows that a walk has shown anyway, so that they need not be read by id.

A walk costs 10 tokens for 500 records, reading by id 10 for 100. A reconcile, which walks all
records to see which are there, keeps the linked ones; any other plan keeps of what it walks those
that carry the key of a customer. They are compared without another request.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargepipe.sync.kept import Kept

KEPT = (
    *("id", "name", "emails", "phones", "org_id", "custom_fields"),
    *("title", "value", "currency", "pipeline_id", "stage_id", "status", "won_time", "lost_time"),
    *("lost_reason", "expected_close_date", "person_id", "is_archived", "products_count"),
)
"""What `held` and `held_deal` decode."""


@dataclass(slots=True)
class Carried:
    """Records of one entity, each given out once: who asks again shall read anew."""

    wanted: Callable[[Collection[int]], Collection[int]]
    """Which of some records, which are in the index by now, will be compared."""
    codes: tuple[str, ...]
    """Custom fields that the walk must show, on top of those of the index."""
    since: datetime
    """When the walk began: no row is older."""
    rows: Kept[dict[str, Any]] = field(default_factory=Kept[dict[str, Any]])

    def note(self, rows: Collection[Mapping[str, Any]]) -> None:
        """Keep what a page shows of the records that are wanted."""
        wanted = self.wanted([row["id"] for row in rows])
        for row in rows:
            if row["id"] in wanted:
                self.rows[str(row["id"])] = {key: row[key] for key in KEPT if key in row}
        self.rows.turn()

    def take(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """The rows of these records that are there; they are not kept any longer."""
        found = {each: self.rows.pop(str(each)) for each in ids}
        return {each: row for each, row in found.items() if row is not None}
