"""Which old changes the journal keeps: those that somebody or something may still ask for.

- the newest write of each field of a linked record: `record` says why a value stands there;
- what an undo has taken back that is itself young enough to be undone;
- what belongs to a record with an error that is not resolved, or that is held (rule 12);
- the deletion of a deal by an undo: only that tells that the deal may be made again;
- that personal data were cleared: else they would be cleared once more.
"""

from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter

from django.db.models import F, QuerySet

from chargepipe.domain.deals import split_key
from chargepipe.store.models import Change, Connection, Link, Record, SyncError
from chargepipe.sync.backward import ATTRIBUTES

RECORDS = ("person", "organization", "deal")
Place = tuple[str, int | None]
"""Kind and id of a record in Pipedrive."""


def forgettable(connection: Connection, page: Sequence[Change]) -> set[int]:
    """Those of these old changes that nobody asks for, and of their records those of older runs.

    What stayed when its run was shortened is looked at again once something newer has become old.
    """
    linked = _linked(connection, page)
    newest, before = _newest(connection, page)
    idle = [pk for pk, place in before.items() if pk not in newest or place not in linked]
    old = [*page, *Change.objects.filter(pk__in=idle)]
    asked_for = _with_errors(connection, old) | _held(connection, old)
    undone = _undone_lately(old)
    return {
        change.pk
        for change in old
        if change.pk not in undone
        and change.source_key not in asked_for
        and not _tells_more(change)
        and not (change.pk in newest and (change.kind, change.pipedrive_id) in linked)
    }


def _newest(connection: Connection, page: Sequence[Change]) -> tuple[set[int], dict[int, Place]]:
    """The newest write of each field of the page's records, and what older runs have left there."""
    last: dict[tuple[Place, str], int] = {}
    left: dict[int, Place] = {}
    # Asked for in an order, SQLite would walk all changes of the connection.
    columns = ("pk", "kind", "pipedrive_id", "action", "run__shortened_at", "after")
    for pk, kind, id, action, shortened, after in sorted(
        _written(connection, page).order_by().values_list(*columns), key=itemgetter(0)
    ):
        if action != "delete":
            last |= {((kind, id), name): pk for name in after if name not in ATTRIBUTES}
        if shortened is not None:
            left[pk] = kind, id
    return set(last.values()), left


def _written(connection: Connection, page: Sequence[Change]) -> QuerySet[Change]:
    return Change.objects.filter(
        connection=connection,
        kind__in={change.kind for change in page if change.kind in RECORDS},
        pipedrive_id__in=_ids(page),
        state="written",
    )


def _ids(changes: Iterable[Change]) -> set[int]:
    return {change.pipedrive_id for change in changes if change.pipedrive_id is not None}


def _tells_more(change: Change) -> bool:
    if change.state in ("intended", "unknown"):
        return True
    if change.kind == "deal" and change.action == "delete":
        return change.reverts_id is not None and change.state == "written"
    return change.kind == "person" and bool(change.target.get("cleared"))


def _linked(connection: Connection, old: Sequence[Change]) -> set[Place]:
    links = Link.objects.filter(connection=connection, kind__in=RECORDS, pipedrive_id__in=_ids(old))
    return set(links.values_list("kind", "pipedrive_id"))


def _undone_lately(old: Sequence[Change]) -> set[int]:
    later = Change.objects.filter(
        reverts_id__in=[change.pk for change in old], run__shortened_at=None
    )
    return {pk for pk in later.values_list("reverts_id", flat=True) if pk is not None}


def _keys(old: Iterable[Change]) -> set[str]:
    return {change.source_key for change in old}


def _with_errors(connection: Connection, old: Sequence[Change]) -> set[str]:
    kinds = ("customer", *RECORDS)
    errors = SyncError.objects.filter(
        connection=connection, kind__in=kinds, source_key__in=_keys(old)
    )
    return set(errors.exclude(state="resolved").values_list("source_key", flat=True))


def _held(connection: Connection, old: Sequence[Change]) -> set[str]:
    """Keys of records that an undo holds: their page tells what was taken back."""
    found = set[str]()
    for kind, ids in _sources(_keys(old)).items():
        held = Record.objects.filter(
            connection=connection, kind=kind, source_id__in=ids, held_version=F("version")
        ).values_list("source_id", flat=True)
        found |= {id if kind == "customer" else f"{kind}:{id}" for id in held}
    return found


def _sources(keys: Collection[str]) -> dict[str, set[str]]:
    """Ids of Chargebee by the kinds that these keys may mean."""
    found: dict[str, set[str]] = {"customer": set(keys)}
    for key in keys:
        kind, id = split_key(key)
        if kind in ("subscription", "invoice"):
            found.setdefault(kind, set()).add(id)
    return found
