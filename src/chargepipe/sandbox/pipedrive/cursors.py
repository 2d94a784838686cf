"""Cursors of API v2's lists: keyset markers that say behind which row to go on."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import cast

from ..clock import Clock
from ..messages import Row, read_json
from ..table import Key
from .errors import failed_checks


class Cursors:
    """Writes and reads them. good_for: seconds that one is taken (an option); None: for ever."""

    def __init__(self, clock: Clock, good_for: float | None) -> None:
        self._clock = clock
        self._good_for = good_for

    def write(self, place: Key, order: str, direction: str) -> str:
        """The opaque marker behind which the next page starts."""
        value, number = place
        held = {"field": order, "fieldValue": value, "sortDirection": direction, "id": number}
        text = json.dumps(held | {"made": self._clock.seconds()}, separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, text: str, order: str, direction: str) -> Key:
        """The place after which to go on; good for one order alone. Raises Invalid."""
        try:
            held = cast(Row, read_json(urlsafe_b64decode(text + "=" * (-len(text) % 4))))
            place, made = (int(held["fieldValue"]), int(held["id"])), int(held["made"])
            sort = held["field"], held["sortDirection"]
        except (ValueError, TypeError, KeyError) as wrong:
            raise failed_checks("cursor: is not a cursor of this list") from wrong
        if sort != (order, direction):
            raise failed_checks("cursor: belongs to another sort")
        if self._good_for is not None and self._clock.seconds() - made > self._good_for:
            raise failed_checks("cursor: is too old; begin the list again")
        return place
