"""Reconnect: runs of a connection whose OAuth grant is over wait until an admin connects again."""

from chargepipe.accounts.grants import REFUSED
from chargepipe.store.models import Connection, Run


def why(run: Run) -> str:
    """What the connection says of its grant now."""
    rows = Connection.objects.filter(pk=run.connection_id)
    return rows.values_list("disconnected", flat=True).get() or REFUSED


def hold(run: Run) -> None:
    """Pause a run whose clients could not even be opened."""
    mine = Run.objects.filter(pk=run.pk, state="running")
    mine.update(state="paused", message=why(run), due_at=None)


def let_go(connection: Connection) -> None:
    """Queue the runs that wait for this connection, as their words tell; a worker takes them up."""
    waiting = Run.objects.filter(connection=connection.pk, state="paused")
    waiting.filter(message=connection.disconnected or REFUSED).update(state="queued", message="")
