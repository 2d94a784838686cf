"""Deals that the CRM held before any sync."""

from typing import Any

from . import words
from .draw import ANCHOR, DAY, draw, iso, touched
from .people import COLLEAGUE, ME, People

MOST = 400
"""Sample deals at most, so that open ones leave room in the smallest plan."""
_EVERY = 4
_KINDS = ("open", "won", "lost", "archived", "products", "renewal", "open", "open")
_STAGES = {"open": (1, 2, 3, 4, 5), "renewal": (6, 7, 8)}


class Deals:
    """The sample deals: every fourth person has one, up to 400 in all.

    In turn: open, won, lost, open but archived, open with products, open in the second pipeline,
    and two more open ones.
    """

    def __init__(self, seed: int, people: People) -> None:
        self._seed = seed
        self._people = people
        self.size = min(people.persons // _EVERY, MOST)

    def added(self, number: int) -> int:
        """Unix seconds of the making of deal `number`; rises with it."""
        return ANCHOR - 2 * 365 * DAY + number * (2 * 365 * DAY // (self.size + 2))

    def updated(self, number: int) -> int:
        """Unix seconds of the last change; a closed deal was closed then."""
        return touched(self.added(number))

    def is_open(self, number: int) -> bool:
        """Whether the sample deal is neither won nor lost."""
        return _kind(number) not in ("won", "lost")

    def deal(self, number: int) -> dict[str, Any]:
        """The deal as kept; see `rows.EMPTY` for what is kept beside Pipedrive's JSON."""
        kind, drawn = _kind(number), draw(self._seed, "deal", number)
        person = self._people.person(number * _EVERY)
        stages = _STAGES.get(kind, _STAGES["open"])
        added, updated = iso(self.added(number)), iso(self.updated(number))
        return {
            "id": number,
            "title": f"{words.company(drawn[0] + 256 * drawn[1])} deal",
            "owner_id": ME if drawn[2] < 200 else COLLEAGUE,
            "person_id": person["id"],
            "org_id": person["org_id"],
            "pipeline_id": 2 if kind == "renewal" else 1,
            "stage_id": stages[drawn[3] % len(stages)],
            "value": sum(self.amounts(number)) or 100 * (1 + drawn[4]),
            "currency": ("USD", "USD", "EUR")[drawn[5] % 3],
            "add_time": added,
            "update_time": updated,
            "stage_change_time": updated if drawn[6] < 128 else None,
            "is_deleted": False,
            "is_archived": kind == "archived",
            "archive_time": updated if kind == "archived" else None,
            **_closing(kind, updated),
            "probability": None,
            "visible_to": 3,
            "expected_close_date": iso(ANCHOR + drawn[7] * DAY)[:10] if drawn[8] < 128 else None,
            "label_ids": [],
            "origin": "ManuallyCreated",
            "origin_id": None,
            "channel": None,
            "channel_id": None,
            "custom_fields": {},
        }

    def amounts(self, number: int) -> list[int]:
        """The prices of the products that the sample deal has attached."""
        if number > self.size or _kind(number) != "products":
            return []
        drawn = draw(self._seed, "deal products", number)
        return [50 * (1 + drawn[0]), 10 * (1 + drawn[1])]


def _kind(number: int) -> str:
    return _KINDS[(number - 1) % len(_KINDS)]


def _closing(kind: str, closed: str) -> dict[str, Any]:
    status = kind if kind in ("won", "lost") else "open"
    return {
        "status": status,
        "lost_reason": "Too expensive" if kind == "lost" else None,
        "close_time": None if status == "open" else closed,
        "won_time": closed if kind == "won" else None,
        "first_won_time": closed if kind == "won" else None,
        "lost_time": closed if kind == "lost" else None,
    }
