"""Flow: strings the stages of the line for each kind of run, and says how a run ended.

`advance` is what the engine calls. It holds no position of its own: it may be called again at
any time, by any process, and goes on from what the tables say.
"""

from collections.abc import Callable
from datetime import datetime
from traceback import format_tb

import structlog
from django.db import DatabaseError
from django.db.models import Q

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.lease import LeaseLost, claim
from chargepipe.accounts.ledger import next_day
from chargepipe.http import PauseUntilReset, Reconnect, ServiceError
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.models import Run, Secrets
from chargepipe.sync import apply, plan, scope
from chargepipe.sync.brakes import reasons_to_ask
from chargepipe.sync.counts import count
from chargepipe.sync.dropped import drop_planned
from chargepipe.sync.fields import FieldMismatch
from chargepipe.sync.finish import CANCELLED, finish
from chargepipe.sync.guard import RightsLost, check_account
from chargepipe.sync.plan import Mode, Plan
from chargepipe.sync.presence import check_presence
from chargepipe.sync.pull import pull
from chargepipe.sync.resolve import adopt_leftovers, resolve_unfinished
from chargepipe.sync.session import Interrupted, Session

log = structlog.get_logger("chargepipe.sync")

MOST_ROUNDS = 3
ASK_AGAIN_SECONDS = 1.0


def advance(run_id: int, env: Environment) -> float | None:
    """Take a run as far as it goes. Returns seconds until it wants to be called again, or None.

    None does not mean done: the run's row says whether it is done, waits, or is paused.
    """
    run = Run.objects.select_related("connection__account").filter(pk=run_id).first()
    if run is None or run.state not in ("queued", "running", "paused"):
        return None
    account_id = run.connection.account_id
    if account_id is None:
        finish(run, "failed", env.clock.now(), "The connection was unlinked.")
        return None
    lease = claim(account_id, env)
    if lease is None:
        return ASK_AGAIN_SECONDS
    try:
        run.refresh_from_db(fields=["state"])
        if run.state not in ("queued", "running", "paused"):
            return None  # another workflow has carried it to its end meanwhile
        _start(run, env)
        with Session(run, lease, env) as session:
            _guarded(session)
    except LeaseLost:
        log.warning("account taken over", run=run_id)
    except (KeyMissing, Reconnect, Secrets.DoesNotExist) as error:
        # The clients could not even be opened.
        finish(run, "failed", env.clock.now(), str(error))
    finally:
        lease.release()
    return None


def _start(run: Run, env: Environment) -> None:
    run.state, run.message, run.due_at = "running", "", None
    run.started_at = run.started_at or env.clock.now()
    run.save(update_fields=["state", "message", "due_at", "started_at"])


def _guarded(session: Session) -> None:
    """Run the kind's stages; whatever happens, the run's row says what and why."""
    try:
        tally = _run(session)
    except Interrupted as interrupted:
        _interrupted(session, interrupted.asked)
    except PauseUntilReset as spent:
        _pause(session, str(spent), spent.resets_at or next_day(session.env.clock.now()))
    except (ServiceError, FieldMismatch, RightsLost) as error:
        _end(session, "failed", str(error))
    except LeaseLost:
        raise  # the run's row is another worker's now
    except Exception as error:
        # The frames, not the message: that may hold a name or an address.
        frames = "".join(format_tb(error.__traceback__))
        log.error("run failed", run=session.run.pk, error=type(error).__name__, frames=frames)
        _end(session, "failed", _unexpected(error))
    else:
        if session.run.state == "running":
            _end(session, "done", "", tally)


def _unexpected(error: Exception) -> str:
    if isinstance(error, DatabaseError):
        return f"The database refused: {str(error).splitlines()[0] if str(error) else 'no reason'}"
    return f"Internal error ({type(error).__name__}); the log says more."


def _run(session: Session) -> dict[str, int] | None:
    check_account(session)
    adopt_leftovers(session)
    resolve_unfinished(session)
    # What an earlier attempt planned and did not send is planned anew, from fresh reads.
    with session.commit():
        drop_planned(session.run)
    return KINDS[session.run.kind](session)


def _write(session: Session) -> None:
    """Pull, plan, ask, apply; a record that moved in between is planned again."""
    pull(session, complete=session.run.kind == "full")
    scope.refetch(session)
    if session.run.kind in ("full", "sync"):
        check_presence(session)
    if session.run.kind == "trial":
        scope.choose_trial(session)
    customers = scope.scope(session)
    for _ in range(MOST_ROUNDS):
        Plan(session, "write").make(customers)
        if _asks(session):
            return
        apply.apply(session)
        stale = session.run.changes.filter(state="stale")
        people = stale.filter(kind="person").values("source_key")
        companies = stale.filter(kind="organization").values("source_key")
        moved = Q(source_id__in=people) | Q(company_key__in=companies)
        customers = customers.filter(moved, dirty=True)
        if not customers.exists():
            return


def _check(session: Session) -> dict[str, int]:
    """Validation: pull, look at every customer, keep the findings (product.md 2.3)."""
    tally = _look(session, "check", complete=True)
    kept = {name: tally.get(name, 0) for name in ("skipped", "failed")}
    return {"unchanged": sum(tally.values()) - sum(kept.values()), **kept}


def _preview(session: Session) -> dict[str, int]:
    """A run that stops after the plan: nothing is written, its changes stay to be read."""
    return _look(session, "preview", complete=session.run.of == "full")


def _look(session: Session, mode: Mode, *, complete: bool) -> dict[str, int]:
    pull(session, complete=complete)
    made = Plan(session, mode)
    made.make(scope.scope(session))
    return dict(made.tally)


KINDS: dict[str, Callable[[Session], dict[str, int] | None]] = {
    "validate": _check,
    "preview": _preview,
    "trial": _write,
    "full": _write,
    "sync": _write,
}


def _asks(session: Session) -> bool:
    """Stop before the first write where the brake says so (rule 11)."""
    run = session.run
    # A run that goes on counts what it has done before.
    run.total = Run.objects.values_list("done", flat=True).get(pk=run.pk) + plan.planned(session)
    run.phase = "planned"
    reasons = [] if run.approved else reasons_to_ask(session)
    with session.commit():
        run.questions = reasons
        run.state = "waiting" if reasons else "running"
        run.save(update_fields=["total", "phase", "questions", "state"])
    return bool(reasons)


def _interrupted(session: Session, asked: str) -> None:
    if asked == "cancel":
        _end(session, "cancelled", CANCELLED)
    elif asked == "pause":
        _pause(session, "Paused by hand; resume it to go on.", None)
    else:
        with session.commit():
            Run.objects.filter(pk=session.run.pk).update(state="queued")


def _pause(session: Session, message: str, until: datetime | None) -> None:
    with session.commit():
        run = session.run
        run.refresh_from_db()
        run.state, run.message, run.due_at, run.asked = "paused", message, until, ""
        run.counts = count(run)
        run.save(update_fields=["state", "message", "due_at", "asked", "counts"])


def _end(session: Session, state: str, message: str, tally: dict[str, int] | None = None) -> None:
    """End the run and count it in one commit, so that no run is done without its figures."""
    with session.commit():
        session.run.refresh_from_db()
        finish(session.run, state, session.env.clock.now(), message or session.note)
        session.run.counts = count(session.run, tally)
        session.run.save(update_fields=["counts"])
