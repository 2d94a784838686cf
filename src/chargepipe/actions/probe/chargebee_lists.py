"""Checks of the filters and offsets of Chargebee's lists. Nothing but GET."""

from typing import Any

from chargepipe.actions.probe.finding import Check, Seen, holds, judge, unclear
from chargepipe.actions.probe.hands import Hands, Row, told
from chargepipe.actions.probe.source import KINDS, newest, oldest, rows_of
from chargepipe.chargebee.client import LISTS


def after_is_strict(hands: Hands) -> Seen:
    """Ask for what was updated after the time of the newest record."""
    row = next((row for row in newest(hands, "customer") if "updated_at" in row), None)
    if row is None:
        return unclear("There is no customer.", "Make one on the test site, then probe again.")
    at, before = (_is_after(hands, row, row["updated_at"] - back) for back in (0, 1))
    if not before:
        return unclear("It is not listed at all.", "Probe again at a quiet time.")
    words = f"A record updated at t is {'listed' if at else 'left out'} by after=t."
    return judge(not at, words, "Nothing: the windows overlap by 10 minutes.")


def _is_after(hands: Hands, row: Row, moment: int) -> bool:
    params = {"updated_at[after]": moment, "id[is]": row["id"], "include_deleted": True}
    return bool(rows_of(hands.chargebee(LISTS["customer"], params), "customer"))


def empty_window(hands: Hands) -> Seen:
    """Ask for updates between a moment and the same moment."""
    heard = hands.chargebee(LISTS["customer"], {"updated_at[between]": "[1700000000,1700000000]"})
    return judge(not heard.ok, f"It answered {told(heard)}.", "Nothing: it is never sent.")


def unknown_parameter(hands: Hands) -> Seen:
    """Send a parameter that no list has."""
    heard = hands.chargebee(LISTS["customer"], {"limit": 1, "chargepipe_probe": "1"})
    todo = "Nothing: chargepipe sends known parameters only."
    return judge(not heard.ok, f"It answered {told(heard)}.", todo)


def offset_twice(hands: Hands) -> Seen:
    """Send one offset two times."""
    params: dict[str, Any] = {"limit": 1, "sort_by[asc]": "created_at", "include_deleted": True}
    offset = hands.chargebee(LISTS["customer"], params).body.get("next_offset")
    if not isinstance(offset, str):
        return unclear("The site has not two customers.", "Make some, then probe again.")
    pages = [
        [row.get("id") for row in rows_of(hands.chargebee(LISTS["customer"], asked), "customer")]
        for asked in [params | {"offset": offset}] * 2
    ]
    same = bool(pages[0]) and pages[0] == pages[1]
    words = "Both pages were the same." if same else "The second page was another."
    return judge(same, words, "Report it: a walk that goes on after a crash may skip records.")


def without_updated_at(hands: Hands) -> Seen:
    """Look for records without updated_at among the oldest."""
    lacking = [row for kind in KINDS for row in oldest(hands, kind) if "updated_at" not in row]
    if lacking:
        return holds(f"{len(lacking)} of the oldest records lack it.")
    return unclear("All of the oldest records have it.", "Nothing: complete walks do not filter.")


SOURCE_LIST_CHECKS = (
    Check(52, "`updated_at[after]=t` leaves out what was updated at t.", after_is_strict),
    Check(53, "`between` refuses a start that is the end.", empty_window),
    Check(54, "An unknown query parameter is refused.", unknown_parameter),
    Check(55, "An offset may be sent twice and gives the same page.", offset_twice),
    Check(57, "Some old records have no `updated_at`.", without_updated_at),
)
