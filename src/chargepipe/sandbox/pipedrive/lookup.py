"""Which record a call is about, and the answer where there is none to be had."""

from ..clock import Clock
from ..data.draw import DAY, unix
from ..messages import Answer, Refused, Request, Row
from ..options import Options
from .attributes import Kind
from .crm import Crm
from .errors import failed_checks, failure

PURGED_AFTER = 30 * DAY
"""Seconds for which a deleted record is kept (fact sheet 3)."""


class Lookup:
    """Finds records of one kind for the token's user.

    What was never there, or was deleted 30 days ago, answers 404. The options `hidden` and
    `deleted` say what else a record answers; but an edit of a deleted deal always answers 400
    ERR_DEAL_DELETED (fact sheet 3).
    """

    def __init__(self, crm: Crm, kind: Kind, clock: Clock, options: Options) -> None:
        self._crm = crm
        self._kind: Kind = kind
        self._clock = clock
        self._options = options

    def id(self, request: Request) -> int:
        """The id in the path. Raises Invalid."""
        return whole_in(request, "id")

    def living(self, id: int) -> Row:
        """A record that is there and seen. Raises Refused."""
        row = self._there(id)
        if row["is_deleted"]:
            raise Refused(self._deleted(self._options.deleted != "404"))
        return row

    def readable(self, id: int) -> Row:
        """A record to show: a deleted one too where the option says so. Raises Refused."""
        return self._there(id) if self._options.deleted == "200" else self.living(id)

    def editable(self, id: int) -> Row:
        """A record to change. Raises Refused."""
        row = self._there(id)
        if row["is_deleted"] and self._kind == "deal":
            raise Refused(self._deleted(True))
        return self.living(id)

    def restorable(self, id: int, body: Row) -> bool:
        """Whether this is a deleted deal that the body brings back, and may (`restores`)."""
        asked = self._kind == "deal" and body.get("is_deleted") is False
        return asked and self._options.restores and bool(self._there(id)["is_deleted"])

    def is_purged(self, row: Row) -> bool:
        """Whether a record was deleted so long ago that nothing tells of it any more."""
        if not row["is_deleted"]:
            return False
        return self._clock.now() - unix(row["update_time"]) > PURGED_AFTER

    def _there(self, id: int) -> Row:
        row = self._crm.records[self._kind].table.get(id)
        if row is None or self.is_purged(row):
            raise Refused(self._missing())
        if not self._crm.sees(row):
            raise Refused(self._hidden())
        return row

    def _missing(self) -> Answer:
        return failure(404, f"{self._kind.capitalize()} not found", "ERR_NOT_FOUND")

    def _hidden(self) -> Answer:
        if self._options.hidden == "404":
            return self._missing()
        return failure(403, f"You do not have access to this {self._kind}", "ERR_FORBIDDEN")

    def _deleted(self, tells: bool) -> Answer:
        if not tells:
            return self._missing()
        message = "Entity is deleted. You must first restore it before you can edit"
        return failure(400, message, f"ERR_{self._kind.upper()}_DELETED")


def whole_in(request: Request, name: str) -> int:
    """A whole number in the path. Raises Invalid."""
    text = request.parts[name]
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise failed_checks(f"{name}: must be an integer")
    return int(text)
