"""Barred: a service lets a connection do nothing. It says so once, and is asked seldom.

A key that is not valid any more, a right that was lost and an account that is closed end the run;
an automatic sync is tried again in the same run once an hour. Traffic that is blocked on the way
(403 with a web page) pauses the run: it goes on by itself. `connection apply`, which asks both
services, lets either go on at once.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from chargepipe.http import Breaker, NeedsAdmin, Reconnect, UnknownSite
from chargepipe.http.refusal import EDGE
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.models import Connection, Run, Secrets
from chargepipe.sync.finish import TRY_AGAIN, next_sync
from chargepipe.sync.guard import RightsLost

EDGE_FIRST = timedelta(minutes=15)
"""As long nothing may be sent after traffic was blocked (pipedrive-api.md section 2)."""
AFTER_OTHER = timedelta(minutes=1)
"""As long after the connection that asks first the others of its account go on."""
ADVICE = "Nothing syncs until that is put right."
BY_ITSELF = "It is tried again once an hour; at once after chargepipe connection apply FILE.toml."
BY_HAND = "Then start the run again: it goes on where it stopped."
EDGE_ADVICE = "It goes on by itself once the traffic is let through."
CAPPING = "feature_capping"
"""In the code of a limit of the plan: that bars one thing, not the connection."""


def bars(error: Exception) -> bool:
    """Whether an error means that the whole connection is let do nothing, until somebody acts."""
    if isinstance(error, NeedsAdmin):
        return not (error.code or "").startswith(CAPPING)
    return isinstance(
        error, Reconnect | RightsLost | UnknownSite | KeyMissing | Secrets.DoesNotExist
    )


def bar(connection_id: int, words: str, now: datetime) -> None:
    """Let the connection say why and what follows; since when it is so stays as it was."""
    connection = Connection.objects.get(pk=connection_id)
    after = BY_ITSELF if next_sync(connection, now) else BY_HAND
    _note(connection_id, f"{words} {ADVICE} {after}", now)


def _note(connection_id: int, words: str, now: datetime) -> None:
    since = Coalesce("barred_since", now)
    Connection.objects.filter(pk=connection_id).update(barred=words, barred_since=since)


def after_edge(connection: Connection, error: Breaker, now: datetime) -> datetime:
    """Bar the connection after blocked traffic; when its run may go on."""
    known = Connection.objects.values_list("barred_since", flat=True).get(pk=connection.pk)
    _note(connection.pk, f"{error} {EDGE_ADVICE}", now)
    return now + (EDGE_FIRST if known is None else TRY_AGAIN)


def waits_for_other(run: Run, now: datetime) -> bool:
    """Pause a run while another connection of its account waits for blocked traffic.

    That one asks first, and has the one notice; this run makes no call before.
    """
    account = Q(connection__account=run.connection.account_id)
    blocked = Q(connection__barred__contains=EDGE.format(service="Pipedrive"))
    others = Run.objects.filter(account & blocked, state="paused", due_at__gt=now)
    others = others.exclude(connection=run.connection_id).select_related("connection")
    other = next((each for each in others if each.message in each.connection.barred), None)
    if other is None or other.due_at is None:
        return False
    run.state, run.due_at = "paused", other.due_at + AFTER_OTHER
    run.message = (
        f"{EDGE.format(service='Pipedrive')} Connection {other.connection.name} asks first."
    )
    run.save(update_fields=["state", "due_at", "message"])
    return True


def let_through(connection: Connection, now: datetime) -> None:
    """Both services have answered: runs that wait for it go on now. Saves only the runs."""
    if not connection.barred:
        return
    waiting = Run.objects.filter(connection=connection.pk, state="paused", due_at__gt=now)
    for run in waiting:
        if run.message and run.message in connection.barred:
            Run.objects.filter(pk=run.pk, state="paused").update(due_at=now)
    if connection.next_sync_at is not None:
        connection.next_sync_at = now
    connection.barred, connection.barred_since = "", None
