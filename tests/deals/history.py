"""What became of every record so far: which syncs saw it, and what its deal was last made to be."""

from dataclasses import dataclass, field
from typing import Any

from deal_held import Held
from deal_oracle import MARKS, Kind, after, differences, ended, noticed, remembered, wanted
from deal_terms import Json, Terms

JOINED = ("person", "org")
OVERLAP = 600
"""Seconds before the newest change of the last reading that are read once more (rule 5)."""


@dataclass(slots=True)
class Known:
    """What a record's deal came to. seen: the record as the last sync saw it. is_due: whether it
    was created or changed since the first full sync started, or a later full sync has come by."""

    seen: Json
    is_due: bool = False
    deal: int | None = None
    last: Json = field(default_factory=dict)
    want: Json | None = None


@dataclass(slots=True)
class Outcome:
    """What a sync should have come to: deals by record, those made, changed, looked at."""

    expected: dict[tuple[Kind, str], Json] = field(default_factory=dict)
    none: set[tuple[Kind, str]] = field(default_factory=set)
    made: list[tuple[Kind, str]] = field(default_factory=list)
    changed: list[tuple[Kind, str]] = field(default_factory=list)
    looked: list[tuple[Kind, str]] = field(default_factory=list)
    """Whose deal was compared, for billing says something else than before."""
    locked: int = 0
    """How many of the changed ones have products and want another value."""
    refused: int = 0
    """How many want to empty what Pipedrive lets not be emptied."""


@dataclass(slots=True)
class Look:
    """One sync's facts. people: person and organization of each customer that is synced; one that
    waits for an error, is skipped or deleted has none. waiting: customers with an open error.
    complete: whether all records are read."""

    records: dict[Kind, dict[str, Json]]
    customers: dict[str, Json]
    people: dict[str, tuple[int, int | None]]
    waiting: set[str]
    complete: bool
    full: bool = False


class History:
    """Follows every record through the syncs; `started` is the first full sync's, unix seconds."""

    def __init__(self, terms: Terms, started: int) -> None:
        self._terms = terms
        self._started = started
        self.known: dict[tuple[Kind, str], Known] = {}
        self._newest: dict[Kind, int] = {}

    def expect(self, look: Look, before: Held) -> Outcome:
        """What the deals must be after a sync that found things so; nothing is remembered yet."""
        outcome = Outcome()
        for kind, rows in look.records.items():
            since = self._newest.get(kind, 0) - OVERLAP
            for id, row in rows.items():
                self._see(kind, id, row, look, since)
                self._expect(kind, id, look, before, outcome)
            changed = (row.get("updated_at", 0) for row in rows.values())
            self._newest[kind] = max(changed, default=0)
        return outcome

    def remember(self, outcome: Outcome, now: Held) -> None:
        """Take over what the sync has made true."""
        for key in (*outcome.made, *outcome.changed):
            self._note(key, now)
        for key in outcome.looked:
            known = self.known[key]
            if known.want is not None and known.deal in now.deals:
                known.last = remembered(known.last, known.want, now.deals[known.deal])

    def _note(self, key: tuple[Kind, str], now: Held) -> None:
        deals = now.marked(key[0]).get(key[1], [])
        if deals:
            self.known[key].deal = deals[0]["id"]

    def _see(self, kind: Kind, id: str, row: Json, look: Look, since: int) -> None:
        known = self.known.setdefault((kind, id), Known(row))
        if row.get("updated_at", 0) > since or look.complete:
            known.seen = row
        times = (row.get("updated_at", 0), row.get("created_at", 0))
        known.is_due = known.is_due or look.full or max(times) > self._started

    def _expect(self, kind: Kind, id: str, look: Look, before: Held, outcome: Outcome) -> None:
        key: tuple[Kind, str] = (kind, id)
        known = self.known[key]
        held = before.deals.get(known.deal) if known.deal else None
        if held is None and (known.deal or not known.is_due):
            outcome.none.add(key)
            return
        want = self._want(kind, known.seen, look)
        if want is None or want == known.want or (held is None and "status" not in want):
            _stands(key, held, outcome)
            return
        empties = self._terms.empties
        if held is not None and _joins_alone(want, known.want):
            expected = held | _joined(held, known.last, want, empties=empties)
        else:
            expected = after(held, known.last, want, care=self._terms.care, empties=empties)
        outcome.expected[key] = expected
        outcome.looked.append(key)
        known.want = want
        if held is not None:
            known.last = noticed(known.last, want, held)
        if held is not None and not empties:
            outcome.refused += bool(ended(held, known.last, want))
        if held is None:
            outcome.made.append(key)
        elif differences(expected, held):
            outcome.changed.append(key)
            outcome.locked += held["products"] and want.get("value") != held["value"]

    def _want(self, kind: Kind, record: Json, look: Look) -> Json | None:
        """None too where the customer waits, and where Pipedrive lacks the currency."""
        owner = record["customer_id"]
        want = wanted(kind, record, look.customers[owner], self._terms)
        if want is None or owner in look.waiting:
            return None
        if "status" not in want:
            return want
        if owner not in look.people or want["currency"] not in self._terms.currencies:
            return None
        return want | dict(zip(("person", "org"), look.people[owner], strict=True))


def _joins_alone(want: Json, then: Json | None) -> bool:
    """Whether billing says what it said before, and only its person or organization is another."""
    joined = {key: want[key] for key in JOINED if key in want}
    return then is not None and "status" in then and {**then, **joined} == want


def _joined(held: Json, last: Json, want: Json, *, empties: bool) -> Json:
    """Nothing but person and organization: edits of people stay."""
    gone = ended(held, last, want) if empties else []
    return {key: want[key] for key in JOINED if want[key] is not None or key in gone}


def _stands(key: tuple[Kind, str], held: Json | None, outcome: Outcome) -> None:
    """Nothing is written: the deal is what it was, or there is none."""
    if held is None:
        outcome.none.add(key)
    else:
        outcome.expected[key] = held


def compared(outcome: Outcome, now: Held) -> list[str]:
    """Every disagreement between what is expected and what is held, in words."""
    marked: dict[Kind, Any] = {kind: now.marked(kind) for kind in MARKS}
    words = [f"{kind} {id}: {len(marked[kind][id])} deals" for kind, id in _several(marked)]
    for (kind, id), expected in outcome.expected.items():
        deals = marked[kind].get(id)
        if not deals:
            words.append(f"{kind} {id}: no deal, though {expected['status']} is expected")
        else:
            words += [f"{kind} {id}: {d}" for d in _told(differences(expected, deals[0]))]
    words += [f"{k} {i}: a deal, though none is due" for k, i in outcome.none if marked[k].get(i)]
    return words


def _several(marked: dict[Kind, Any]) -> list[tuple[Kind, str]]:
    return [
        (kind, id) for kind, found in marked.items() for id, deals in found.items() if deals[1:]
    ]


def _told(wrong: dict[str, tuple[Any, Any]]) -> list[str]:
    return [f"{name} should be {want!r}, is {held!r}" for name, (want, held) in wrong.items()]
