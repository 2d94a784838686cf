"""Prepare deletions: each record is looked at once more, right before it is deleted.

What we made and an undo would delete stays when somebody has worked on it since (rule 12).
"""

from collections.abc import Sequence
from typing import Any

from chargepipe.domain.diff import Difference
from chargepipe.store.models import Change
from chargepipe.sync.backward import Whole, body_of, keys_of, read_whole, worked_on
from chargepipe.sync.exactly import changed_words, other_fields
from chargepipe.sync.leaving import has_left, under_way
from chargepipe.sync.ready import Ready
from chargepipe.sync.session import Session
from chargepipe.sync.undo import HIDDEN


def prepare_deletes(session: Session, page: Sequence[Change]) -> Ready:
    """Sort a page of deletions of one kind. Gone already is done.

    10 tokens a page. What others have left in this run costs a token each, for a list may not know
    of it yet; and it waits until the run is done with them.
    """
    ready = Ready()
    kind: Any = page[0].kind
    if under_way(session, kind):
        ready.later.extend(page)
        return ready
    ids = [change.pipedrive_id for change in page if change.pipedrive_id is not None]
    one_by_one = kind == "organization" or has_left(session, kind)
    looked = read_whole(session, kind, ids, one_by_one=one_by_one)
    keys = keys_of(session, looked.records.values())
    for change in page:
        pipedrive_id = change.pipedrive_id or 0
        record = looked.records.get(pipedrive_id)
        if pipedrive_id in looked.hidden:
            change.state, change.words = "skipped", HIDDEN
            ready.skipped.append(change)
        elif record is None:
            ready.true.append((change, pipedrive_id))
        elif kept := _kept(session, change, record):
            change.state, change.kept = "skipped", list(kept)
            ready.skipped.append(change)
        elif moved := _moved(session, change, body_of(record, keys)):
            change.state, change.words = "stale", moved
            ready.stale.append(change)
        else:
            change.before = body_of(record, keys)
            ready.bodies.append((change, {}))
    return ready


def _moved(session: Session, change: Change, now: dict[str, Any]) -> str:
    """Why a previewed deletion is not that any more, in words; "" for any other."""
    if session.run.kind != "apply":
        return ""
    names = other_fields(change, Difference(now, {}))
    return changed_words(change, names) if names else ""


def _kept(session: Session, change: Change, record: Whole) -> tuple[str, ...]:
    """Why a record that we made is not deleted after all; a sync's own deletion asks nobody."""
    if change.reverts is None:
        return ()
    same = {"kind": change.kind, "pipedrive_id": change.reverts.pipedrive_id, "state": "written"}
    making = change.reverts.run.changes.filter(**same, action="create").first()
    undone = session.run.changes.filter(
        kind=change.kind, pipedrive_id=change.pipedrive_id, action="delete"
    )
    keys = set(undone.values_list("source_key", flat=True))
    return worked_on(session, record, making or change.reverts, undone=keys)
