"""Ending: how a run stops, is paused or is over, in its own row and in one commit."""

from datetime import datetime

from chargepipe.http import Breaker, PauseUntilReset
from chargepipe.store.models import Run
from chargepipe.sync.barred import after_edge, bar, bars
from chargepipe.sync.budget import look_again_at
from chargepipe.sync.counts import count
from chargepipe.sync.finish import CANCELLED, finish
from chargepipe.sync.session import Session


def goes_on(session: Session, wait: PauseUntilReset | Breaker) -> datetime:
    """When a run that has to wait looks again."""
    if isinstance(wait, Breaker):
        return after_edge(session.connection, wait, session.env.clock.now())
    return wait.resets_at or look_again_at(session)


def interrupted(session: Session, asked: str) -> None:
    """Stop at this safe place, as `session.Interrupted` says: cancel, pause or yield."""
    if asked == "cancel":
        end(session, "cancelled", CANCELLED)
    elif asked == "pause":
        pause(session, "Paused by hand; resume it to go on.", None)
    else:
        with session.commit():
            Run.objects.filter(pk=session.run.pk).update(state="queued")


def pause(session: Session, message: str, until: datetime | None) -> None:
    """Hold the run; it goes on by itself at that time, None: when it is resumed."""
    with session.commit():
        run = session.run
        run.refresh_from_db()
        run.state, run.message, run.due_at, run.asked = "paused", message, until, ""
        run.counts = count(run)
        run.save(update_fields=["state", "message", "due_at", "asked", "counts"])


def end(
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
