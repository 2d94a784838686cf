"""Marks: by what a record that we made is found again (architecture.md, "Crash safety")."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from chargepipe.domain.deals import DEAL_RECORDS, split_key
from chargepipe.store.models import Change, Connection, IndexKey, Record
from chargepipe.sync import index
from chargepipe.sync.fields import mark_code_of
from chargepipe.sync.session import Session, slices


def mark_code(session: Session, change: Change) -> str | None:
    """The code of the field that marks what a create makes; None while it is not there."""
    what = split_key(change.source_key)[0] if change.kind == "deal" else change.kind
    return mark_code_of(session, what, change.connection)


def marked(session: Session, creates: Sequence[Change]) -> dict[int, list[int]]:
    """The indexed records that carry the mark of each create, lowest id first, by change pk."""
    groups: dict[tuple[Connection, str], list[Change]] = defaultdict(list)
    for change in creates:
        groups[change.connection, change.kind].append(change)
    found: dict[int, list[int]] = {}
    for (connection, kind), few in groups.items():
        there = _FINDERS[kind](session, connection, [change.source_key for change in few])
        found |= {change.pk: ids for change in few if (ids := there.get(change.source_key))}
    return found


def _organizations(
    session: Session, connection: Connection, keys: Collection[str]
) -> dict[str, list[int]]:
    """An organization bears the name of its company, and anything as its status."""
    code = mark_code_of(session, "organization", connection)
    if code is None:
        return {}
    named = index.lookup(session, "organization", "name", keys)
    everyone = {id for ids in named.values() for id in ids}
    with_status = index.having(session, "organization", code, everyone)
    return {key: [id for id in ids if id in with_status] for key, ids in named.items()}


def _deals(session: Session, connection: Connection, keys: Collection[str]) -> dict[str, list[int]]:
    """A deal that was deleted counts where no living one carries the mark: it is not made again."""
    there = marked_deals(session, connection, keys)
    return {key: living or deleted for key, (living, deleted) in there.items()}


def marked_people(
    session: Session, connection: Connection, ids: Collection[str]
) -> dict[str, list[int]]:
    """The indexed people whose CB Customer ID is a customer's, by customer id, lowest id first.

    A merge in Pipedrive may have joined two marks to "id1, id2": such a person stands for both,
    unless somebody carries the mark alone, or a customer's id really reads so.
    """
    code = mark_code_of(session, "person", connection)
    if code is None:
        return {}
    found = index.lookup(session, "person", code, ids)
    parts = index.lookup(session, "person", index.joined(code), set(ids) - found.keys())
    real = _of_real_ids(session, connection, code, {pid for few in parts.values() for pid in few})
    for customer_id, people in parts.items():
        if left := [pid for pid in people if pid not in real]:
            found[customer_id] = left
    return found


def marked_deals(
    session: Session, connection: Connection, keys: Collection[str]
) -> dict[str, tuple[list[int], list[int]]]:
    """The indexed deals of each source key that carry its id: living ones (archived too), deleted.

    Those that an undo of ours deleted do not count. A merge may have joined two marks, as with
    people.
    """
    found: dict[str, tuple[list[int], list[int]]] = {key: ([], []) for key in keys}
    for kind in DEAL_RECORDS:
        ids = {id: key for key in keys for own, id in (split_key(key),) if own == kind}
        code = mark_code_of(session, kind, connection)
        if code is None or not ids:
            continue
        living = _marked(session, ("deal", "archived deal"), code, ids)
        deleted = _marked(session, ("deleted deal",), code, ids.keys() - living.keys())
        ours = _undone(session, {deal for deals in deleted.values() for deal in deals})
        for id, key in ids.items():
            gone = [deal for deal in deleted.get(id, []) if deal not in ours]
            found[key] = living.get(id, []), gone
    return found


def _undone(session: Session, deals: Collection[int]) -> set[int]:
    """Those that we deleted ourselves, in an undo: they may be made again.

    One that a person had deleted before the undo came is theirs: nothing of it was left to read.
    """
    rows = Change.objects.filter(
        account=session.account,
        kind="deal",
        action="delete",
        state="written",
        pipedrive_id__in=list(deals),
    ).exclude(before={})
    return {pid for pid in rows.values_list("pipedrive_id", flat=True) if pid is not None}


def _marked(
    session: Session, shelves: Sequence[index.Shelf], code: str, ids: Collection[str]
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for field in (code, index.joined(code)):
        missing = set(ids) - found.keys()
        for shelf in shelves:
            for id, deals in index.lookup(session, shelf, field, missing).items():
                found[id] = sorted({*found.get(id, ()), *deals})
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


_FINDERS: Final[
    Mapping[str, Callable[[Session, Connection, Collection[str]], dict[str, list[int]]]]
] = {
    "person": marked_people,
    "organization": _organizations,
    "deal": _deals,
}
