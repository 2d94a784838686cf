"""Apply: intend, send, note the result, page by page (architecture.md, "Crash safety").

Organizations come before the people that are linked to them. Between two commits the process
may die at any point; what was intended is then found by its mark, see `resolve`.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q

from chargepipe.accounts.ledger import allowance, next_day
from chargepipe.domain.change import price
from chargepipe.domain.codes import REFUSED
from chargepipe.http import Gone, PauseUntilReset, ServiceError
from chargepipe.store.models import Account, Change, Run
from chargepipe.sync import index, settle
from chargepipe.sync.dropped import look_again_at
from chargepipe.sync.fields import index_codes
from chargepipe.sync.fieldwork import make_fields
from chargepipe.sync.prepare import Ready, prepare
from chargepipe.sync.resolve import resolve_unfinished
from chargepipe.sync.send import Sent, send
from chargepipe.sync.session import Session

PAGE = 25


def apply(session: Session) -> None:
    """Apply every planned change of the run; returns when none is planned, intended or unknown."""
    while make_fields(session):
        # Nothing is written before all its fields stand for certain.
        resolve_unfinished(session)
    moved = True
    while moved:
        moved = _apply_kind(session, "organization") | _apply_kind(session, "person")
        moved |= resolve_unfinished(session)


def _apply_kind(session: Session, kind: str) -> bool:
    """Apply what is ready; true when something was. What must wait for another change stays."""
    moved, later = False, set[int]()
    while page := _next_page(session, kind, later):
        ready = prepare(session, page)
        later |= {change.pk for change in ready.later}
        moved |= len(ready.later) < len(page)
        _send_page(session, ready)
        session.pulse()
    return moved


def _next_page(session: Session, kind: str, later: set[int]) -> list[Change]:
    """Updates first, while what was read for them is fresh; a follower only after its leader."""
    return list(
        session.run.changes.filter(
            Q(follows=None) | ~Q(follows__state__in=Change.UNFINISHED), kind=kind, state="planned"
        )
        .exclude(pk__in=later)
        .select_related("follows")
        .order_by("-action", "pk")[:PAGE]
    )


def _send_page(session: Session, ready: Ready) -> None:
    _keep_to_budget(session, ready)
    _intend(session, ready)
    answers = send(session, ready.bodies) if ready.bodies else []
    with session.commit():
        _note(session, answers)
        Run.objects.filter(pk=session.run.pk).update(
            done=F("done") + len(ready.true) + sum(not a.unsent for a in answers)
        )
    if session.halted is not None:
        raise session.halted


def _keep_to_budget(session: Session, ready: Ready) -> None:
    """Send only what the share of the day's tokens still pays for (setting 14).

    Raises PauseUntilReset when that is not even one write; the rest stays planned.
    """
    now = session.env.clock.now()
    account = Account.objects.get(pk=session.account.pk)
    left = allowance(account, session.settings, now.date())
    dearest = max((price(change.action) for change, _ in ready.bodies), default=0)
    if dearest > left:
        raise PauseUntilReset(
            "Pipedrive",
            f"The tokens that runs may use today are spent: {left} are left.",
            resets_at=next_day(now),
        )
    if dearest:
        del ready.bodies[left // dearest :]


def _intend(session: Session, ready: Ready) -> None:
    """The one durable commit before anything is sent; also what turned out to need no sending."""
    changes = [change for change, _ in ready.bodies]
    for change in changes:
        change.state, change.tries = "intended", change.tries + 1
        change.fence, change.intended_at = session.lease.fence, session.pipedrive_now()
    with session.commit():
        settle.save_states([*changes, *ready.stale])
        stale = [change.source_key for change in ready.stale if change.kind == "organization"]
        look_again_at(session.connection, stale)
        settle.written(session, ready.true, adopted=True)
        for change, code in ready.failed:
            settle.failed(session, change, code)


def _note(session: Session, answers: Sequence[Sent]) -> None:
    done: list[tuple[Change, int]] = []
    rows: dict[Any, list[dict[str, Any]]] = {}
    moved: list[Change] = []
    for answer in answers:
        change = answer.change
        if answer.record is not None:
            done.append((change, answer.record["id"]))
            rows.setdefault(change.kind, []).append(answer.record)
        elif answer.refused is not None:
            _note_refusal(session, change, answer.refused, moved)
        else:
            _put_back(session, answer)
            moved.append(change)
    settle.written(session, done)
    settle.save_states(moved)
    for entity, records in rows.items():
        index.store(session, entity, records, index_codes(session, entity))


def _note_refusal(
    session: Session, change: Change, error: ServiceError, moved: list[Change]
) -> None:
    if isinstance(error, Gone):
        # Deleted between reading and writing: the record stays dirty and is planned anew.
        change.state, change.words = "stale", str(error)
        moved.append(change)
        if change.kind == "organization":
            look_again_at(session.connection, [change.source_key])
        return
    # A refusal may mean that a field has vanished: look at the fields again next time.
    session.account.fields_at = None
    session.account.save(update_fields=["fields_at"])
    settle.failed(session, change, REFUSED, answer=str(error))


def _put_back(session: Session, answer: Sent) -> None:
    change = answer.change
    if answer.uncertain:
        change.state, change.uncertain_at = "unknown", session.env.clock.now()
        return
    change.state, change.tries = "planned", change.tries - 1
