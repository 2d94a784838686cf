"""The doctor: looks at everything an installation needs, and says what to do.

It changes nothing but the ledger of tokens. Of Pipedrive's tokens a connection costs 2, and 10 for
each kind of record whose custom fields are read: 12 to 32.
"""

from collections.abc import Iterator

from chargepipe.accounts.environment import Environment
from chargepipe.actions.connections import everyone
from chargepipe.actions.doctor import machine, work
from chargepipe.actions.doctor.check import Check, State, failed, tried
from chargepipe.actions.doctor.connection import Patient
from chargepipe.store.models import Connection

__all__ = ["Check", "State", "examine"]


def examine(env: Environment | None = None) -> Iterator[Check]:
    """All checks, one after the other; a check that cannot be made is a failed one."""
    yield tried("home", machine.home)
    yield tried("disk", machine.disk)
    tables = tried("database", machine.tables)
    yield tables
    if tables.state == "fail":
        return  # nothing that is read from them could be trusted
    yield tried("keys", machine.keys)
    yield tried("workers", work.workers)
    yield tried("queue", work.queue)
    yield tried("writes", work.unknown)
    yield from _connections(env or Environment())


def _connections(env: Environment) -> Iterator[Check]:
    try:
        connections = list(everyone())
    except Exception as error:
        yield failed("connections", error)
        return
    if not connections:
        todo = "Make one: chargepipe connection apply FILE.toml"
        yield Check("connections", "warn", "There are none yet.", todo)
    for connection in connections:
        yield from _connection(connection, env)


def _connection(connection: Connection, env: Environment) -> Iterator[Check]:
    name = connection.name
    if connection.account is None:
        todo = "Link it again: chargepipe connection apply FILE.toml"
        yield Check(name, "warn", "It is unlinked.", todo, name)
        return
    try:
        patient = Patient(connection, env)
    except Exception as error:
        yield failed(name, error, name)
        return
    yield from patient.checks()
