"""Kinds: what each kind of run does on the line, from the pull to the last write."""

from collections.abc import Callable
from functools import partial

from django.db.models import Q, QuerySet

from chargepipe.domain.brake import Reason
from chargepipe.store.models import Record, Run
from chargepipe.sync import apply, clearing, exact, plan, scope, undo
from chargepipe.sync.brakes import not_covered, reasons_to_ask
from chargepipe.sync.links import beside, elsewhere
from chargepipe.sync.plan import Mode, Plan
from chargepipe.sync.presence import check_presence
from chargepipe.sync.pull import pull, pull_all
from chargepipe.sync.reconcile import reconcile
from chargepipe.sync.session import Session
from chargepipe.sync.settle_back import stays
from chargepipe.sync.undo_questions import questions

MOST_ROUNDS = 3
SETTLED = ("created", "updated", "unchanged")
"""Outcomes of what a run is through with, if nothing has made it dirty again since."""


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
    """Plan, ask, apply, and again what moved in between, or has another organization since."""
    before = elsewhere(session.connection)
    _beside(session, before)
    for _ in range(MOST_ROUNDS):
        Plan(session, "write", trust=trust).make(customers, deals)
        if _asks(session):
            return
        apply.apply(session)
        now = elsewhere(session.connection)
        led, before = now - before, now
        led |= _beside(session, led)
        again = Q(outcome_run=session.run.pk, outcome__in=SETTLED)
        own = _moved(session.run) | Q(source_id__in=led) | again
        customers = customers.filter(own, dirty=True).exclude(_refused(session.run))
        if deals is not None:
            own = _moved_deals(session.run) | Q(customer_id__in=led) | again
            deals = deals.filter(own, dirty=True)
        if not customers.exists() and not (deals is not None and deals.exists()):
            return


def _beside(session: Session, customers: set[str]) -> set[str]:
    if not customers:
        return customers
    with session.commit():
        return beside(session.connection, customers)


def _moved(run: Run) -> Q:
    """Customers that moved, or whose company did, between the plan and the write."""
    stale = run.changes.filter(state="stale")
    people = stale.filter(kind="person").values("source_key")
    companies = stale.filter(kind="organization").values("source_key")
    return Q(source_id__in=people) | Q(company_key__in=companies)


def _refused(run: Run) -> Q:
    """Customers whose company was refused: the next run tries it again, not this one."""
    refused = run.changes.filter(kind="organization", state="failed")
    return Q(company_key__in=refused.values("source_key"))


def _moved_deals(run: Run) -> Q:
    """Records whose deal moved between the plan and the write, or may join a person made since."""
    own = run.changes.filter(state="stale", kind="deal").values("source_key")
    people = run.changes.filter(kind="person", action="create", state="written")
    return Q(key__in=own) | Q(customer_id__in=people.values("source_key"))


def _backfill(session: Session) -> None:
    """Deals alone, of the window that was asked for (rule 13)."""
    pull(session)
    _rounds(session, scope.scope(session), scope.deals(session))


def _check(session: Session) -> dict[str, int]:
    """Validation: pull, look at every customer, keep the findings (product.md 2.3)."""
    _keep_fingerprint(session)
    pull(session)
    tally = _plan(session, "check")
    kept = {name: tally.get(name, 0) for name in ("skipped", "failed")}
    return {"unchanged": sum(tally.values()) - sum(kept.values()), **kept}


def _preview(session: Session) -> dict[str, int]:
    """A run that stops after the plan: nothing is written, its changes stay to be read."""
    _keep_fingerprint(session)
    _bring_in(session, session.run.of)
    return _plan(session, "preview")


def _keep_fingerprint(session: Session) -> None:
    """Under which settings it looks: what it finds holds no longer under others."""
    with session.commit():
        session.run.settings = exact.fingerprint(session.connection)
        session.run.save(update_fields=["settings"])


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


def _asks(session: Session, questions: list[Reason] | None = None) -> bool:
    """Stop before the next write where the brake says so (rule 11), or for these questions.

    A run plans again after a yes and after each pause; what is more than the yes was about, with
    all that is written already, is asked for anew.
    """
    run = session.run
    # A run that goes on counts what it has done before.
    run.total = Run.objects.values_list("done", flat=True).get(pk=run.pk) + plan.planned(session)
    run.phase = "planned"
    asked = reasons_to_ask(session) if questions is None else questions
    reasons = not_covered(run, asked)
    with session.commit():
        run.questions = [reason.words for reason in reasons]
        run.state = "waiting" if reasons else "running"
        if reasons:
            run.approved = False
            run.numbers = {**(run.numbers or {}), **{each.what: each.number for each in reasons}}
        run.save(update_fields=["total", "phase", "questions", "state", "approved", "numbers"])
    return bool(reasons)


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
