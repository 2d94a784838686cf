"""Reach: tells a database that is away for a while from one that refuses something."""

from django.db import Error

_AWAY = ("08", "57P", "53300")
"""SQLSTATEs (PostgreSQL, appendix A): connection lost, server stops or starts, server is full."""


def is_out_of_reach(error: Error) -> bool:
    """Whether PostgreSQL is away: restarted, failing over, or off the network. SQLite never is."""
    # Where the server could not say why, psycopg's errors of these two classes have no SQLSTATE.
    said = getattr(error.__cause__, "sqlstate", "")
    if said is None:
        return type(error).__name__ in ("OperationalError", "InterfaceError")
    return said.startswith(_AWAY)
