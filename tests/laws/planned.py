"""The law of the plan: what a preview showed is written so, or it is said what moved (rule 10)."""

from typing import Any

from laws.memory import Told
from laws.picture import Entity, changed
from laws.undoing import FOLLOWS

BUILT_IN = {"organization": "org_id", "person": "person_id"}


def applied(told: Told, *, edited: bool) -> None:
    """Every previewed change was written, or is stale with words; no other field was touched."""
    changes = list(told.run.changes.exclude(kind__endswith="_field"))
    for change in changes:
        fine = (
            change.state == "written"
            or (change.state == "stale" and change.words)
            or (change.kind == "deal" and not _joins_whom_we_see(told, change.after))
        )
        assert fine or not told.clean, f"{change} is {change.state}: {change.words}"
    if not edited and told.clean:
        moved = [(str(c), c.words) for c in changes if c.state == "stale"]
        assert not moved, f"nothing was edited, and these moved: {moved}"
    may: dict[tuple[str, int | None], set[str]] = {}
    for change in changes:
        if change.state == "written" or not told.clean:
            names = {str(BUILT_IN.get(name, name)) for name in change.after}
            may.setdefault((change.kind, change.pipedrive_id), set()).update(names)
    for key, row in told.after.records.items():
        old = told.before.records.get(key, {})
        differ = changed(old, row) - FOLLOWS
        if differ and key in told.before.records:
            shown = may.get(key, set())
            assert differ <= shown, f"{key}: {differ - shown} were written and not previewed"
        elif differ:
            assert key in may, f"{key} was made and not previewed"


def _joins_whom_we_see(told: Told, after: dict[str, Any]) -> bool:
    """Nobody may know yet that whom a deal joins was deleted or hidden: then it is refused."""
    joins: list[tuple[Entity, int | None]] = [
        ("organization", (after.get("organization") or {}).get("id")),
        ("person", (after.get("person") or {}).get("id")),
    ]
    return all(at is None or told.before.shows((entity, at)) for entity, at in joins)
