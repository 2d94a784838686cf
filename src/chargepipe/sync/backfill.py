"""Backfill: the records of a window that have no deal yet; their deals are planned alone (rule 13).

People and organizations are left as they are. Deals are made as billing says they ended: won or
lost at their real times.
"""

from django.db.models import QuerySet

from chargepipe.domain.backfill import Window
from chargepipe.domain.records import Subscription
from chargepipe.store.models import Record
from chargepipe.sync.session import Session
from chargepipe.sync.waking import has_deal, keyed

CHOSEN = "chosen"
"""In `Run.window`: the source keys that were chosen at first. A run that goes on keeps to them."""


def wanted(session: Session) -> QuerySet[Record]:
    """The records of the run's window without a deal; one that was deleted does not count."""
    window = Window.from_json(session.run.window)
    records = _in_window(session, window)
    if not window.plans and window.most is None:
        return records
    return records.filter(key__in=_chosen(session, window, records))


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


def _chosen(session: Session, window: Window, records: QuerySet[Record]) -> list[str]:
    """Chosen once a run: what was made since would else make room for more."""
    run = session.run
    if CHOSEN not in run.window:
        rows = records.order_by("created_at", "source_id").values_list("key", "attributes")
        keys = [key for key, held in rows.iterator() if _has_plan(window, held)]
        with session.commit():
            run.window = {**run.window, CHOSEN: keys[: window.most]}
            run.save(update_fields=["window"])
    found: list[str] = run.window[CHOSEN]
    return found


def _has_plan(window: Window, attributes: dict[str, object]) -> bool:
    return not window.plans or Subscription.parse(attributes).plan in window.plans
