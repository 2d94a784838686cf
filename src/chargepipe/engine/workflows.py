"""What DBOS knows of us: one workflow that carries a run, one that ticks every minute."""

from collections.abc import Callable

from dbos import DBOS
from django.db import close_old_connections
from django.utils import timezone

from chargepipe.accounts.environment import Environment
from chargepipe.store.reach import patiently
from chargepipe.sync import flow

QUEUE = "runs"
CARRY = "carry"
TICK = "tick"
UPKEEP = "upkeep"

# Set by the worker of this process before DBOS starts.
environment: Callable[[], Environment] = Environment


@DBOS.step()
def advance(run_id: int) -> float | None:
    """Take a run as far as it goes; seconds until it wants to go on soon, None when it need not.

    While the database is out of reach it waits for it, here: what the queue would note of a step
    that ended meanwhile might be lost.
    """
    close_old_connections()
    try:
        own = environment()
        return patiently(lambda: flow.advance(run_id, own), own.stopping)
    finally:
        close_old_connections()


@DBOS.workflow(name=CARRY)
def carry(run_id: int) -> None:
    """Carry one run. It holds no position: after a death the same call goes on from the tables."""
    while (seconds := advance(run_id)) is not None:
        DBOS.sleep(seconds)


@DBOS.workflow(name=TICK)
def tick(_at: object, _context: object) -> None:
    """Every minute: start what is due, take up what stands still; once a day tidy up."""
    _tick()


@DBOS.step()
def _tick() -> None:
    from chargepipe.engine import upkeep as daily
    from chargepipe.engine.schedule import start_due, take_up

    close_old_connections()
    try:
        start_due()
        take_up()
        daily.begin(timezone.now())
    finally:
        close_old_connections()


@DBOS.workflow(name=UPKEEP)
def upkeep() -> None:
    """Once a day: forget what is too old."""
    _clean()


@DBOS.step()
def _clean() -> None:
    from chargepipe.engine.upkeep import clean

    close_old_connections()
    try:
        clean(environment().stopping)
    finally:
        close_old_connections()
