"""Which old changes the journal keeps: those that somebody or something may still ask for.

- the newest write of each field of a linked record: `record` says why a value stands there;
- what an undo has taken back that is itself young enough to be undone;
- what belongs to a record with an error that is not resolved, or that is held (rule 12);
- the deletion of a deal by an undo: only that tells that the deal may be made again;
- that personal data were cleared: else they would be cleared once more.
"""

from collections.abc import Collection, Iterator, Sequence

from django.db.models import F

from chargepipe.domain.deals import split_key
from chargepipe.store.models import Change, Connection, Link, Record, SyncError
from chargepipe.sync.backward import ATTRIBUTES

CHUNK = 20
RECORDS = ("person", "organization", "deal")


def kept(connection: Connection, page: Sequence[Change]) -> set[int]:
    """Those of these changes of one run that stay."""
    keys = {change.source_key for change in page}
    asked_for = _with_errors(connection, keys) | _held(connection, keys)
    linked, undone = _linked(page), _undone_lately(page)
    return {
        change.pk
        for change in page
        if change.pk in undone
        or change.source_key in asked_for
        or _tells_more(change)
        or (_place(change) in linked and _has_news(change))
    }


def superseded(connection: Connection, page: Sequence[Change]) -> set[int]:
    """Changes that stayed when their own runs were shortened, and need not any more.

    Only of records that `page` writes: nothing else has become of the others.
    """
    found = set[int]()
    for kind, pipedrive_id in {(c.kind, c.pipedrive_id) for c in page if c.state == "written"}:
        earlier = Change.objects.filter(
            connection=connection,
            kind=kind,
            pipedrive_id=pipedrive_id,
            run__shortened_at__isnull=False,
        )
        if rows := list(earlier):
            found |= {change.pk for change in rows} - kept(connection, rows)
    return found


def _place(change: Change) -> tuple[int, str, int | None]:
    return change.connection_id, change.kind, change.pipedrive_id


def _tells_more(change: Change) -> bool:
    if change.state in ("intended", "unknown"):
        return True
    if change.kind == "deal" and change.action == "delete":
        return change.reverts_id is not None and change.state == "written"
    return change.kind == "person" and bool(change.target.get("cleared"))


def _has_news(change: Change) -> bool:
    """Whether a field of this write was not written again since."""
    if change.state != "written" or change.action == "delete" or change.kind not in RECORDS:
        return False
    left = set(change.after) - set(ATTRIBUTES)
    for after in _later(change):
        left -= after.keys()
        if not left:
            return False
    return bool(left)


def _later(change: Change) -> Iterator[dict[str, object]]:
    rows = Change.objects.filter(
        connection=change.connection_id,
        kind=change.kind,
        pipedrive_id=change.pipedrive_id,
        state="written",
        pk__gt=change.pk,
    ).exclude(action="delete")
    yield from rows.order_by("pk").values_list("after", flat=True).iterator(CHUNK)


def _linked(page: Sequence[Change]) -> set[tuple[int, str, int | None]]:
    ids = {change.pipedrive_id for change in page if change.pipedrive_id is not None}
    links = Link.objects.filter(connection=page[0].connection_id, pipedrive_id__in=ids)
    return set(links.values_list("connection", "kind", "pipedrive_id"))


def _undone_lately(page: Sequence[Change]) -> set[int]:
    later = Change.objects.filter(
        reverts_id__in=[change.pk for change in page], run__shortened_at=None
    )
    return {pk for pk in later.values_list("reverts_id", flat=True) if pk is not None}


def _with_errors(connection: Connection, keys: Collection[str]) -> set[str]:
    errors = SyncError.objects.filter(connection=connection, source_key__in=keys)
    return set(errors.exclude(state="resolved").values_list("source_key", flat=True))


def _held(connection: Connection, keys: Collection[str]) -> set[str]:
    """Keys of records that an undo holds: their page tells what was taken back."""
    ids = {split_key(key)[1] if ":" in key else key for key in keys} | set(keys)
    held = Record.objects.filter(
        connection=connection, source_id__in=ids, held_version=F("version")
    ).values_list("kind", "source_id")
    return {id if kind == "customer" else f"{kind}:{id}" for kind, id in held}
