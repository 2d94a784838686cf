"""The check of how late Chargebee's lists are. Nothing but GET."""

from collections.abc import Iterator

from chargepipe.actions.probe.calls import EVENTS
from chargepipe.actions.probe.finding import Check, Seen, differs, holds, unclear
from chargepipe.actions.probe.hands import Hands, Row
from chargepipe.actions.probe.source import KINDS, clock, newest, rows_of
from chargepipe.chargebee import Kind
from chargepipe.chargebee.client import LISTS, ONES
from chargepipe.http import as_dict

LAG_SECONDS = 300
RETRIEVED = 3
Change = tuple[int, Kind, Row]
"""When (unix seconds), which kind, and the record since then."""


def lag(hands: Hands) -> Seen:
    """Look whether the list shows the newest change that can be found otherwise."""
    changes = [*_told_by_events(hands), *_retrieved(hands)]
    if not changes:
        return unclear(
            "No change can be found.", "Change a customer on the test site, probe again."
        )
    moment, kind, record = max(changes, key=lambda change: change[0])
    age = clock(hands) - moment
    if age > LAG_SECONDS:
        if _shows(hands, kind, record):
            words = f"The newest change is {age:.0f} s old, and listed."
            return unclear(words, "Change a customer on the test site, then probe at once.")
        return _late(f"A change of {age:.0f} s ago is not listed.")
    took = hands.until(lambda: _shows(hands, kind, record), LAG_SECONDS - age)
    if took is None:
        return _late(f"A change was not listed within {LAG_SECONDS} s.")
    return holds(f"A change was listed after at most {age + took:.0f} s.")


def _late(words: str) -> Seen:
    return differs(words, "Report it: an edit may wait for the next complete walk.")


def _told_by_events(hands: Hands) -> Iterator[Change]:
    heard = hands.chargebee(EVENTS, {"limit": 20, "sort_by[desc]": "occurred_at"})
    for event in rows_of(heard, "event"):
        content = as_dict(event.get("content")) or {}
        for kind in KINDS:
            record = as_dict(content.get(kind))
            if record and "resource_version" in record and _is_change(event):
                yield event["occurred_at"], kind, record


def _retrieved(hands: Hands) -> Iterator[Change]:
    """The records that the lists show as newest, as they are when asked for one by one."""
    for kind in ("customer", "subscription"):
        for row in newest(hands, kind)[:RETRIEVED]:
            record = as_dict(hands.chargebee(ONES[kind], id=row["id"]).body.get(kind))
            if record and "resource_version" in record and "updated_at" in record:
                yield record["updated_at"], kind, record


def _is_change(event: Row) -> bool:
    """Whether the event's time is that of a change that moved the record's version."""
    return event.get("event_type") != "mrr_updated"


def _shows(hands: Hands, kind: Kind, record: Row) -> bool:
    params = {"id[is]": record["id"], "include_deleted": True}
    rows = rows_of(hands.chargebee(LISTS[kind], params), kind)
    return any(row.get("resource_version", 0) >= record["resource_version"] for row in rows)


LAG_CHECKS = (Check(51, "Lists show every change after 5 minutes.", lag),)
