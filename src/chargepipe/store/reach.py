"""Reach: tells a database that is away for a while from one that refuses something."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import Error, close_old_connections

T = TypeVar("T")
log = structlog.get_logger("chargepipe.store")

LOOK_AGAIN_SECONDS = 1.0
_AWAY = ("08", "57P", "53300")
"""SQLSTATEs (PostgreSQL, appendix A): connection lost, server stops or starts, server is full."""


def is_out_of_reach(error: Error) -> bool:
    """Whether PostgreSQL is away: restarted, failing over, or off the network. SQLite never is."""
    # Where the server could not say why, psycopg's errors of these two classes have no SQLSTATE.
    said = getattr(error.__cause__, "sqlstate", "")
    if said is None:
        return type(error).__name__ in ("OperationalError", "InterfaceError")
    return said.startswith(_AWAY)


def patiently(work: Callable[[], T], give_up: Callable[[], bool] = lambda: False) -> T:
    """Do it, again and again while the database is out of reach; raises when told to give up."""
    while True:
        try:
            return work()
        except Error as error:
            if not is_out_of_reach(error) or give_up():
                raise
            log.warning("database out of reach", error=type(error).__name__)
        close_old_connections()
        time.sleep(LOOK_AGAIN_SECONDS)
