"""Apply: intend, send, note the result, page by page (architecture.md, "Crash safety").

Organizations come before the people that are linked to them. Between two commits the process
may die at any point; what was intended is then found by its mark, see `resolve`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import F, Q

from chargepipe.domain.change import price
from chargepipe.domain.codes import REFUSED
from chargepipe.http import Gone, ServiceError
from chargepipe.store.models import Change, Run
from chargepipe.sync import index, settle
from chargepipe.sync.budget import keep_to_budget
from chargepipe.sync.dropped import look_again_at
from chargepipe.sync.fields import index_codes
from chargepipe.sync.links import doubt
from chargepipe.sync.mend import mend, names_a_field, stand_fields
from chargepipe.sync.newcomers import beginning
from chargepipe.sync.prepare import prepare
from chargepipe.sync.ready import Ready
from chargepipe.sync.resolve import resolve_unfinished
from chargepipe.sync.send import Sent, send
from chargepipe.sync.session import Session

LEAST, MOST = 50, 100
"""Changes of one page: as many as the plan's burst lets out in four seconds, within these."""
ORDER = (
    *(("organization", False), ("person", False), ("deal", False)),
    *(("deal", True), ("person", True), ("organization", True)),
)
"""Kind, and whether deletions: what joins another comes after it, and leaves it first."""


def apply(session: Session) -> None:
    """Apply every planned change of the run; returns when none is planned, intended or unknown."""
    stand_fields(session)
    moved = True
    while moved:
        moved = False
        for kind, deleting in _planned(session):
            moved |= _apply_kind(session, kind, deleting)
        moved |= resolve_unfinished(session)


def _planned(session: Session) -> list[tuple[str, bool]]:
    """Those of ORDER of which something is planned; one look that spares the others."""
    planned = session.run.changes.filter(state="planned").values_list("kind", "action").distinct()
    there = {(kind, action == "delete") for kind, action in planned}
    return [each for each in ORDER if each in there]


def _apply_kind(session: Session, kind: str, deleting: bool) -> bool:
    """Apply what is ready; true when something was. What must wait for another change stays."""
    moved, later = False, set[int]()
    while page := _next_page(session, kind, deleting, later):
        ready = prepare(session, page)
        later |= {change.pk for change in ready.later}
        moved |= len(ready.later) < len(page)
        _send_page(session, ready)
        session.pulse()
    return moved


def _next_page(session: Session, kind: str, deleting: bool, later: set[int]) -> list[Change]:
    """Updates first, while what was read for them is fresh; a follower only after its leader."""
    changes = session.run.changes.filter(kind=kind, state="planned")
    changes = changes.filter(action="delete") if deleting else changes.exclude(action="delete")
    also = ("follows", "reverts__run") if session.run.kind == "undo" else ("follows",)
    ready = changes.filter(Q(follows=None) | ~Q(follows__state__in=Change.UNFINISHED))
    # All that is ready is put in order: by keys alone, or whole rows would be sorted each time.
    ids = ready.exclude(pk__in=later).order_by("-action", "pk").values_list("pk", flat=True)
    keys = list(ids[: page_size(session.account.burst)])
    rows = Change.objects.select_related(*also).in_bulk(keys)
    page = [rows[key] for key in keys]
    for change in page:
        change.connection = session.connection  # else each would be asked for it
    return page


def page_size(burst: int | None) -> int:
    """How many changes go between two commits, where the plan allows `burst` calls in 2 s.

    A larger page spares commits; a smaller one lets a run sooner be paused.
    """
    return max(LEAST, min(2 * (burst or 0), MOST))


def _send_page(session: Session, ready: Ready) -> None:
    _keep_to_budget(session, ready)
    _intend(session, ready)
    answers = send(session, ready.bodies) if ready.bodies else []
    again = [a for a in answers if a.refused and names_a_field(session, a.change, a.refused)]
    with session.commit():
        # What is sent once more counts as not sent: it goes back to planned.
        _note(
            session,
            [replace(a, refused=None, unsent=True) if a in again else a for a in answers],
        )
        if session.capped:
            settle.deals_capped(session, _open_deals(session), str(session.capped["create"]))
        Run.objects.filter(pk=session.run.pk).update(
            done=F("done")
            + len(ready.true)
            + len(ready.skipped)
            + sum(not a.unsent for a in answers)
            - len(again)
        )
    if session.halted is not None:
        raise session.halted
    mend(session, [*ready.lacking, *(a.change for a in again)])


