"""Undo: plan what takes the written changes of a run back (rule 12).

An undo is a run of changes that name what they revert, so it is applied, survives a crash and can
be undone like any other. What was made is deleted, what was changed gets its before, what was
deleted is made anew; what somebody else has changed since stays and is listed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from chargepipe.domain.erasure import readable
from chargepipe.domain.inverse import changed_since, later
from chargepipe.domain.names import CUSTOMER_ID
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Link, Record, Run
from chargepipe.sync.backward import Keys, Whole, back, body_of, keys_of, read_whole, worked_on
from chargepipe.sync.fields import discover
from chargepipe.sync.going_back import REPLACED
from chargepipe.sync.leaving import leaving
from chargepipe.sync.plan import store
from chargepipe.sync.reverts import reverted
from chargepipe.sync.session import Session
from chargepipe.sync.waking import keyed

KINDS: Final[tuple[Entity, ...]] = ("deal", "person", "organization")
"""In the order in which what hangs on another is taken away before it."""
PAGE = 200
ONE_CHANGE = "change "
"""`Run.of` of an undo that takes back one change: "change 17"."""
OPPOSITE: Final = {"create": "delete", "update": "update", "delete": "create"}
GONE = "its record is gone from Pipedrive"
HIDDEN = "its record is hidden from the connecting user"


def written(run: Run) -> QuerySet[Change]:
    """What this undo is asked to take back, newest first: of a run, of customers, or one change.

    A record that was only found by its mark was not made by that run.
    """
    assert run.about is not None
    rows = run.about.changes.filter(state="written", kind__in=KINDS)
    rows = rows.exclude(adopted=True, tries=0, reverts=None).order_by("-pk")
    if run.of.startswith(ONE_CHANGE):
        return rows.filter(pk=int(run.of.removeprefix(ONE_CHANGE)))
    if run.only:
        people = Q(kind="person", source_key__in=run.only)
        companies = Q(kind="organization", source_key__in=_companies_of(run))
        return rows.filter(people | companies | Q(kind="deal", source_key__in=_deals_of(run)))
    return rows


def _companies_of(run: Run) -> list[str]:
    """The companies whose every linked customer is among the chosen ones."""
    customers = Record.objects.filter(connection=run.connection, kind="customer")
    keys = customers.filter(source_id__in=run.only).exclude(company_key="")
    links = Link.objects.filter(connection=run.connection, kind="person").values("source_key")
    others = customers.filter(source_id__in=links).exclude(source_id__in=run.only)
    found = keys.exclude(company_key__in=others.values("company_key"))
    return list(found.values_list("company_key", flat=True).distinct())


def _deals_of(run: Run) -> list[str]:
    records = keyed(run.connection).filter(customer_id__in=run.only)
    return list(records.values_list("key", flat=True))


def plan(session: Session) -> None:
    """Plan the way back of every change that still stands, people before organizations."""
    discover(session)
    with session.commit():
        # An earlier attempt listed what stays; it is looked at anew.
        session.run.changes.filter(state__in=("skipped", "stale")).delete()
    for kind in KINDS:
        for ids in _ids(session, kind):
            rows = list(_page(session, kind, ids))
            with session.commit():
                store(rows)
            session.pulse()


def _ids(session: Session, kind: Entity) -> Iterator[list[int]]:
    """The records that the changes were written to, as their changes name them."""
    rows = written(session.run).filter(kind=kind, pipedrive_id__isnull=False)
    ids = sorted(set(rows.order_by().values_list("pipedrive_id", flat=True)))
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the records of one page, by their ids of today."""

    now_ids: Mapping[int, int]
    records: Mapping[int, Whole]
    hidden: Collection[int]
    keys: Keys
    leaving: Mapping[int, Mapping[str, int]]
    """How many people and deals leave a record in this run."""
    linked: Mapping[str, int]
    """By source key, the records that stand for them now."""

    def replaced(self, change: Change, pipedrive_id: int) -> bool:
        """Whether another record stands for whom this change deleted: it is not made again."""
        now = self.linked.get(change.source_key, pipedrive_id)
        return change.action == "delete" and now != pipedrive_id


def _page(session: Session, kind: Entity, ids: Sequence[int]) -> Iterator[Change]:
    changes = list(written(session.run).filter(kind=kind, pipedrive_id__in=ids))
    done = reverted([change.pk for change in changes])
    groups: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        if change.pk not in done and change.pipedrive_id is not None:
            groups[change.pipedrive_id].append(change)
    facts = _facts(session, kind, groups, {change.source_key for change in changes})
    for pipedrive_id, group in groups.items():
        yield from _way_back(session, group, facts.now_ids[pipedrive_id], facts)


def _facts(
    session: Session, kind: Entity, ids: Collection[int], source_keys: Collection[str]
) -> _Facts:
    now_ids = made_again(session, kind, ids)
    looked = read_whole(session, kind, now_ids.values())
    keys = keys_of(session, looked.records.values())
    going = leaving(session, kind, now_ids.values())
    links = Link.objects.filter(
        connection=session.connection, kind=kind, source_key__in=source_keys
    )
    linked = dict(links.values_list("source_key", "pipedrive_id"))
    return _Facts(now_ids, looked.records, looked.hidden, keys, going, linked)


