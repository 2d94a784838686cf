"""The work: workers, the queue, runs that stand still, writes whose outcome is not known."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chargepipe.actions.doctor.check import Check
from chargepipe.engine.heartbeat import DEAD_AFTER, living
from chargepipe.engine.queue import reachable
from chargepipe.store.models import Change, Connection, Run, Worker

STILL = timedelta(minutes=2)
"""A run that nobody has carried for so long stands still."""
LATE = timedelta(minutes=10)
"""A sync that is due for so long is not only waiting for its minute."""


def workers() -> Check:
    """Whether somebody carries the automatic syncs."""
    alive = living()
    late = _late()
    if alive:
        named = ", ".join(f"{worker.host} ({worker.pid})" for worker in alive)
        if late:
            todo = "Restart it: chargepipe serve, or chargepipe worker."
            words = f"{named} is alive, but does not start the sync of {_named(late)}."
            return Check("workers", "fail", words, todo)
        return Check("workers", "ok", f"{len(alive)} alive: {named}.")
    todo = "Start one that stays: chargepipe serve, or chargepipe worker."
    if late:
        words = f"None is alive, so nothing syncs by itself: {_named(late)} waits since "
        return Check("workers", "fail", f"{words}{_since(late)}.", todo)
    if dead := Worker.objects.filter(seen_at__lt=timezone.now() - DEAD_AFTER).first():
        words = f"The worker on {dead.host} ({dead.pid}) died at {dead.seen_at:%Y-%m-%d %H:%M} UTC."
        return Check("workers", "warn", words, todo)
    if Connection.objects.filter(next_sync_at__isnull=False).exists():
        return Check("workers", "warn", "None is alive, so nothing syncs by itself.", todo)
    return Check("workers", "ok", "None is alive; commands carry their own runs.")


def _late() -> list[Connection]:
    """Connections whose sync should have begun, and has no run in its way."""
    due = Connection.objects.filter(next_sync_at__lt=timezone.now() - LATE, account__isnull=False)
    busy = Run.objects.filter(state__in=Run.UNFINISHED).values("connection")
    return list(due.exclude(pk__in=busy).order_by("next_sync_at"))


def _named(connections: Iterable[Connection]) -> str:
    return ", ".join(connection.name for connection in connections)


def _since(late: list[Connection]) -> str:
    return f"{late[0].next_sync_at:%Y-%m-%d %H:%M} UTC"


def queue() -> Check:
    """Whether the queue's own tables can be read, and what stands still in it."""
    if Run.objects.filter(attempt__gt=0).exists():
        reachable()  # raises where they cannot be read
    still = list(_standing_still())
    if still:
        numbers = ", ".join(f"{run.pk} of {run.connection.name}" for run in still)
        todo = "Start chargepipe worker, or repeat the command that began the run."
        if living():
            todo = "Restart the worker: it takes them up."
        return Check("queue", "fail", f"These runs stand still: {numbers}.", todo)
    waiting = Run.objects.filter(state="waiting").select_related("connection").order_by("pk")
    if waiting:
        numbers = ", ".join(f"{run.pk} of {run.connection.name}" for run in waiting)
        todo = "chargepipe run ID shows the question, run approve ID answers it."
        return Check("queue", "warn", f"These runs wait for a yes: {numbers}.", todo)
    return Check("queue", "ok", "No run stands still.")


def _standing_still() -> Iterator[Run]:
    """Runs that should move and have nobody to move them.

    Where a worker is alive it takes up each minute what was left; what has no lease for much longer
    is not seen by it.
    """
    now, patience = timezone.now(), _patience() if living() else STILL
    under_way = Q(state__in=Run.GOING) | Q(state="paused", due_at__isnull=False)
    runs = Run.objects.filter(under_way).select_related("connection__account").order_by("pk")
    for run in runs:
        due = run.due_at if run.state == "paused" else run.started_at or run.created_at
        account = run.connection.account
        held = account is not None and account.lease_until
        if held and held > now:
            continue  # somebody is at work there
        if due is not None and now - max(due, held or due) > patience:
            yield run


def _patience() -> timedelta:
    """In which a living worker takes over from a dead one: lease, settle time, and some minutes."""
    process = settings.PROCESS
    return timedelta(seconds=process.lease_seconds + process.settle_seconds) + 2 * STILL


def unknown() -> Check:
    """Writes whose answer was lost, and that no run has looked up since."""
    old = timezone.now() - _patience()
    lost = Change.objects.filter(state__in=("unknown", "intended"))
    lost = lost.filter(Q(uncertain_at__lt=old) | Q(uncertain_at=None, intended_at__lt=old))
    numbers = sorted(set(lost.values_list("run", "connection__name")))
    if not numbers:
        return Check("writes", "ok", "No write waits to be looked up.")
    named = ", ".join(f"run {run} of {name}" for run, name in numbers)
    words = f"Of {lost.count()} writes the outcome is not known: {named}."
    return Check("writes", "fail", words, "The next run looks them up: chargepipe sync NAME")
