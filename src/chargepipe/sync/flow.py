"""Flow: takes a run along the line, as its kind asks for it, and says how it ended.

`advance` is what the engine calls. It holds no position of its own: it may be called again at
any time, by any process, and goes on from what the tables say.
"""

from datetime import datetime

import structlog
from django.db import Error

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.grants import Disconnected
from chargepipe.accounts.lease import LeaseLost, claim
from chargepipe.domain.change import price
from chargepipe.http import BadRecord, Breaker, PauseUntilReset, Reconnect, ServiceError
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.models import Run, Secrets
from chargepipe.store.reach import is_out_of_reach
from chargepipe.sync import reconnect
from chargepipe.sync.barred import after_edge, bar, bars, waits_for_other
from chargepipe.sync.budget import keep_to_budget, look_again_at, still_to_come
from chargepipe.sync.counts import count
from chargepipe.sync.dropped import drop_planned
from chargepipe.sync.finish import CANCELLED, finish
from chargepipe.sync.guard import RightsLost, check_account
from chargepipe.sync.kinds import KINDS
from chargepipe.sync.mend import vanished
from chargepipe.sync.resolve import adopt_leftovers, resolve_unfinished
from chargepipe.sync.retention import forget_plans
from chargepipe.sync.session import Interrupted, Session
from chargepipe.sync.trouble import Trouble, unexpected

log = structlog.get_logger("chargepipe.sync")

ASK_AGAIN_SECONDS = 1.0


def advance(run_id: int, env: Environment) -> float | None:
    """Take a run as far as it goes. Returns seconds until it wants to be called again, or None.

    None does not mean done: the run's row says whether it is done, waits, or is paused. Raises
    django.db.Error where the database is out of reach; then it is to be called again.
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
        gone_on = run.state not in ("queued", "running", "paused")
        if gone_on or waits_for_other(run, env.clock.now()):
            return None  # another workflow has carried it to its end; or another one asks first
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
        _interrupted(session, interrupted.asked)
    except (PauseUntilReset, Breaker) as wait:
        rest = still_to_come(session) if isinstance(wait, PauseUntilReset) else ""
        _pause(session, f"{wait}{rest}", _goes_on(session, wait))
    except (LeaseLost, Disconnected):
        raise  # the run's row is another worker's now; or it is held, as if it had not begun
    except (ServiceError, Trouble, RightsLost) as error:
        _end(session, "failed", str(error), why=error)
    except Exception as error:
        _stumble(session, error)
    else:
        if session.run.state == "running":
            _end(session, "done", "", tally)


def _stumble(session: Session, error: Exception) -> None:
    if isinstance(error, Error) and is_out_of_reach(error):
        raise error  # no failure: the run goes on when the database is back
    _end(session, "failed", unexpected(error, session.run.pk))


def _goes_on(session: Session, wait: PauseUntilReset | Breaker) -> datetime:
    if isinstance(wait, Breaker):
        return after_edge(session.connection, wait, session.env.clock.now())
    return wait.resets_at or look_again_at(session)


def _anew(session: Session) -> dict[str, int] | None:
    """Once more from the start where a read was refused for a custom field that is gone."""
    try:
        return _run(session)
    except BadRecord as error:
        if not vanished(session, error):
            raise
        session.carried.clear()  # it names the field, too
        return _run(session)


def _run(session: Session) -> dict[str, int] | None:
    check_account(session)
    keep_to_budget(session, price("create"))
    adopt_leftovers(session)
    resolve_unfinished(session)
    if session.run.kind != "apply":
        # What an earlier attempt planned and did not send is planned anew, from fresh reads.
        with session.commit():
            drop_planned(session.run)
    return KINDS[session.run.kind](session)


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


def _end(
    session: Session,
    state: str,
    message: str,
    tally: dict[str, int] | None = None,
    why: Exception | None = None,
) -> None:
    """End the run and count it in one commit, so that no run is done without its figures."""
    with session.commit():
        if why is not None and bars(why):
            bar(session.connection.pk, message, session.env.clock.now())
        session.run.refresh_from_db()
        finish(session.run, state, session.env.clock.now(), message or session.note)
        session.run.counts = count(session.run, tally)
        session.run.save(update_fields=["counts"])