def made_again(session: Session, kind: Entity, ids: Collection[int]) -> dict[int, int]:
    """The id of today of each record: one that an undo made again stands under a new id."""
    found = {pipedrive_id: pipedrive_id for pipedrive_id in ids}
    while found:
        rows = Change.objects.filter(
            account=session.account, kind=kind, state="written", action="create"
        ).filter(reverts__action="delete", reverts__pipedrive_id__in=set(found.values()))
        newer = dict(rows.order_by("pk").values_list("reverts__pipedrive_id", "pipedrive_id"))
        if not newer:
            break
        found = {old: newer.get(now, now) for old, now in found.items()}
    return found


def _way_back(
    session: Session, group: Sequence[Change], pipedrive_id: int, facts: _Facts
) -> Iterator[Change]:
    """The changes that take back what was written to one record; `group` is newest first."""
    record = facts.records.get(pipedrive_id)
    if pipedrive_id in facts.hidden:
        yield from (_stays(session, change, pipedrive_id, (), HIDDEN) for change in group)
    elif group[-1].action == "create":
        yield from _unmake(session, group, pipedrive_id, record, facts)
    else:
        taken = [] if record else [c for c in group if facts.replaced(c, pipedrive_id)]
        yield from (_stays(session, change, pipedrive_id, (), REPLACED) for change in taken)
        left = [change for change in group if change not in taken]
        yield from _restore(session, _maker_first(left), pipedrive_id, record)


def _unmake(
    session: Session,
    group: Sequence[Change],
    pipedrive_id: int,
    record: Whole | None,
    facts: _Facts,
) -> Iterator[Change]:
    """Delete what was made, for all who share it; unless somebody has worked on it."""
    kept: tuple[str, ...] = ()
    if record is not None:
        undone = {change.source_key for change in group}
        going = facts.leaving.get(pipedrive_id, {})
        kept = worked_on(session, record, group[-1], undone=undone, leaving=going)
    if kept:
        yield from (_stays(session, change, pipedrive_id, kept) for change in group)
        return
    before = body_of(record, facts.keys) if record else {}
    ahead: Change | None = None
    for change in group:
        ahead = _row(session, change, "delete", pipedrive_id, before=before, follows=ahead)
        yield ahead


def _maker_first(group: Sequence[Change]) -> list[Change]:
    """Of customers who shared a deleted person, the one whose mark it carried makes it again.

    Updates keep their order: the newest is taken back first.
    """
    return sorted(
        group,
        key=lambda change: (
            change.action != "delete",
            change.action == "delete" and change.before.get(CUSTOMER_ID) != change.source_key,
        ),
    )


def _restore(
    session: Session, group: Sequence[Change], pipedrive_id: int, record: Whole | None
) -> Iterator[Change]:
    """Give a record its before again, or make it anew; each change on top of the one before."""
    now: dict[str, Any] | None = dict(record.values) if record else None
    living = pipedrive_id if record else None
    theirs = _theirs(group, now)
    ahead: Change | None = None
    for change in group:
        if now is None and (words := _cannot_make(change)):
            yield _stays(session, change, pipedrive_id, (), words)
        elif now is None:
            # What was erased meanwhile (rule 16) is not known any more.
            now, erased = readable(change.before, change.source_key)
            ahead = _row(session, change, "create", None, after=now, kept=erased)
            yield ahead
        elif (way := back(change, now, theirs)).kept and not way.difference:
            yield _stays(session, change, pipedrive_id, way.kept)
        else:
            was, will = way.difference.before, way.difference.after
            ahead = _row(
                session,
                change,
                "update",
                living,
                before=was,
                after=will,
                kept=way.kept,
                follows=ahead,
            )
            now = later(now, way.difference)
            yield ahead


def _theirs(group: Sequence[Change], now: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The fields of a living record that somebody wrote after these updates, newest first."""
    if now is None or any(change.action != "update" for change in group):
        return ()
    return changed_since((change.after for change in reversed(group)), now)


def _cannot_make(change: Change) -> str:
    """Why a record that is gone cannot be made again by taking this change back; "" if it can."""
    return "" if change.action == "delete" and change.before else GONE


def _stays(
    session: Session, change: Change, pipedrive_id: int, kept: Sequence[str], words: str = ""
) -> Change:
    """Nothing is written: the record, or all that we wrote on it, was changed since."""
    row = _row(session, change, OPPOSITE[change.action], pipedrive_id, kept=kept)
    row.state, row.words = "skipped", words
    return row


def _row(
    session: Session,
    change: Change,
    action: str,
    pipedrive_id: int | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    kept: Sequence[str] = (),
    follows: Change | None = None,
) -> Change:
    """What is taken back of a change that itself takes one back is what that one wrote first."""
    first = change.reverts
    return Change(
        run=session.run,
        connection=change.connection,
        account=session.account,
        action=action,
        kind=change.kind,
        source_key=change.source_key,
        pipedrive_id=pipedrive_id,
        before=dict(before or {}),
        after=dict(after or {}),
        target=first.target if first else {},
        reason=first.reason if first else "undo",
        reverts=change,
        kept=list(kept),
        follows=follows,
        read_at=session.env.clock.now(),
    )
