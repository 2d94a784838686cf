"""The part of `settle` for changes that delete a record or take another change back (rule 12).

Every function runs inside `session.commit()`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F, Max, QuerySet

from chargepipe.domain.deal_diff import ours_after
from chargepipe.domain.diff import Difference, ours_of
from chargepipe.domain.inverse import ours_left
from chargepipe.domain.targets import PersonTarget
from chargepipe.store.models import Change, Link, Record
from chargepipe.sync.company import HELD
from chargepipe.sync.outcomes import note, settled
from chargepipe.sync.reverts import restores, restores_a_clear
from chargepipe.sync.session import Session, slices
from chargepipe.sync.waking import keyed


def deleted(session: Session, pairs: Sequence[tuple[Change, int]]) -> list[str]:
    """These records are gone: their links end, and a sync's own customers are settled.

    Returns those customers.
    """
    for kind in ("person", "organization", "deal"):
        ids = [str(pipedrive_id) for change, pipedrive_id in pairs if change.kind == kind]
        for some in slices(ids):
            links = Link.objects.filter(connection=session.connection, kind=kind)
            links.filter(pipedrive_id__in=list(map(int, some))).delete()
    own = [change for change, _ in pairs if change.reverts_id is None and change.kind == "person"]
    settled(session, [(change.source_key, change.revision) for change in own], "updated")
    return [change.source_key for change in own]


def taken_back(session: Session, pairs: Sequence[tuple[Change, int]], *, adopted: bool) -> None:
    """These changes are taken back: links hold what still stands, and customers are held.

    The undo of an undo brings back what a sync wrote, and lets go of them. So does the undo of a
    clear: who takes it back wants the sync again.
    """
    standing = [pair for pair in pairs if pair[0].action != "delete"]
    again = restores(session.run)
    for change, pipedrive_id in standing:
        _link(session, change, pipedrive_id, again=again)
    people = [change for change, _ in pairs if change.kind == "person"]
    for records in _records(session, [change for change, _ in pairs]):
        (_let_go if again or restores_a_clear(session.run) else _hold)(records)
    if restores_a_clear(session.run):
        _let_go_of_sharers(session, pairs)
    for action, outcome in (("create", "created"), ("update", "updated"), ("delete", "updated")):
        done = [c for c in people if c.action == action]
        nothing = [c.source_key for c in done if adopted and action == "update" and not c.after]
        note(session, [c.source_key for c in done if c.source_key not in nothing], outcome)
        note(session, nothing, "unchanged")


def stays(session: Session) -> None:
    """Customers whose person an undo leaves altogether as it is were looked at, not changed."""
    rows = session.run.changes.filter(kind="person", state="skipped", reverts__isnull=False)
    note(session, list(rows.values_list("source_key", flat=True)), "unchanged")


def _link(session: Session, change: Change, pipedrive_id: int, *, again: bool) -> None:
    links = Link.objects.filter(connection=session.connection, kind=change.kind)
    link = links.filter(source_key=change.source_key).first()
    if link is None and not (again or change.action == "create"):
        return
    values: dict[str, Any] = {
        "pipedrive_id": pipedrive_id,
        "last": change.target,
        "state": "",
        "ours": _ours(session, change, link.ours if link else {}, again=again),
        "updated_at": session.env.clock.now(),
    }
    if link is not None:
        links.filter(pk=link.pk).update(**values)
    else:
        reason = change.reason or "made"
        Link.objects.create(
            connection=session.connection,
            kind=change.kind,
            source_key=change.source_key,
            reason=reason,
            **values,
        )


def _ours(session: Session, change: Change, ours: dict[str, Any], *, again: bool) -> dict[str, Any]:
    """What of an email and phone is ours now; of an undone organization since when it is held."""
    if change.kind == "deal":
        return ours_after(ours, change.after)
    if change.kind == "organization":
        return {} if again else {HELD: _newest_version(session, change.source_key)}
    assert change.reverts is not None
    if change.action == "create":
        return _ours_of_new(change)
    first = Difference(change.reverts.before, change.reverts.after)
    left = ours_left(first, change.after, ours)
    return {**ours, **{name: left[name] for name in left if f"{name}s" in change.after}}


def _ours_of_new(change: Change) -> dict[str, Any]:
    if not change.target:
        return {}
    return ours_of(PersonTarget.from_json(change.target), Difference({}, change.after), {})


def _newest_version(session: Session, company_key: str) -> int:
    customers = _customers(session).filter(company_key=company_key)
    return customers.aggregate(newest=Max("version"))["newest"] or 0


def _records(session: Session, changes: Sequence[Change]) -> Iterator[QuerySet[Record]]:
    """The records whose people and deals these are, a few hundred at a time."""
    for some in slices([change.source_key for change in changes if change.kind == "person"]):
        yield _customers(session).filter(source_id__in=some)
    for some in slices([change.source_key for change in changes if change.kind == "deal"]):
        yield keyed(session.connection).filter(key__in=some)


def _hold(records: QuerySet[Record]) -> None:
    records.update(held_version=F("version"), settled=F("revision"))


def _let_go(records: QuerySet[Record]) -> None:
    """Their next sync looks at them: something may have come in while they were held."""
    records.update(held_version=None, revision=F("revision") + 1)


def _let_go_of_sharers(session: Session, pairs: Sequence[tuple[Change, int]]) -> None:
    """Who shares a person writes it in turn (rule 3), also where one change cleared it for all."""
    back = {change.source_key for change, _ in pairs if change.kind == "person"}
    shared = Link.objects.filter(
        connection=session.connection,
        kind="person",
        pipedrive_id__in={pid for change, pid in pairs if change.kind == "person"},
    )
    keys = set(shared.values_list("source_key", flat=True)) - back
    _let_go(_customers(session).filter(source_id__in=keys))


def _customers(session: Session) -> QuerySet[Record]:
    return Record.objects.filter(connection=session.connection, kind="customer")
