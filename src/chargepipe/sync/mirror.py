"""The mirror: rows of Chargebee as last seen; what differs is dirty, and so is its owner."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F

from chargepipe.chargebee import Kind
from chargepipe.domain.keys import common_key, company_key
from chargepipe.domain.records import Customer, Invoice, allowed
from chargepipe.domain.searching import search_text
from chargepipe.store.columns import insert_objects, save_columns
from chargepipe.store.models import Record
from chargepipe.sync.session import Session, slices
from chargepipe.sync.waking import touch


def bury_unlisted(session: Session, kind: Kind, walk: int) -> None:
    """Ids that a complete walk no longer lists count as deleted (rule 5)."""
    lost = Record.objects.filter(
        connection=session.connection, kind=kind, walk__lt=walk, deleted=False
    )
    owners = set(lost.values_list("customer_id", flat=True))
    ids = list(lost.values_list("source_id", flat=True))
    lost.update(deleted=True)
    _wake(session, kind, ids, owners)


def store_rows(
    session: Session, kind: Kind, rows: Sequence[Mapping[str, Any]], *, walk: int | None = None
) -> None:
    """Write rows into the mirror; whatever differs is dirty, and so is its customer.

    A row of an older resource_version than the stored one is passed over. Same version but
    other attributes counts as a change: mrr moves without a new version.
    """
    extra = session.extra_attributes(kind)
    fresh = [_record(session, kind, row, extra) for row in _newest_of_each(rows)]
    stored = {
        record.source_id: record
        for record in Record.objects.filter(
            connection=session.connection, kind=kind, source_id__in=[r.source_id for r in fresh]
        )
    }
    created, changed, owners, keys = [], [], set[str](), set[str]()
    moved: list[str] = []
    for record in fresh:
        before = stored.get(record.source_id)
        if before is None and not _is_kept(record):
            continue
        record.walk = walk if walk is not None else before.walk if before else 0
        if before is None:
            created.append(record)
        elif record.version >= before.version and _face(before) != _face(record):
            changed.append(_in_place_of(before, record))
        if before is None or _moved(before, record, extra):
            owners |= {record.customer_id, before.customer_id if before else record.customer_id}
            keys |= _shared_keys(before, record)
            moved += [record.source_id] if before is not None else []
    insert_objects(created)
    save_columns(changed, _COLUMNS)
    if walk is not None:
        Record.objects.filter(
            connection=session.connection, kind=kind, source_id__in=list(stored)
        ).update(walk=walk)
    fresh_ids = {r.source_id for r in created} if kind == "customer" else set[str]()
    _wake(session, kind, moved, owners - fresh_ids)
    if keys and session.settings.shared_keys == "first":
        _wake_sharers(session, keys)


def _wake(session: Session, kind: Kind, ids: Sequence[str], owners: Collection[str]) -> None:
    """Make records dirty that have changed, and their customers; no person shows an invoice."""
    if kind != "customer":
        for some in slices(ids):
            Record.objects.filter(
                connection=session.connection, kind=kind, source_id__in=some
            ).update(revision=F("revision") + 1)
    if kind != "invoice":
        touch(session, owners)


def _in_place_of(before: Record, now: Record) -> Record:
    """What was decided of a company goes with its name."""
    now.pk = before.pk
    if now.company_key == before.company_key:
        now.own_organization = before.own_organization
    return now


def _is_kept(record: Record) -> bool:
    """Of invoices only one-time ones: the list shows also charges on a subscription."""
    return record.kind != "invoice" or Invoice.parse(record.attributes).one_time


def _shared_keys(before: Record | None, now: Record) -> set[str]:
    """The match keys that a customer gave up, or gave free by its deletion."""
    if before is None or (before.match_key, before.deleted) == (now.match_key, now.deleted):
        return set()
    return {before.match_key, now.match_key} - {""}


def _wake_sharers(session: Session, keys: Collection[str]) -> None:
    """Who had to give way to another customer with the key may own the person now (rule 3)."""
    sharers = Record.objects.filter(
        connection=session.connection, kind="customer", match_key__in=list(keys)
    )
    touch(session, list(sharers.values_list("source_id", flat=True)))


_COLUMNS = (
    "customer_id",
    "attributes",
    "version",
    "created_at",
    "updated_at",
    "deleted",
    "company_key",
    "own_organization",
    "match_key",
    "search",
    "walk",
)


def _newest_of_each(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One row an id, the newest version: overlapping windows show some twice."""
    newest: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        held = newest.get(row["id"])
        if held is None or _version(row) >= _version(held):
            newest[row["id"]] = row
    return list(newest.values())


def _record(session: Session, kind: Kind, row: Mapping[str, Any], extra: Collection[str]) -> Record:
    attributes = allowed(kind, row, extra)
    company, key = _keys(session, attributes) if kind == "customer" else ("", "")
    return Record(
        connection=session.connection,
        kind=kind,
        source_id=row["id"],
        customer_id=row["id"] if kind == "customer" else str(row.get("customer_id") or ""),
        attributes=attributes,
        version=_version(row),
        created_at=int(row.get("created_at") or row.get("date") or 0),
        updated_at=updated(row),
        deleted=bool(row.get("deleted")),
        company_key=company,
        match_key=key,
        search=search_text(attributes) if kind == "customer" else "",
    )


def _keys(session: Session, attributes: Mapping[str, Any]) -> tuple[str, str]:
    customer = Customer.parse(attributes)
    key = common_key(customer, session.settings.match_key)
    return company_key(customer.company_name), key


def _face(record: Record) -> tuple[Any, ...]:
    """All that the mirror keeps of a record."""
    return record.attributes, record.deleted, record.version, record.match_key


def _moved(before: Record, now: Record, extra: Collection[str]) -> bool:
    """Whether the record itself has changed, with its version or without.

    Newly asked attributes and those no longer asked for are no change of the record: a change of
    settings makes nothing dirty (product.md section 3).
    """
    if now.version < before.version:
        return False
    if (before.version, before.deleted) != (now.version, now.deleted):
        return True
    old, new = before.attributes, now.attributes
    if old == new:
        return False
    asked = ((_value(old, path), _value(new, path)) for path in extra)
    return allowed(_kind(now), old) != allowed(_kind(now), new) or any(
        was is not None and was != became for was, became in asked
    )


def _value(attributes: Mapping[str, Any], path: str) -> Any:
    """An attribute, None where it is not there; a nested one is dotted."""
    outer, _, inner = path.partition(".")
    return attributes.get(outer, {}).get(inner) if inner else attributes.get(outer)


def _kind(record: Record) -> Any:
    return record.kind


def _version(row: Mapping[str, Any]) -> int:
    return int(row.get("resource_version") or updated(row) * 1000)


def updated(row: Mapping[str, Any]) -> int:
    """When Chargebee last changed a row (seconds); 0 where it does not say."""
    return int(row.get("updated_at") or 0)
