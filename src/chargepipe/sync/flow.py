"""Flow: strings the stages of the line for each kind of run, and says how a run ended.

`advance` is what the engine calls. It holds no position of its own: it may be called again at
any time, by any process, and goes on from what the tables say.
"""

from collections.abc import Callable
from functools import partial

import structlog
from django.db.models import Q, QuerySet

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.grants import Disconnected
from chargepipe.accounts.lease import LeaseLost, claim
from chargepipe.domain.change import price
from chargepipe.http import BadRecord, Breaker, PauseUntilReset, Reconnect, ServiceError
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.models import Record, Run, Secrets
from chargepipe.sync import apply, clearing, ending, exact, plan, reconnect, scope, undo
from chargepipe.sync.barred import bar
from chargepipe.sync.brakes import reasons_to_ask
from chargepipe.sync.budget import keep_to_budget
from chargepipe.sync.dropped import drop_planned
from chargepipe.sync.finish import finish
from chargepipe.sync.guard import RightsLost, check_account
from chargepipe.sync.mend import vanished
from chargepipe.sync.plan import Mode, Plan
from chargepipe.sync.presence import check_presence
from chargepipe.sync.pull import pull, pull_all
from chargepipe.sync.reconcile import reconcile
from chargepipe.sync.resolve import adopt_leftovers, resolve_unfinished
from chargepipe.sync.retention import forget_plans
from chargepipe.sync.session import Interrupted, Session
from chargepipe.sync.settle_back import stays
from chargepipe.sync.trouble import Trouble, unexpected
from chargepipe.sync.undo_questions import questions

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
        forget_plans(env.clock.now())
        with Session(run, lease, env) as session:
            _guarded(session)
    except LeaseLost:
        log.warning("account taken over", run=run_id)
    except Disconnected:
        reconnect.hold(run, lease)
    except (KeyMissing, Reconnect, Secrets.DoesNotExist) as error:
        # The clients could not even be opened.
        bar(run.connection_id, str(error), env.clock.now())
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
        tally = _anew(session)
    except Interrupted as interrupted:
        ending.interrupted(session, interrupted.asked)
    except (PauseUntilReset, Breaker) as wait:
        ending.pause(session, str(wait), ending.goes_on(session, wait))
    except (LeaseLost, Disconnected):
        raise  # the run's row is another worker's now; or it is held, as if it had not begun
    except (ServiceError, Trouble, RightsLost) as error:
        ending.end(session, "failed", str(error), why=error)
    except Exception as error:
        ending.end(session, "failed", unexpected(error, session.run.pk))
    else:
        if session.run.state == "running":
            ending.end(session, "done", "", tally)


def _anew(session: Session) -> dict[str, int] | None:
    """Once more from the start where a read was refused for a custom field that is gone."""
    try:
        return _run(session)
    except BadRecord as error:
        if not vanished(session, error):
            raise
        return _run(session)


def _run(session: Session) -> dict[str, int] | None:
    check_account(session)
    if session.run.kind not in ("validate", "preview"):
        keep_to_budget(session, price("create"))
    adopt_leftovers(session)
    resolve_unfinished(session)
    if session.run.kind != "apply":
        # What an earlier attempt planned and did not send is planned anew, from fresh reads.
        with session.commit():
            drop_planned(session.run)
    return KINDS[session.run.kind](session)


def _write(session: Session) -> None:
    """Pull, plan, ask, apply; a record that moved in between is planned again."""
    _bring_in(session, session.run.kind)
    scope.pass_by(session)
    _rounds(session, scope.scope(session), scope.deals(session))


def _bring_in(session: Session, kind: str) -> None:
    """What a run of this kind looks at before it plans; its preview looks at the same."""
    if kind == "full" and session.connection.full_done_at:
        pull_all(session)  # asked for again by a person: what moved without a date counts, too
    else:
        pull(session)
    scope.refetch(session)
    if kind in ("full", "sync"):
        check_presence(session)  # who is gone would be made again
    if kind == "trial":
        scope.choose_trial(session)


