"""What Chargebee does in the background: begun, and not done yet."""

from collections.abc import Callable
from datetime import UTC, datetime

from ..clock import Clock
from ..messages import Row


class UnderWay:
    """Work on customers that is done later; one of a kind at a time for each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: dict[tuple[str, str], Row] = {}

    def begin(
        self, what: str, id: str, seconds: float, work: Callable[[], None], into: str | None = None
    ) -> None:
        """Have work done `seconds` from now. Raises ValueError where the same is under way.

        what: "deletion", "merge" or "clearing". into: the other customer of a merge.
        """
        held = self._rows.get((what, id))
        if held:
            moment = f"{datetime.fromtimestamp(held['done_at'], UTC):%H:%M}"
            raise ValueError(
                f"the {what} of customer {id} is under way already: it is done at {moment} UTC"
            )
        row: Row = {"what": what, "id": id, "into": into, "done_at": self._clock.now() + seconds}
        self._rows[what, id] = row
        self._clock.later(seconds, lambda: self._finish(what, id, work))

    def rows(self) -> list[Row]:
        """What is under way: what, id, into (None but of a merge), done_at (unix seconds)."""
        return list(self._rows.values())

    def _finish(self, what: str, id: str, work: Callable[[], None]) -> None:
        del self._rows[what, id]
        work()
