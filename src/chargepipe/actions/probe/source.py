"""What the checks of Chargebee read: a sample of each list, and Chargebee's time."""

from typing import Final

from chargepipe.actions.probe.hands import Hands, Row
from chargepipe.chargebee import Kind
from chargepipe.chargebee.client import BIRTH, LISTS
from chargepipe.http import Heard, as_dict, as_dicts

KINDS: Final[tuple[Kind, ...]] = ("customer", "subscription", "invoice")


def oldest(hands: Hands, kind: Kind) -> list[Row]:
    """The first 100 by creation, tombstones too."""
    order = {"sort_by[asc]": BIRTH[kind], "include_deleted": True}
    return hands.sample(LISTS[kind], kind, **order)


def newest(hands: Hands, kind: Kind) -> list[Row]:
    """The last 100 that were updated, tombstones too."""
    order = {"sort_by[desc]": "updated_at", "include_deleted": True}
    return hands.sample(LISTS[kind], kind, **order)


def both(hands: Hands, kind: Kind) -> list[Row]:
    """What `oldest` and `newest` hold, each record once."""
    return list({row["id"]: row for row in oldest(hands, kind) + newest(hands, kind)}.values())


def clock(hands: Hands) -> float:
    """Chargebee's own time (unix seconds)."""
    heard = hands.chargebee(LISTS["customer"], {"limit": 1})
    return heard.server_time.timestamp()


def rows_of(heard: Heard, part: str) -> list[Row]:
    """The resources of one kind in a page of a list."""
    rows = as_dicts(heard.body.get("list")) or ()
    return [row for each in rows if (row := as_dict(each.get(part)))]
