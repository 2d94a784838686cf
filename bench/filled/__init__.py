"""Fill a store directly: as if so many customers had been synced, without asking any service."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from chargepipe.store.models import Change, Connection, Link, Record, Run, SyncError
from filled import journal, mirror, runs


def fill(customers: int, say: Callable[[str], None]) -> Connection:
    """Customers, a subscription each and some invoices, links, runs with changes, and errors."""
    connection = runs.connection()
    full = runs.run(connection, "full", 60, customers)
    syncs = [runs.run(connection, "sync", 48 - hour, 400) for hour in range(48)]
    everything = [full, *syncs]
    for what, model, rows in (
        ("records", Record, mirror.records(connection, customers, full)),
        ("links", Link, mirror.links(connection, customers)),
        ("changes", Change, journal.changes(connection, customers, everything)),
        ("errors", SyncError, journal.errors(connection, customers, everything[-1])),
    ):
        say(f"{_store(model, rows)} {what}")
    for run in everything:
        run.done = run.total = run.changes.count()
    Run.objects.bulk_update(everything, ["done", "total"])
    return connection


def _store(model: Any, rows: Iterable[Any]) -> int:
    number, rows = 0, iter(rows)
    while page := list(islice(rows, 2000)):
        model.objects.bulk_create(page)
        number += len(page)
    return number
