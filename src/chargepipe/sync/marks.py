"""Marks: by what a record that we made is found again (architecture.md, "Crash safety")."""

from collections.abc import Collection, Sequence
from typing import Any

from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Connection, IndexKey, Record
from chargepipe.sync import index
from chargepipe.sync.fields import mark_code_of
from chargepipe.sync.session import Session, slices


def mark_code(session: Session, entity: Entity, connection: Connection) -> str | None:
    """The code of the field that marks what this connection makes; None while it is not there."""
    return mark_code_of(session, entity, connection)


def marked(session: Session, creates: Sequence[Change]) -> dict[int, list[int]]:
    """The indexed records that carry the mark of each create, lowest id first, by change pk."""
    found: dict[int, list[int]] = {}
    for change in creates:
        ids = _ids(session, change)
        if ids:
            found[change.pk] = ids
    return found


def _ids(session: Session, change: Change) -> list[int]:
    entity: Any = change.kind
    if entity == "person":
        people = marked_people(session, change.connection, [change.source_key])
        return people.get(change.source_key, [])
    code = mark_code(session, entity, change.connection)
    if code is None:
        return []
    named = index.lookup(session, entity, "name", [change.source_key])
    with_status = index.having(session, entity, code, named.get(change.source_key, ()))
    return sorted(with_status)


def marked_people(
    session: Session, connection: Connection, ids: Collection[str]
) -> dict[str, list[int]]:
    """The indexed people whose CB Customer ID is a customer's, by customer id, lowest id first.

    A merge in Pipedrive may have joined two marks to "id1, id2": such a person stands for both,
    unless somebody carries the mark alone, or a customer's id really reads so.
    """
    code = mark_code(session, "person", connection)
    if code is None:
        return {}
    found = index.lookup(session, "person", code, ids)
    parts = index.lookup(session, "person", index.joined(code), set(ids) - found.keys())
    real = _of_real_ids(session, connection, code, {pid for few in parts.values() for pid in few})
    for customer_id, people in parts.items():
        if left := [pid for pid in people if pid not in real]:
            found[customer_id] = left
    return found


def _of_real_ids(
    session: Session, connection: Connection, code: str, people: Collection[int]
) -> set[int]:
    """Those of `people` whose whole mark, comma and all, is the id of a customer."""
    rows = IndexKey.objects.filter(
        account=session.account, entity="person", field=code, pipedrive_id__in=list(people)
    )
    held = dict(rows.values_list("pipedrive_id", "value"))
    real = set[str]()
    for some in slices(sorted(set(held.values()))):
        customers = Record.objects.filter(connection=connection, kind="customer")
        real |= set(customers.filter(source_id__in=some).values_list("source_id", flat=True))
    return {pid for pid, mark in held.items() if mark in real}
