"""Presence: are the linked people still there? A walk over all people says so (rule 4)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from chargepipe.accounts.ledger import daily_tokens
from chargepipe.domain.codes import AMBIGUOUS_ORGANIZATION, AMBIGUOUS_PERSON, DUPLICATE_MARK
from chargepipe.pipedrive import Entity
from chargepipe.store.models import IndexRecord, IndexState, Link, Record
from chargepipe.sync import index
from chargepipe.sync.budget import keep_walk_to_budget
from chargepipe.sync.fields import index_codes
from chargepipe.sync.missing import HIDDEN, LEFT, MISSING, why_left
from chargepipe.sync.session import Session, slices
from chargepipe.sync.waking import touch
from chargepipe.sync.work import customer_of

PAGE_TOKENS, PAGE_PEOPLE = 10, 500
# Where the walk costs less than this share of a day at the connection's rhythm, each run does it.
CHEAP = 0.05
DAILY = timedelta(days=1)
MOST_AT_ONCE, DAYS, PARTS = 500_000, 7, "parts of people"
"""More linked people than that are looked at within so many days, a part each day; where the part
of yesterday ended stands in the IndexState of this name."""
_SEVERAL: Mapping[str, Entity] = {
    AMBIGUOUS_PERSON: "person",
    DUPLICATE_MARK: "person",
    AMBIGUOUS_ORGANIZATION: "organization",
}


def check_presence(session: Session, *, force: bool = False) -> None:
    """Walk all people where that is due; the customers of those that are missing become dirty.

    Their plan reads each missing person by itself before it is taken for gone. People that were
    left gone are asked for again once they are there again, or may be made again after all.
    Where errors name several records, these are walked as well: lists of what moved do not tell
    that somebody deleted or merged the one too many.
    """
    doubtful = _undecided(session)
    wanted = doubtful or _links(session).exists()
    if not wanted or not (force or _due(session, session.env.clock.now())):
        return
    if not force and _too_many(session):
        _look_at_a_part(session)
        _walk(session, doubtful - {"person"})
    else:
        _walk(session, {"person", *doubtful})
    there = IndexRecord.objects.filter(account=session.account, entity="person")
    present = there.values("pipedrive_id")
    missing = _links(session).exclude(pipedrive_id__in=present)
    again = _links(session).filter(state__in=(MISSING, HIDDEN, LEFT), pipedrive_id__in=present)
    asked = [*_free(session, missing.filter(state="")), *_no_longer_left(session, missing)]
    with session.commit():
        _mark(session, list(again.values_list("source_key", flat=True)), "")
        _mark(session, asked, MISSING)
        session.account.presence_at = session.env.clock.now()
        session.account.save(update_fields=["presence_at"])


def _walk(session: Session, entities: Collection[Entity]) -> None:
    for entity in sorted(entities):
        index.refresh(session, entity, index_codes(session, entity), complete=True)
        session.refreshed.add(entity)


def _too_many(session: Session) -> bool:
    """Whether a day sees a part of the linked people only; their index has to be whole already."""
    state = IndexState.objects.filter(account=session.account, entity="person").first()
    whole = state is not None and state.since is not None
    return whole and not _cheap(session) and _of_account(session).count() > MOST_AT_ONCE


def _look_at_a_part(session: Session) -> None:
    """Read the next seventh of the linked people by id, and all whom an error names.

    Those that Pipedrive does not show leave the index, as after a walk. No cursor lasts from one
    day to the next (docs/reference/assumptions.md), so the lists cannot be walked in parts.
    """
    state, _ = IndexState.objects.get_or_create(account=session.account, entity=PARTS)
    errors = session.connection.errors.filter(state="open", code__in=_SEVERAL)
    for candidates in errors.exclude(code=AMBIGUOUS_ORGANIZATION).values_list("candidates"):
        _read(session, [each["id"] for each in candidates[0]])
    linked = _of_account(session).order_by("pipedrive_id").values_list("pipedrive_id", flat=True)
    left = linked.count() // DAYS + 1
    while left > 0:
        after = state.codes[0] if state.codes else 0
        ids = list(linked.filter(pipedrive_id__gt=after).distinct()[:PAGE_PEOPLE])
        if not (ids or after):
            return  # nobody is linked any more
        _read(session, ids)
        with session.commit():
            state.codes = ids[-1:]  # behind the last one it begins anew
            state.save()
        left -= len(ids)
        session.pulse()


def _read(session: Session, ids: Sequence[int]) -> None:
    """What the index holds of these people is what Pipedrive shows now."""
    codes = index_codes(session, "person")
    keep_walk_to_budget(session, PAGE_TOKENS)
    rows = session.call(session.pipedrive.by_ids("person", ids, codes))
    with session.commit():
        index.forget(session, "person", ids)
        index.store(session, "person", rows, codes)


def _undecided(session: Session) -> set[Entity]:
    """The entities of which open errors name several that could be a customer's."""
    codes = session.connection.errors.filter(state="open", code__in=_SEVERAL)
    return {_SEVERAL[code] for code in codes.values_list("code", flat=True).distinct()}


def missing_people(session: Session) -> int:
    """Linked people that presence checks did not find: those still to be dealt with, and those
    whom this run has made again or left gone. Of hidden and merged people nothing is made.
    """
    dirty = session.connection.records.filter(kind="customer", dirty=True)
    missing = _links(session).filter(state=MISSING, source_key__in=dirty.values("source_id"))
    return session.run.missing + missing.count()


def _links(session: Session) -> QuerySet[Link]:
    return Link.objects.filter(connection=session.connection, kind="person")


def _of_account(session: Session) -> QuerySet[Link]:
    return Link.objects.filter(connection__account=session.account, kind="person")


def _mark(session: Session, customers: Sequence[str], state: str) -> None:
    for some in slices(customers):
        _links(session).filter(source_key__in=some).update(state=state)
    touch(session, customers)


def _free(session: Session, links: QuerySet[Link]) -> list[str]:
    """Those that no undo holds (rule 12)."""
    held = session.connection.records.filter(kind="customer", held_version=F("version"))
    return list(
        links.exclude(source_key__in=held.values("source_id")).values_list("source_key", flat=True)
    )


def _no_longer_left(session: Session, missing: QuerySet[Link]) -> list[str]:
    """Those that were left gone and, as the settings now are, would be made again."""
    left = missing.filter(state=LEFT).values("source_key")
    records = Record.objects.filter(
        connection=session.connection, kind="customer", source_id__in=left
    )
    return [r.source_id for r in records if why_left(session, customer_of(r)) is None]


def _due(session: Session, now: datetime) -> bool:
    checked = session.account.presence_at
    return checked is None or now - checked >= DAILY or _cheap(session)


def _cheap(session: Session) -> bool:
    people = IndexRecord.objects.filter(account=session.account, entity="person").count()
    walk = PAGE_TOKENS * (people // PAGE_PEOPLE + 1)
    runs_a_day = DAILY / session.file.schedule.every
    return walk * runs_a_day < CHEAP * daily_tokens(session.account, session.settings)
