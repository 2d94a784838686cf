"""Resolve: find out what became of writes whose outcome is not known (architecture.md, step 5).

A create is looked for by its mark, once enough time has passed that a list would show it. An
update is compared with what the record holds now. Nothing is ever sent again as it was stored.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chargepipe.domain.change import MOST_INTENTS
from chargepipe.domain.codes import DUPLICATE_MARK, NEWER_SAME_KEY, NOT_MADE
from chargepipe.domain.keys import customer_keys
from chargepipe.domain.validation import Finding
from chargepipe.store.models import Change, IndexRecord, Record, Run
from chargepipe.sync import index, settle, settle_errors
from chargepipe.sync.deal_match import alike
from chargepipe.sync.fields import index_codes
from chargepipe.sync.fieldwork import entity_of, refresh_fields, stands
from chargepipe.sync.linked import linked
from chargepipe.sync.marks import mark_code, marked
from chargepipe.sync.prepare import difference_now
from chargepipe.sync.reading import look
from chargepipe.sync.room import FIELD_KINDS
from chargepipe.sync.session import Session
from chargepipe.sync.work import customer_of

NAP_SECONDS = 5.0


def adopt_leftovers(session: Session) -> None:
    """What a dead worker left intended on this account becomes unknown, whoever it was (step 7).

    It could last have been sent when the lease of that worker ended.
    """
    with session.commit():
        Change.objects.filter(account=session.account, state="intended").update(
            state="unknown", uncertain_at=session.lease.free_since
        )


def resolve_unfinished(session: Session) -> bool:
    """Wait until every unknown change of the account can be decided, and decide it; true if any."""
    found = False
    while unknown := _unknown(session):
        found = True
        _wait(session, _decidable_at(session, unknown))
        for kind in dict.fromkeys(change.kind for change in unknown):
            _decide(session, kind, [change for change in unknown if change.kind == kind])
    return found


def _unknown(session: Session) -> list[Change]:
    unknown = Change.objects.filter(account=session.account, state="unknown")
    if not unknown.exists():  # a short question that nearly always is answered so
        return []
    return list(
        unknown.select_related("connection", "run", "follows", "reverts__run").order_by("pk")
    )


def _decidable_at(session: Session, unknown: Sequence[Change]) -> datetime:
    now = session.env.clock.now()
    last = max(change.uncertain_at or now for change in unknown)
    return last + timedelta(seconds=session.env.settle_seconds)


def _wait(session: Session, until: datetime) -> None:
    """Sleep in short naps, holding the lease."""
    while (left := (until - session.env.clock.now()).total_seconds()) > 0:
        nap = min(left, NAP_SECONDS, session.env.lease_seconds / 3)
        session.call(asyncio.sleep(nap))
        with session.commit():
            pass
        session.pulse()


def _decide(session: Session, kind: str, changes: Sequence[Change]) -> None:
    if kind in FIELD_KINDS:
        _decide_fields(session, changes)
        return
    creates = [change for change in changes if change.action == "create"]
    if creates:
        _decide_creates(session, kind, creates)
    rest = [change for change in changes if change.action != "create"]
    if rest:
        _decide_updates(session, kind, rest)


def _decide_fields(session: Session, changes: Sequence[Change]) -> None:
    refresh_fields(session, entity_of(changes[0]))
    for change in changes:
        with session.commit():
            if stands(session, change):
                settle.written(session, [(change, 0)], adopted=True)
            else:
                _intend_anew(session, change)


def _decide_creates(session: Session, kind: Any, creates: Sequence[Change]) -> None:
    codes = [mark_code(session, change) for change in creates]
    index.refresh(session, kind, [*index_codes(session, kind), *(c for c in codes if c)])
    session.refreshed.add(kind)
    there = marked(session, creates)
    for change in creates:
        ids = there.get(change.pk, [])
        with session.commit():
            if ids:
                _adopt(session.on(change), change, ids)
            elif _newer_with_same_key(session, change):
                settle.failed(session.on(change), change, NEWER_SAME_KEY)
            else:
                _intend_anew(session, change)


def _adopt(session: Session, change: Change, ids: Sequence[int]) -> None:
    """It was made: link the lowest id; more than one means that a person must look (step 5)."""
    settle.written(session, [(change, ids[0])], adopted=True)
    if len(ids) > 1:
        kind = "customer" if change.kind == "person" else change.kind
        finding = Finding.of(DUPLICATE_MARK, change.source_key, kind=kind, candidates=ids)
        settle_errors.open_error(session, finding)


def _newer_with_same_key(session: Session, change: Change) -> bool:
    """Whether somebody made a record with the same key since the intent: then we must not."""
    if change.intended_at is None:
        return False
    ids = _same_key(session, change)
    since = change.intended_at - timedelta(seconds=1)
    return IndexRecord.objects.filter(
        account=session.account,
        entity=change.kind,
        pipedrive_id__in=ids,
        added_at__gte=since,
    ).exists()


def _same_key(session: Session, change: Change) -> set[int]:
    if change.kind == "organization":
        found = index.lookup(session, "organization", "name", [change.source_key])
    elif change.kind == "deal":
        found = alike(session, change)
    else:
        found = _people_with_key(session, change)
    return {pipedrive_id for ids in found.values() for pipedrive_id in ids}


def _people_with_key(session: Session, change: Change) -> dict[str, list[int]]:
    own = session.on(change)
    name = own.settings.match_key.pipedrive
    record = Record.objects.filter(
        connection=change.connection, kind="customer", source_id=change.source_key
    ).first()
    if record is None or name not in ("email", "phone"):
        return {}
    keys = customer_keys(customer_of(record), own.settings.match_key)
    return index.lookup(session, "person", name, keys)


def _decide_updates(session: Session, kind: Any, changes: Sequence[Change]) -> None:
    ids = [change.pipedrive_id for change in changes if change.pipedrive_id is not None]
    seen = look(session, kind, ids)
    for change in changes:
        row = seen.rows.get(change.pipedrive_id or 0)
        own = session.on(change)
        with session.commit():
            if change.action == "delete" and change.pipedrive_id in seen.gone:
                settle.written(own, [(change, change.pipedrive_id or 0)], adopted=True)
            elif row is not None and _stands(own, change, row):
                settle.written(own, [(change, row["id"])], adopted=False)  # it was sent, so ours
            else:
                change.read_at = None
                _intend_anew(session, change)


def _stands(session: Session, change: Change, row: dict[str, Any]) -> bool:
    """Whether an update did its work after all; a deletion did not where there is a record."""
    if change.action != "update":
        return False
    return not difference_now(session, change, row, linked(session, [change])).after


def _intend_anew(session: Session, change: Change) -> None:
    """Back to planned where its run will go on; stale where not: the record is dirty anyway."""
    if change.action == "create" and change.tries >= MOST_INTENTS:
        settle.failed(session.on(change), change, NOT_MADE)
        return
    going_on = change.run_id == session.run.pk or change.run.state in Run.UNFINISHED
    change.state = "planned" if going_on else "stale"
    settle.save_states([change])
