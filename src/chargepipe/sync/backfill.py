"""Backfill: the records of a window that have no deal yet; their deals are planned alone (rule 13).

People and organizations are left as they are. Deals are made as billing says they ended: won or
lost at their real times.
"""

from array import array
from collections.abc import Iterator

from django.db.models import QuerySet

from chargepipe.domain.backfill import Window
from chargepipe.domain.records import Subscription
from chargepipe.store.models import Record
from chargepipe.sync.deal_work import DealWork
from chargepipe.sync.session import Session
from chargepipe.sync.waking import has_deal, keyed

BACKFILL = "backfill"
CHOSEN = "chosen"
"""In `Run.window`: the source keys of the deals that were planned at first, where their number is
limited. A run that goes on keeps to them."""
PAGE = 500


def is_backfill(session: Session) -> bool:
    """Whether this run is a backfill, or the preview of one."""
    return BACKFILL in (session.run.kind, session.run.of)


def wanted(session: Session) -> QuerySet[Record]:
    """The records of the run's window without a deal; one that was deleted does not count."""
    records = _in_window(session, Window.from_json(session.run.window))
    chosen = session.run.window.get(CHOSEN)
    return records if chosen is None else records.filter(key__in=chosen)


def _in_window(session: Session, window: Window) -> QuerySet[Record]:
    statuses = [status for kind in window.kinds(session.settings) for status in window.of(kind)]
    records = keyed(session.connection).filter(
        kind__in=window.kinds(session.settings), attributes__status__in=statuses, deleted=False
    )
    start, end = window.seconds(session.settings.time_zone)
    if start is not None:
        records = records.filter(created_at__gte=start)
    if end is not None:
        records = records.filter(created_at__lt=end)
    return records.exclude(has_deal(session.connection))


def pages(session: Session, records: QuerySet[Record]) -> Iterator[list[Record]]:
    """The records of the plans that the window names, the oldest first, page by page."""
    window = Window.from_json(session.run.window)
    ordered = records.order_by("created_at", "source_id")
    # Eight bytes a record: no index has this order, and each page would sort all of them.
    all_of = array("q", ordered.values_list("pk", flat=True).iterator())
    for start in range(0, len(all_of), PAGE):
        rows = ordered.filter(pk__in=all_of[start : start + PAGE].tolist())
        yield [record for record in rows if _has_plan(window, record)]


def capped(session: Session, looked: Iterator[list[DealWork]]) -> Iterator[list[DealWork]]:
    """Pages of works, up to as many new deals as the window asks for.

    Chosen once a run: what was made since would else make room for more.
    """
    most = Window.from_json(session.run.window).most
    if most is None or CHOSEN in session.run.window:
        yield from looked
        return
    made: list[str] = []
    for works in looked:
        ends = [at for at, work in enumerate(works, 1) if work.makes]
        left = ends[: most - len(made)]
        full = len(left) == most - len(made)
        made += [works[at - 1].key for at in left]
        yield works[: left[-1]] if full else works
        if full:
            break
    with session.commit():
        session.run.window = {**session.run.window, CHOSEN: made}
        session.run.save(update_fields=["window"])


def _has_plan(window: Window, record: Record) -> bool:
    return not window.plans or Subscription.parse(record.attributes).plan in window.plans
