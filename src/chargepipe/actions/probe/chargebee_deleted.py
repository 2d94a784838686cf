"""Checks of what Chargebee says of deleted records. Nothing but GET."""

from typing import Any

from chargepipe.actions.probe.calls import EVENTS
from chargepipe.actions.probe.finding import Check, Seen, differs, holds, judge, unclear
from chargepipe.actions.probe.hands import Hands, Row, told
from chargepipe.actions.probe.source import KINDS, both, clock, rows_of
from chargepipe.chargebee import Kind
from chargepipe.chargebee.client import LISTS, ONES
from chargepipe.http import as_dict

DELETIONS = '["customer_deleted","subscription_deleted","invoice_deleted"]'


def tombstones(hands: Hands) -> Seen:
    """Look whether what events say was deleted is still listed with include_deleted."""
    deleted = _deletions(hands)
    gone = [found for found in deleted if not _is_listed(hands, *found)]
    now = clock(hands)
    ages = [int(now - row.get("updated_at", now)) for row in _tombstones(hands)]
    oldest_days = max(ages, default=0) // 86_400
    if gone:
        words = f"{len(gone)} of {len(deleted)} deleted records are no longer listed."
        return differs(words, "Nothing: a complete walk notices what is missing.")
    if not ages:
        return unclear("Nothing was deleted on this site.", "Delete a customer, probe again.")
    return holds(f"{len(ages)} seen, the oldest {oldest_days} days old.")


def _deletions(hands: Hands) -> list[tuple[Kind, str]]:
    """Up to 20 records that events say were deleted, oldest first."""
    params = {"limit": 20, "event_type[in]": DELETIONS, "sort_by[asc]": "occurred_at"}
    found: list[tuple[Kind, str]] = []
    for event in rows_of(hands.chargebee(EVENTS, params), "event"):
        kind: Any = str(event.get("event_type")).removesuffix("_deleted")
        record = (as_dict(event.get("content")) or {}).get(kind) or {}
        found.append((kind, str(record.get("id"))))
    return found


def _is_listed(hands: Hands, kind: Kind, id: str) -> bool:
    params = {"id[is]": id, "include_deleted": True}
    return bool(rows_of(hands.chargebee(LISTS[kind], params), kind))


def _tombstones(hands: Hands) -> list[Row]:
    return [row for kind in KINDS for row in both(hands, kind) if row.get("deleted") is True]


def deleted_record(hands: Hands) -> Seen:
    """Retrieve a record that the list shows as deleted."""
    for kind in KINDS:
        row = next((row for row in both(hands, kind) if row.get("deleted") is True), None)
        if row is not None:
            heard = hands.chargebee(ONES[kind], id=row["id"])
            shown = as_dict(heard.body.get(kind)) or {}
            words = f"A deleted {kind} answered {told(heard)}."
            nothing = heard.status != 200 or shown.get("deleted") is True
            todo = "Nothing: `deleted` is looked at too." if nothing else "Report it."
            return judge(heard.status == 404, words, todo)
    return unclear("Nothing was deleted on this site.", "Delete a customer, probe again.")


SOURCE_DELETED_CHECKS = (
    Check(58, "Deleted records stay listed with `include_deleted`.", tombstones),
    Check(59, "A deleted record that is asked for by id answers 404.", deleted_record),
)
