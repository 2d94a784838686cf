"""Waiting: what a person has decided of an open error, and no sync has carried out yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from chargepipe.actions.candidates import choice, may_be_new
from chargepipe.domain.deals import split_key
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Connection, Record, Run, SyncError
from chargepipe.sync.links import undone
from chargepipe.sync.work import MAKE_NEW

SYNCS = ("sync", "full", "trial")
"""Kinds of runs that carry decisions out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of one error."""

    kind: Entity
    picked: int | None
    """The record that was picked; None for a new one."""
    name: str
    """Of that record; "" where it is not known."""
    run: int | None
    """The run that carries it out now; None while it waits for the next sync."""
    after: str
    """For which sync it waits, in words."""

    @property
    def words(self) -> str:
        """What was decided, and what becomes of it."""
        known = " ".join(filter(None, (self.kind, self.name, str(self.picked))))
        what = f"{known} was picked" if self.picked else f"a new {self.kind}"
        then = "it is being synced now" if self.run else f"it waits for {self.after}"
        return f"Decided: {what}; {then}."


def decisions(connection: Connection, errors: Sequence[SyncError]) -> dict[int, Decision]:
    """The decisions that these errors wait with, by the number of the error; asks no service."""
    asked: dict[int, Entity] = {error.pk: kind for error in errors if (kind := choice(error))}
    if not asked:
        return {}
    records = _records(connection, [error for error in errors if error.pk in asked])
    keys = {
        error.pk: records[error.pk].company_key
        if asked[error.pk] == "organization"
        else error.source_key
        for error in errors
        if error.pk in records
    }
    links = undone(connection).filter(kind__in=set(asked.values()), source_key__in=keys.values())
    picked = {(link.kind, link.source_key): link.pipedrive_id for link in links}
    runs = cache(lambda: list(connection.runs.filter(state__in=Run.GOING, kind__in=SYNCS)))
    first = connection.full_done_at is None
    after = "the trial or the first full sync" if first else "the next sync"
    found: dict[int, Decision] = {}
    for error in errors:
        if error.pk in keys:
            kind, record = asked[error.pk], records[error.pk]
            number = picked.get((kind, keys[error.pk]))
            if number is not None or _is_new(error, kind, record):
                name = next((c["name"] for c in error.candidates if c["id"] == number), "")
                found[error.pk] = Decision(kind, number, name, _run(runs(), record), after)
    return found


def _records(connection: Connection, errors: Sequence[SyncError]) -> Mapping[int, Record]:
    """The record of each error: a customer, or the subscription or invoice of a deal."""
    keys = {
        error.pk: split_key(error.source_key)
        if error.kind == "deal"
        else ("customer", error.source_key)
        for error in errors
    }
    # Kinds and ids for themselves, so that the index leads to each; pairs are told apart here.
    kinds, ids = zip(*keys.values(), strict=True)
    found = connection.records.filter(kind__in=set(kinds), source_id__in=set(ids))
    rows = {(row.kind, row.source_id): row for row in found}
    return {pk: rows[key] for pk, key in keys.items() if key in rows}


def _is_new(error: SyncError, kind: Entity, record: Record) -> bool:
    if kind == "organization":
        return record.own_organization == record.company_key != ""
    return record.decision == MAKE_NEW and may_be_new(error)


def _run(runs: Sequence[Run], record: Record) -> int | None:
    return next((run.pk for run in runs if not run.only or record.customer_id in run.only), None)
