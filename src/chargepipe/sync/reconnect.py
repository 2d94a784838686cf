"""Reconnect: runs of a connection whose OAuth grant is over wait until an admin connects again."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from chargepipe.accounts.grants import REFUSED
from chargepipe.accounts.lease import Lease, LeaseLost
from chargepipe.store.models import Connection, Run
from chargepipe.sync.barred import let_through
from chargepipe.sync.counts import count
from chargepipe.sync.finish import next_sync


def hold(run: Run, lease: Lease) -> None:
    """Pause a run and say why, unless another worker has taken it over; `let_go` lets it go on."""
    with suppress(LeaseLost), transaction.atomic():
        lease.hold()
        run.refresh_from_db()
        words = Connection.objects.values_list("disconnected", flat=True).get(pk=run.connection_id)
        run.state, run.message, run.due_at, run.asked = "paused", words or REFUSED, None, ""
        run.counts = count(run)
        run.save(update_fields=["state", "message", "due_at", "asked", "counts"])


def let_go(connection: Connection) -> None:
    """Queue the runs that wait for this connection, as their words tell; a worker takes them up."""
    waiting = Run.objects.filter(connection=connection.pk, state="paused")
    waiting.filter(message=connection.disconnected or REFUSED).update(state="queued", message="")


def opened(connection: Connection, now: datetime) -> None:
    """Both services let the connection in: what waited goes on, and so does its schedule.

    Saves the runs; the connection itself is the caller's to save.
    """
    let_go(connection)
    connection.disconnected = ""
    connection.next_sync_at = next_sync(connection, now)
    let_through(connection, now)
