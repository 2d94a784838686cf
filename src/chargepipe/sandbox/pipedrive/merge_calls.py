"""Merges, which API v1 alone has (fact sheets 1, 3)."""

from ..messages import Answer, Request, Row
from .attributes import Kind
from .crm import Crm
from .errors import failed_checks
from .lookup import Lookup
from .record_calls import done, read_json
from .v1_rows import V1Rows


class MergeCalls:
    """The merge of one kind of record: the one in the path is lost, `merge_with_id` stays."""

    def __init__(self, crm: Crm, kind: Kind, lookup: Lookup, rows: V1Rows) -> None:
        self._crm = crm
        self._kind: Kind = kind
        self._lookup = lookup
        self._rows = rows

    def answer(self, request: Request) -> Answer:
        """PUT /persons/{id}/merge."""
        self._crm.permissions.need("merge", self._kind)
        loser, winner = self._lookup.id(request), _winner(read_json(request))
        for record_id in (loser, winner):
            self._lookup.living(record_id)
        self._crm.merge(self._kind, loser, winner)
        return done(self._shown(loser, winner))

    def _shown(self, loser: int, winner: int) -> Row:
        """The winner in the form of v1; of an organization the id alone."""
        row = self._crm.living(self._kind, winner)
        match self._kind:
            case "person":
                return self._rows.person(row) | {"merge_what_id": loser}
            case "deal":
                return self._rows.deal(row) | {"merge_what_id": loser}
            case "organization":
                return {"id": winner}


def _winner(body: Row) -> int:
    winner = body.get("merge_with_id")
    if isinstance(winner, bool) or not isinstance(winner, int):
        raise failed_checks("merge_with_id: must be an integer")
    return winner
