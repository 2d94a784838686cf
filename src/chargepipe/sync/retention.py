"""Retention: what is kept for a while only. It asks no service, and goes in small transactions."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from chargepipe.store.models import (
    Change,
    Connection,
    Invitation,
    Link,
    PullState,
    Record,
    Run,
    Session,
    SyncError,
    Worker,
)
from chargepipe.sync.exact import EXPIRES_AFTER
from chargepipe.sync.journal_kept import forgettable

KEPT_AFTER = timedelta(days=1)
"""How long the rows of an expired plan can still be looked at."""
AT_ONCE = 500
FINISHED = ("done", "failed", "cancelled")
DEAD_FOR = timedelta(days=7)
"""After so long nobody asks any more for a worker that died."""


def forget_plans(now: datetime) -> None:
    """Remove what previews planned that expired a day ago; the runs themselves stay."""
    old = Change.objects.filter(
        run__kind="preview", state="planned", run__finished_at__lt=now - EXPIRES_AFTER - KEPT_AFTER
    )
    for _ in _removed(old):
        pass


def forget(now: datetime, days: int) -> Iterator[None]:
    """Remove what is older than so many days and what nobody can ask for any more.

    Yields after each transaction, so that the caller may stop there; what is left comes next time.
    """
    before = now - timedelta(days=days)
    yield from _journal(before)
    yield from _removed(_runs())
    yield from _removed(_errors(before))
    yield from _gone_from_chargebee(before)
    yield from _unlinked(before)
    yield from _visits(now)


def _removed(rows: QuerySet[Any]) -> Iterator[None]:
    while ids := list(rows.order_by().values_list("pk", flat=True)[:AT_ONCE]):
        rows.model.objects.filter(pk__in=ids).delete()
        yield


def _journal(before: datetime) -> Iterator[None]:
    """Shorten the journal of each old run once; a run that is through says so."""
    old = Run.objects.filter(finished_at__lt=before, shortened_at=None, state__in=FINISHED)
    for connection in Connection.objects.filter(pk__in=old.values("connection")):
        own = old.filter(connection=connection).order_by("pk")
        while ids := list(own.values_list("pk", flat=True)[:AT_ONCE]):
            yield from _shorten(connection, ids, before)


def _shorten(connection: Connection, ids: list[int], before: datetime) -> Iterator[None]:
    """The journals of these runs, as many at once as make a page: hot records come once."""
    sizes = Change.objects.filter(run__in=ids).order_by().values_list("run").annotate(n=Count("pk"))
    number, some = dict(sizes), list[int]()
    for run in ids:
        if number.get(run, 0) > AT_ONCE:
            yield from _pages(connection, run)
            Run.objects.filter(pk=run).update(shortened_at=before)
            continue
        if some and sum(number.get(each, 0) for each in (*some, run)) > AT_ONCE:
            yield from _together(connection, some, before)
            some.clear()
        some.append(run)
    yield from _together(connection, some, before)


def _pages(connection: Connection, run: int) -> Iterator[None]:
    after = 0
    changes = Change.objects.filter(run=run).order_by("pk")
    while page := list(changes.filter(pk__gt=after)[:AT_ONCE]):
        after = page[-1].pk
        with transaction.atomic():
            _leave(connection, page)
        yield


def _together(connection: Connection, runs: list[int], before: datetime) -> Iterator[None]:
    with transaction.atomic():
        if page := list(Change.objects.filter(run__in=runs).order_by()):
            _leave(connection, page)
        Run.objects.filter(pk__in=runs).update(shortened_at=before)
    yield


def _leave(connection: Connection, page: list[Change]) -> None:
    gone = sorted(forgettable(connection, page))
    for start in range(0, len(gone), AT_ONCE):
        Change.objects.filter(pk__in=gone[start : start + AT_ONCE]).delete()


def _runs() -> QuerySet[Run]:
    """Old runs of which nothing is left, but for the last of its kind and what errors name."""
    last = Run.objects.values("connection", "kind").annotate(last=Max("pk")).values("last")
    errors = SyncError.objects.exclude(state="resolved").exclude(run=None)
    return (
        Run.objects.exclude(shortened_at=None)
        .exclude(pk__in=last)
        .exclude(pk__in=errors.values("run"))
        .filter(
            ~Exists(Change.objects.filter(run=OuterRef("pk"))),
            ~Exists(Run.objects.filter(about=OuterRef("pk"))),
        )
    )


def _errors(before: datetime) -> QuerySet[SyncError]:
    over = Q(state="resolved", resolved_at__lt=before) | Q(state="warning", opened_at__lt=before)
    return SyncError.objects.filter(over)


def _gone_from_chargebee(before: datetime) -> Iterator[None]:
    """Deleted records of which nothing of ours hangs on, and that no later run reads again."""
    for state in PullState.objects.exclude(loaded_at=None).order_by("pk"):
        rows = Record.objects.filter(
            connection=state.connection_id,
            kind=state.kind,
            deleted=True,
            updated_at__lt=int(before.timestamp()),
            settled=F("revision"),
        )
        if state.kind != "invoice":
            # These are listed anew each day, deleted ones too: those that are still listed stay.
            if state.loaded_at is None or state.loaded_at <= before:
                continue
            rows = rows.filter(walk__lt=state.walk)
        after = ""
        while page := list(rows.filter(source_id__gt=after).order_by("source_id")[:AT_ONCE]):
            after = page[-1].source_id
            with transaction.atomic():
                _drop(state.connection_id, state.kind, page)
            yield


def _drop(connection_id: int, kind: str, page: list[Record]) -> None:
    keys = {_source_key(record): record for record in page}
    named = {"connection": connection_id, "source_key__in": list(keys)}
    old = Change.objects.filter(**named, run__shortened_at__isnull=False)
    young = Change.objects.filter(**named, run__shortened_at=None)
    busy = set(young.values_list("source_key", flat=True))
    for rows in (Link.objects, SyncError.objects.exclude(state="resolved")):
        busy |= set(rows.filter(**named).values_list("source_key", flat=True))
    if kind == "customer":
        busy |= _with_links(connection_id, list(keys))
    free = {key: record.pk for key, record in keys.items() if key not in busy}
    old.filter(source_key__in=list(free)).delete()
    Record.objects.filter(pk__in=free.values()).delete()


def _source_key(record: Record) -> str:
    return record.source_id if record.kind == "customer" else f"{record.kind}:{record.source_id}"


def _with_links(connection_id: int, customers: list[str]) -> set[str]:
    """Customers of whom something else is left in the mirror, or whose company is linked."""
    others = Record.objects.filter(connection=connection_id, customer_id__in=customers)
    busy = set(others.exclude(kind="customer").values_list("customer_id", flat=True))
    company = Link.objects.filter(
        connection=connection_id, kind="organization", source_key=OuterRef("company_key")
    )
    own = Record.objects.filter(
        connection=connection_id, kind="customer", source_id__in=customers
    ).exclude(company_key="")
    return busy | set(own.filter(Exists(company)).values_list("source_id", flat=True))


def _unlinked(before: datetime) -> Iterator[None]:
    """The mirror of a connection that was unlinked long ago; its links stay for the day it is back.

    What is linked again is read anew, and compared with what the links remember.
    """
    young = Run.objects.filter(connection=OuterRef("pk"), created_at__gt=before)
    for connection in Connection.objects.filter(
        ~Exists(young), account=None, created_at__lt=before
    ):
        PullState.objects.filter(connection=connection).delete()
        yield from _removed(Record.objects.filter(connection=connection))


def _visits(now: datetime) -> Iterator[None]:
    """Sign-ins and invitations that are over, and workers that died long ago."""
    yield from _removed(Session.objects.filter(expire_date__lt=now))
    yield from _removed(Invitation.objects.filter(expires_at__lt=now))
    yield from _removed(Worker.objects.filter(seen_at__lt=now - DEAD_FOR))
