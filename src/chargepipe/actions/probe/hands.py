"""The hands of the checks: they call both services, and remember what must be deleted."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal, cast

from chargepipe.accounts.lease import LeaseShort
from chargepipe.actions.probe.calls import MERGE
from chargepipe.actions.probe.finding import Unclear
from chargepipe.actions.probe.line import Line
from chargepipe.actions.probe.traces import Kind, Trace, new_marker
from chargepipe.http import Breaker, Heard, Operation, Params, Uncertain, as_dict, as_dicts
from chargepipe.pipedrive import Entity, costs

Row = dict[str, Any]
Warn = Callable[[str], None]
"""Is told what takes long, and why."""
LONGEST_PAUSE = 20.0
MOST_TOKENS = 900
"""What the checks of one probe may spend in all; deleting what they made comes on top."""
MAY_BE_DONE = (Uncertain, Breaker, KeyboardInterrupt, asyncio.CancelledError)
"""A write that ended so may have been done all the same."""


class Hands:
    """What every check is given.

    `made` is what must be deleted at the end; `uncertain` says that something may be there of
    which we have no id, `making` that Ctrl-C now might leave such a thing. `settle` is the time
    (seconds) within which lists should show a write.
    """

    def __init__(
        self, line: Line, settle: float, zero_decimal: tuple[str, ...], warn: Warn = lambda _: None
    ) -> None:
        self.line, self.settle, self.zero_decimal, self.warn = line, settle, zero_decimal, warn
        self.marker = new_marker()
        self.made: set[Trace] = set()
        self.uncertain = False
        self.making = False
        self.most = MOST_TOKENS
        self._names = 0
        self._answers: dict[Operation, Heard] = {}
        self._samples: dict[str, list[Row]] = {}

    def pipedrive(
        self, operation: Operation, params: Params | None = None, body: object = None, **names: Any
    ) -> Heard:
        """Send a call to Pipedrive. Raises Unclear where the probe's tokens are used up."""
        if self.line.spent + operation.cost > self.most:
            words = f"The probe has spent its {self.most} tokens."
            raise Unclear(words, "Probe again: some check had to wait long.", "not checked")
        return self.send(operation, params, body, **names)

    def once(self, operation: Operation) -> Heard:
        """The answer to a GET of Pipedrive that several checks look at; asked for once."""
        if operation not in self._answers:
            self._answers[operation] = self.pipedrive(operation)
        return self._answers[operation]

    def send(
        self, operation: Operation, params: Params | None = None, body: object = None, **names: Any
    ) -> Heard:
        """Send a call to Pipedrive, whatever has been spent; writes under the account's lease."""
        try:
            return self._send(operation, params, body, names)
        except MAY_BE_DONE:
            self.uncertain = self.uncertain or operation.method == "POST"
            raise

    def _send(
        self, operation: Operation, params: Params | None, body: object, names: dict[str, Any]
    ) -> Heard:
        while True:
            self.line.hold()
            try:
                return self.line.run(self.line.pipedrive.ask(operation, params, body, **names))
            except LeaseShort:
                continue  # it had to wait long for its turn; nothing was sent

    def chargebee(self, operation: Operation, params: Params | None = None, **names: Any) -> Heard:
        """Send a GET to Chargebee."""
        return self.line.run(self.line.chargebee.ask(operation, params, **names))

    def name(self, what: str = "") -> str:
        """A new name that tells a thing of this probe."""
        self._names += 1
        return f"{self.marker} {self._names} {what}".strip()

    def post(self, kind: Entity, body: Row) -> Heard:
        """Try to make a record; it is noted where it was made."""
        return self._create(costs.CREATE[kind], body, kind, "id")

    def make(self, kind: Entity, **body: Any) -> Row:
        """Make a record with a name of its own. Raises Unclear where Pipedrive refuses."""
        named = {"title" if kind == "deal" else "name": self.name()}
        return record(self.post(kind, named | body), f"a {kind}")

    def post_field(self, entity: Literal["person", "organization"], body: Row) -> Heard:
        """Try to make a custom field; it is noted where it was made."""
        kind: Kind = "person field" if entity == "person" else "organization field"
        return self._create(costs.CREATE_FIELD[entity], body, kind, "field_code")

    def make_field(self, entity: Literal["person", "organization"], **body: Any) -> Row:
        """Make a custom field. Raises Unclear where Pipedrive refuses, at the plan's limit say."""
        return record(self.post_field(entity, {"field_name": self.name()} | body), "a field")

    def get(self, kind: Entity, id: int) -> Heard:
        """Read one record."""
        return self.pipedrive(costs.GET[kind], id=id)

    def patch(self, kind: Entity, id: int, body: Row) -> Heard:
        """Try to change a record."""
        return self.pipedrive(costs.UPDATE[kind], body=body, id=id)

    def delete(self, kind: Entity, id: int) -> None:
        """Delete a record that this probe made. Raises Unclear where Pipedrive refuses."""
        record(self.pipedrive(costs.DELETE[kind], id=id), f"the deletion of a {kind}")
        self.made.discard(Trace(kind, id))

    def merge(self, kind: Entity, loser: int, winner: int) -> None:
        """Merge two records of this probe. Raises Unclear where Pipedrive refuses."""
        merged = self.pipedrive(MERGE[kind], body={"merge_with_id": winner}, id=loser)
        record(merged, f"the merge of two {kind}s")
        self.made.discard(Trace(kind, loser))

    def rows(self, kind: Entity, **params: str | int) -> list[Row]:
        """A page of a list, newest ids first. Raises Unclear where Pipedrive refuses."""
        wanted: Params = {"limit": 500, "sort_by": "id", "sort_direction": "desc", **params}
        heard = self.pipedrive(costs.LIST[kind], wanted)
        if not heard.ok:
            raise refused(heard, f"a list of {kind}s")
        return list(as_dicts(heard.body.get("data")) or ())

    def listed(self, kind: Entity, row: Row) -> Row | None:
        """The record as the list of what was updated since it was made shows it."""
        rows = self.rows(kind, updated_since=str(row["update_time"]))
        return next((each for each in rows if each.get("id") == row["id"]), None)

    def make_listed(self, kind: Entity) -> Row:
        """Make a record and wait until lists show it. Raises Unclear where they do not."""
        row = self.make(kind)
        if self.until(lambda: self.listed(kind, row) is not None, self.settle) is None:
            raise Unclear("The lists did not show a new record in time.", "See assumption 1.")
        return row

    def until(self, there: Callable[[], bool], longest: float) -> float | None:
        """Ask at once, then ever more seldom; seconds until it was there, None for never."""
        start, pause = self.line.now(), 1.0
        while not there():
            left = longest - (self.line.now() - start)
            if left <= 0:
                return None
            self.wait(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)
        return self.line.now() - start

    def wait(self, seconds: float) -> None:
        """Sleep in naps short enough that the lease does not end."""
        while seconds > 0:
            nap = min(seconds, self.line.longest_nap)
            self.line.run(asyncio.sleep(nap))
            self.line.hold()
            seconds -= nap

    def sample(self, operation: Operation, part: str, **params: str | int | bool) -> list[Row]:
        """Up to 100 rows of a Chargebee list, asked for once. Raises Unclear where it refuses."""
        key = f"{operation.template} {sorted(params.items())}"
        if key not in self._samples:
            heard = self.chargebee(operation, {"limit": 100, **params})
            if not heard.ok:
                raise refused(heard, f"the list of {part}s")
            rows = as_dicts(heard.body.get("list")) or ()
            self._samples[key] = [row for each in rows if (row := as_dict(each.get(part)))]
        return self._samples[key]

    def _create(self, operation: Operation, body: Row, kind: Kind, key: str) -> Heard:
        self.making = True
        heard = self.pipedrive(operation, body=body)
        found = (as_dict(heard.body.get("data")) or {}).get(key)
        if heard.ok and isinstance(found, int | str):
            self.made.add(Trace(kind, found))
        self.uncertain = self.uncertain or (heard.ok and found is None)
        self.making = False
        return heard


def record(heard: Heard, what: str) -> Row:
    """The record of an answer. Raises Unclear where there is none."""
    found = as_dict(heard.body.get("data"))
    if not heard.ok or found is None:
        raise refused(heard, what)
    return cast(Row, found)


def refused(heard: Heard, what: str) -> Unclear:
    """A check cannot go on, for it was refused what it needs."""
    return Unclear(f"{what} was refused with {told(heard)}.", "", "not checked")


def told(heard: Heard) -> str:
    """Status and code of an answer."""
    return f"{heard.status} {heard.code}".strip()
