"""What links remember as last written, taken back where it is no longer true.

Nothing becomes dirty by this: a record is compared anew the next time that it syncs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from chargepipe.store.models import Connection, Link
from chargepipe.sync.session import slices

PAGE = 500
AGAIN = "compare again"
"""A key that no target has: a link whose `last` holds it is compared with what Pipedrive holds."""
Lost = Mapping[str, Collection[str] | None]
"""Fields whose values are gone, by name: None for all of them, or the labels of lost options."""
Last = dict[str, Any]


def compare_again(connection: Connection) -> None:
    """The way of writing has changed, not the targets: look at each record at its next sync."""
    for entity in ("person", "organization", "deal"):
        _rewrite(connection, entity, lambda last: {**last, AGAIN: True})


def forget(connection: Connection, entity: str, keys: Sequence[str]) -> None:
    """All that we wrote was taken off these records: nothing of it is ours any more."""
    for some in slices(keys):
        links = Link.objects.filter(connection=connection, kind=entity, source_key__in=some)
        links.update(last={}, ours={})


def forget_values(connection: Connection, entity: str, lost: Lost) -> None:
    """Fields, or options of them, were deleted in Pipedrive, and with them the values."""
    if lost:
        _rewrite(connection, entity, partial(_without, lost=lost))


def _rewrite(connection: Connection, entity: str, change: Callable[[Last], Last]) -> None:
    links = Link.objects.filter(connection=connection, kind=entity).exclude(last={})
    after = 0
    while page := list(links.filter(pk__gt=after).order_by("pk")[:PAGE]):
        for link in page:
            link.last = change(link.last)
        Link.objects.bulk_update(page, ["last"])
        after = page[-1].pk


def _without(last: Last, lost: Lost) -> Last:
    fields = last.get("fields", {}).items()
    return {**last, "fields": {k: v for k, v in fields if not _is_lost(lost, k, v)}}


def _is_lost(lost: Lost, name: str, value: Any) -> bool:
    gone = lost.get(name, ())
    return gone is None or value in gone