def _rounds(
    session: Session,
    customers: QuerySet[Record],
    deals: QuerySet[Record] | None = None,
    *,
    trust: bool = True,
) -> None:
    """Plan, ask, apply, and again what moved in between."""
    for _ in range(MOST_ROUNDS):
        Plan(session, "write", trust=trust).make(customers, deals)
        if _asks(session):
            return
        apply.apply(session)
        stale = session.run.changes.filter(state="stale")
        people = stale.filter(kind="person").values("source_key")
        companies = stale.filter(kind="organization").values("source_key")
        moved = Q(source_id__in=people) | Q(company_key__in=companies)
        customers = customers.filter(moved, dirty=True)
        if deals is not None:
            own = stale.filter(kind="deal").values("source_key")
            people = session.run.changes.filter(kind="person", action="create", state="written")
            joining = Q(customer_id__in=people.values("source_key"))
            deals = deals.filter(Q(key__in=own) | joining, dirty=True)
        if not customers.exists() and not (deals is not None and deals.exists()):
            return


def _backfill(session: Session) -> None:
    """Deals alone, of the window that was asked for (rule 13)."""
    pull(session)
    _rounds(session, scope.scope(session), scope.deals(session))


def _check(session: Session) -> dict[str, int]:
    """Validation: pull, look at every customer, keep the findings (product.md 2.3)."""
    pull(session)
    tally = _plan(session, "check")
    kept = {name: tally.get(name, 0) for name in ("skipped", "failed")}
    return {"unchanged": sum(tally.values()) - sum(kept.values()), **kept}


def _preview(session: Session) -> dict[str, int]:
    """A run that stops after the plan: nothing is written, its changes stay to be read."""
    with session.commit():
        session.run.settings = exact.fingerprint(session.connection)
        session.run.save(update_fields=["settings"])
    _bring_in(session, session.run.of)
    return _plan(session, "preview")


def _undo(session: Session) -> None:
    """Plan what takes a run back, ask, apply; what moved in between is looked at again."""
    for _ in range(MOST_ROUNDS):
        undo.plan(session)
        if _asks(session, questions(session)):
            return
        apply.apply(session)
        if not session.run.changes.filter(state="stale").exists():
            break
    with session.commit():
        stays(session)


def _apply_plan(session: Session) -> None:
    """Write just what a preview showed (rule 10); what moved since becomes stale, in words."""
    exact.take_over(session)
    pull(session)
    exact.compare(session)
    if _asks(session):
        return
    apply.apply(session)
    if number := exact.moved(session.run).count():
        session.note += f"{number} changes have moved since the preview and were not written. "


def _clear(session: Session) -> None:
    """Take off what we wrote, as a connection or an entity of it is unlinked."""
    for _ in range(MOST_ROUNDS):
        clearing.plan(session)
        if _asks(session, clearing.questions(session)):
            return
        apply.apply(session)
        if not session.run.changes.filter(state="stale").exists():
            return


def _plan(session: Session, mode: Mode) -> dict[str, int]:
    made = Plan(session, mode)
    made.make(scope.scope(session), scope.deals(session))
    return dict(made.tally)


KINDS: dict[str, Callable[[Session], dict[str, int] | None]] = {
    "validate": _check,
    "preview": _preview,
    "trial": _write,
    "full": _write,
    "sync": _write,
    "backfill": _backfill,
    "undo": _undo,
    "apply": _apply_plan,
    "clear": _clear,
    "reconcile": partial(reconcile, write=partial(_rounds, trust=False)),
}


def _asks(session: Session, questions: list[str] | None = None) -> bool:
    """Stop before the first write where the brake says so (rule 11), or for these questions."""
    run = session.run
    # A run that goes on counts what it has done before.
    run.total = Run.objects.values_list("done", flat=True).get(pk=run.pk) + plan.planned(session)
    run.phase = "planned"
    asked = reasons_to_ask(session) if questions is None else questions
    reasons = [] if run.approved else asked
    with session.commit():
        run.questions = reasons
        run.state = "waiting" if reasons else "running"
        run.save(update_fields=["total", "phase", "questions", "state"])
    return bool(reasons)