def _open_deals(session: Session) -> list[Change]:
    """The deals that Pipedrive will not take now: they are tried again in the next run."""
    planned = session.run.changes.filter(kind="deal", state="planned", after__status__status="open")
    return list(planned.filter(action__in=list(session.capped)))


def _keep_to_budget(session: Session, ready: Ready) -> None:
    """Send only what the share of the day's tokens still pays for (setting 14).

    Raises PauseUntilReset when that is not even one write; the rest stays planned.
    """
    dearest = max((price(change.action) for change, _ in ready.bodies), default=0)
    if dearest:
        left = keep_to_budget(session, dearest)
        del ready.bodies[left // dearest :]


def _intend(session: Session, ready: Ready) -> None:
    """The one durable commit before anything is sent; also what turned out to need no sending."""
    changes = [change for change, _ in ready.bodies]
    for change in changes:
        change.state, change.tries = "intended", change.tries + 1
        change.fence, change.intended_at = session.lease.fence, session.pipedrive_now()
    with session.commit():
        settle.save_states([*changes, *ready.stale, *ready.skipped])
        stale = [change.source_key for change in ready.stale if _wakes(change)]
        look_again_at(session.connection, stale)
        settle.written(session, ready.true, adopted=True)
        for change, code in ready.failed:
            settle.failed(session, change, code)


def _wakes(change: Change) -> bool:
    """Whether the customers of a company must be looked at again, as its change was not made."""
    return change.kind == "organization" and change.reverts_id is None


def _note(session: Session, answers: Sequence[Sent]) -> None:
    done: list[tuple[Change, int]] = []
    rows: dict[Any, list[dict[str, Any]]] = {}
    gone: dict[Any, list[dict[str, Any]]] = {}
    moved: list[Change] = []
    stays: list[tuple[Change, int]] = []
    for answer in answers:
        change = answer.change
        if answer.record is not None and change.action == "update" and not change.after:
            stays.append((change, answer.record["id"]))
        elif answer.record is not None:
            done.append((change, answer.record["id"]))
            if change.action == "create" and change.reverts_id is None:
                # Not ours to compare or to write again, but an undo must know how it began.
                change.after = {**change.after, **beginning(session, change.kind)}
            kept = gone if change.action == "delete" else rows
            kept.setdefault(change.kind, []).append(answer.record)
        elif answer.refused is not None:
            _note_refusal(session, change, answer.refused, moved)
        else:
            _put_back(session, answer)
            moved.append(change)
    settle.written(session, done)
    settle.save_states(moved)
    _note_stays(session, stays)
    for entity, records in rows.items():
        index.store(session, entity, records, index_codes(session, entity))
    for entity, records in gone.items():
        index.forget(session, entity, [record["id"] for record in records])


def _note_stays(session: Session, pairs: Sequence[tuple[Change, int]]) -> None:
    """All of these has to stay: an undo did nothing, a sync tries again with the next news."""
    undone = [change for change, _ in pairs if change.reverts_id is not None]
    for change in undone:
        change.state = "skipped"
    settle.save_states(undone)
    settle.written(session, [pair for pair in pairs if pair[0].reverts_id is None], adopted=True)


def _note_refusal(
    session: Session, change: Change, error: ServiceError, moved: list[Change]
) -> None:
    if isinstance(error, Gone):
        # Deleted between reading and writing: the record stays dirty and is planned anew.
        change.state, change.words = "stale", str(error)
        moved.append(change)
        if _wakes(change):
            look_again_at(session.connection, [change.source_key])
        return
    # A refusal may mean that a field has vanished: look at the fields again next time.
    session.account.fields_at = None
    session.account.save(update_fields=["fields_at"])
    if joined := change.after.get("organization"):
        doubt(session.connection, joined["key"])
    settle.failed(session, change, REFUSED, answer=str(error))


def _put_back(session: Session, answer: Sent) -> None:
    change = answer.change
    if answer.uncertain:
        change.state, change.uncertain_at = "unknown", session.env.clock.now()
        return
    change.state, change.tries = "planned", change.tries - 1
