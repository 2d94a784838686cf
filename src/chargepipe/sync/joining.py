"""Joining: the organization of a person, the person and organization of a deal, once they stand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Link
from chargepipe.sync.session import Session

Ids: TypeAlias = Mapping[tuple[str, str], int]
"""Pipedrive ids of people and organizations, by kind and source key."""
WRITES = ("create", "update")
JOINED: Final[Mapping[str, Sequence[Entity]]] = {
    "person": ("organization",),
    "organization": (),
    "deal": ("person", "organization"),
}
"""What a record of each kind names by source key."""


def ids_of(session: Session, page: Sequence[Change]) -> Ids:
    """The ids of all that these changes join, as far as it stands."""
    found: dict[tuple[str, str], int] = {}
    for kind in ("person", "organization"):
        keys = {each["key"] for change in page for each in _joined(change, kind) if each["key"]}
        rows = Link.objects.filter(
            connection=session.connection, kind=kind, source_key__in=list(keys)
        ).values_list("source_key", "pipedrive_id")
        found |= {(kind, key): pipedrive_id for key, pipedrive_id in rows}
    return found


def not_there(change: Change, ids: Ids) -> str | None:
    """The first kind of record that the change joins and that does not stand yet; None for none."""
    for kind in JOINED[change.kind]:
        if any(place(change, kind, ids) is None for _ in _joined(change, kind)):
            return kind
    return None


def place(change: Change, kind: str, ids: Ids) -> int | None:
    """The record that is joined: that of the source key, else the very one of before."""
    wanted = change.after[kind]
    found = ids.get((kind, wanted["key"] or ""))
    if found is not None:
        return found
    return wanted["id"] if change.reverts_id is not None or not wanted["key"] else None


def joined(change: Change, ids: Ids) -> dict[str, Any]:
    """The change's `after` with the ids that are known only now; the journal keeps them."""
    known = {
        kind: {**each, "id": place(change, kind, ids)}
        for kind in JOINED[change.kind]
        for each in _joined(change, kind)
    }
    return {**change.after, **known}


def know_left(change: Change) -> None:
    """Give what a record leaves the id that is known only now, for the day when it goes back.

    A change before it may have made the record join what was made in this very run. What was
    erased has no key.
    """
    for kind in JOINED[change.kind]:
        left, ahead = change.before.get(kind), change.follows
        while left and ahead is not None and kind not in ahead.after:
            ahead = ahead.follows
        there = ahead.after[kind] if left and ahead is not None else None
        if left and there and left.get("key") and left["key"] == there.get("key"):
            change.before = {**change.before, kind: there}


def leave_joined(change: Change, ids: Ids) -> None:
    """Take out what the record joins already: the deals of a merged person moved with it.

    What an undo writes stays as it was planned.
    """
    if change.reverts_id is not None:
        return
    for kind in JOINED[change.kind]:
        held = (change.before.get(kind) or {}).get("id")
        if held and any(held == place(change, kind, ids) for _ in _joined(change, kind)):
            take_out(change, kind)


def take_out(change: Change, kind: str) -> None:
    """Leave who is joined as it is."""
    change.before = {name: each for name, each in change.before.items() if name != kind}
    change.after = {name: each for name, each in change.after.items() if name != kind}


def joins(change: Change) -> set[tuple[str, str]]:
    """Whom a record joins, by kind and source key."""
    keys = ((kind, (change.after.get(kind) or {}).get("key")) for kind in JOINED[change.kind])
    return {(kind, key) for kind, key in keys if key}


def under_way(
    session: Session, kind: str, keys: Collection[str], actions: Sequence[str] = WRITES
) -> set[str]:
    """Those of these people or organizations that are still to be written in this run."""
    rows = session.run.changes.filter(
        kind=kind, source_key__in=list(keys), state__in=Change.UNFINISHED, action__in=actions
    )
    return set(rows.values_list("source_key", flat=True))


def _joined(change: Change, kind: str) -> Iterator[Mapping[str, Any]]:
    wanted = change.after.get(kind) if kind in JOINED.get(change.kind, ()) else None
    if wanted:
        yield wanted
