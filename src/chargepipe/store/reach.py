"""Reach: tells a database that cannot be used for a while from one that refuses something."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import Error, close_old_connections

from chargepipe.store import full

T = TypeVar("T")
log = structlog.get_logger("chargepipe.store")

LOOK_AGAIN_SECONDS = 1.0
LOOK_AGAIN_AT_MOST = 60.0
"""Seconds; looks at a full disk become rarer, for what fits there may cost tokens each time."""
SAID_AT_LOOK = 2
"""A wait is logged once, at this look: a command that gives up at once says why by itself."""
_AWAY = ("08", "57P", "53300")
"""SQLSTATEs (PostgreSQL, appendix A): connection lost, server stops or starts, server is full."""


def is_out_of_reach(error: Error) -> bool:
    """Whether the database will take it later: PostgreSQL is away, or the disk is full.

    Away is: restarted, failing over, or off the network. SQLite never is.
    """
    return full.is_full(error) or _is_away(error)


def _is_away(error: Error) -> bool:
    # Where the server could not say why, psycopg's errors of these two classes have no SQLSTATE.
    said = getattr(error.__cause__, "sqlstate", "")
    if said is None:
        return type(error).__name__ in ("OperationalError", "InterfaceError")
    return said.startswith(_AWAY)


def patiently(work: Callable[[], T], give_up: Callable[[], bool] = lambda: False) -> T:
    """Do it, again and again while the database is out of reach; raises when told to give up."""
    looks = 0
    try:
        while True:
            try:
                done = work()
            except Error as error:
                if not is_out_of_reach(error) or give_up():
                    raise
                looks += 1
                no_room = full.is_full(error)
                _note(looks, no_room)
            else:
                if looks >= SAID_AT_LOOK:
                    log.warning("database can be used again")
                return done
            close_old_connections()
            _wait(_pause(looks) if no_room else LOOK_AGAIN_SECONDS, give_up)
    finally:
        if looks:
            full.waiting.clear()


def _note(looks: int, no_room: bool) -> None:
    if no_room:
        full.waiting.set()
    if looks == SAID_AT_LOOK:
        log.error("disk full, waiting for room" if no_room else "database out of reach")


def _pause(looks: int) -> float:
    return min(LOOK_AGAIN_AT_MOST, LOOK_AGAIN_SECONDS * 2 ** (looks - 1))


def _wait(seconds: float, give_up: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not give_up():
        time.sleep(min(left, LOOK_AGAIN_SECONDS))
