"""Reconcile: is every linked record there, and does it hold what billing says? (rule 15)

Links are repaired in any case: people and organizations that are gone are made again or left, and
merges are followed. Fields that differ are only planned, for the report; with `repair` they are
written. All of it under the brake.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import TypeAlias

from django.db.models import Count, Max, Q, QuerySet

from chargepipe.domain.deals import records_with_deals
from chargepipe.domain.fields import entities
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, IndexRecord, Link, Record
from chargepipe.sync import index
from chargepipe.sync.fields import discover, index_codes
from chargepipe.sync.gate import pass_over
from chargepipe.sync.missing import LEFT
from chargepipe.sync.plan import Plan
from chargepipe.sync.presence import MISSING, check_presence
from chargepipe.sync.pull import pull_all
from chargepipe.sync.session import Session, slices
from chargepipe.sync.waking import keyed, touch
from chargepipe.sync.walked import carry
from chargepipe.sync.work import load

Write: TypeAlias = Callable[[Session, QuerySet[Record], QuerySet[Record]], None]
"""Plan these customers and deals without trust in what was last written, ask, apply (`flow`)."""


def reconcile(session: Session, write: Write) -> dict[str, int] | None:
    """Bring both sides in, repair the links, then report what drifted or, by wish, repair it too.

    Returns the buckets of a report, None where the run counts what it wrote or where it asks.
    """
    if not _links(session, "person").exists():
        name = session.connection.name
        session.note += f"Nobody is linked yet; a full sync links first: chargepipe full {name}. "
    pull_all(session)
    _walk_all(session)
    wanted = linked(session) if session.run.repair else lost(session)
    deals = linked_deals(session) if session.run.repair else lost_deals(session)
    with session.commit():
        # What cannot be written now is then tried again by the next sync.
        touch(session, list(wanted.values_list("source_id", flat=True)))
    write(session, wanted, deals)
    if session.run.repair:
        return None
    return _report(session) if session.run.state == "running" else None


def _walk_all(session: Session) -> None:
    """Walk all people and organizations; rows of linked ones are kept for the comparison."""
    discover(session)
    for entity in entities(session.settings):
        carry(session, entity, partial(_linked, session, entity))
    walked = session.account.presence_at
    started = session.run.started_at
    assert started is not None, "a run that goes has started"
    check_presence(session, force=walked is None or walked < started)
    for entity in entities(session.settings):
        if entity != "person":
            index.refresh(session, entity, index_codes(session, entity), complete=True)
            session.refreshed.add(entity)


def _linked(session: Session, entity: Entity, ids: Collection[int]) -> set[int]:
    links = _links(session, entity).filter(pipedrive_id__in=list(ids))
    return set(links.values_list("pipedrive_id", flat=True))


def _links(session: Session, kind: str) -> QuerySet[Link]:
    return Link.objects.filter(connection=session.connection, kind=kind)


def lost(session: Session) -> QuerySet[Record]:
    """The customers whose person, or whose company's organization, is not where its link leads."""
    there = IndexRecord.objects.filter(account=session.account, entity="organization")
    companies = _links(session, "organization").exclude(
        pipedrive_id__in=there.values("pipedrive_id")
    )
    people = _links(session, "person").filter(state=MISSING)
    missing = Q(source_id__in=people.values("source_key"))
    return linked(session).filter(missing | Q(company_key__in=companies.values("source_key")))


def lost_deals(session: Session) -> QuerySet[Record]:
    """The records whose deal is neither among the current nor among the archived ones."""
    there = IndexRecord.objects.filter(
        account=session.account, entity__in=("deal", "archived deal")
    )
    gone = _links(session, "deal").exclude(state=LEFT)
    gone = gone.exclude(pipedrive_id__in=there.values("pipedrive_id"))
    return keyed(session.connection).filter(key__in=gone.values("source_key"))


def linked_deals(session: Session) -> QuerySet[Record]:
    """All records that have a deal; one that was deleted stays so (rule 4)."""
    links = _links(session, "deal").exclude(state=LEFT)
    kinds = records_with_deals(session.settings)
    return keyed(session.connection).filter(key__in=links.values("source_key"), kind__in=kinds)


def linked(session: Session) -> QuerySet[Record]:
    """All linked customers; of those that share a person only the one that has the last word."""
    customers = Record.objects.filter(
        connection=session.connection,
        kind="customer",
        source_id__in=_links(session, "person").values("source_key"),
    )
    silent = _silent(session, customers)
    return customers.exclude(source_id__in=silent) if silent else customers


def _silent(session: Session, customers: QuerySet[Record]) -> list[str]:
    """Those whose person another customer wrote after them: it has the last word (rule 3).

    A sync writes whom billing changed, so that is not always the one with the newest `updated_at`.
    Where the first one owns it, the plan itself passes over the others (`sharing`).
    """
    if session.settings.shared_keys == "first":
        return []
    links = _links(session, "person")
    shared = links.values("pipedrive_id").annotate(n=Count("pk")).filter(n__gt=1)
    pairs = dict(
        links.filter(pipedrive_id__in=shared.values("pipedrive_id")).values_list(
            "source_key", "pipedrive_id"
        )
    )
    ordered = customers.filter(source_id__in=list(pairs)).order_by("updated_at", "source_id")
    speakers: dict[int, str] = {}
    able = set[str]()
    for records in slices(list(ordered)):
        works = load(session, records)
        pass_over(session, works)  # whom the run will not write says nothing here either
        able |= {work.customer.id for work in works if work.open}
        speakers |= {pairs[work.customer.id]: work.customer.id for work in works if work.open}
    wrote = _written_last(session, speakers)
    speakers |= {pid: key for pid, key in wrote if key in able and pairs[key] == pid}
    return [customer for customer, person in pairs.items() if speakers.get(person) != customer]


def _written_last(session: Session, people: Collection[int]) -> Iterator[tuple[int, str]]:
    """For whom each of these people was written last, as far as the journal reaches."""
    written = Change.objects.filter(
        connection=session.connection, kind="person", state="written", reverts=None
    )
    for some in slices(sorted(people)):
        last = written.filter(pipedrive_id__in=some).values("pipedrive_id").annotate(n=Max("pk"))
        rows = Change.objects.filter(pk__in=last.values("n"))
        yield from rows.values_list("pipedrive_id", "source_key")


def _report(session: Session) -> dict[str, int]:
    """Plan what differs and leave it planned, to be read. "updated" counts those that differ."""
    plan = Plan(session, "preview", trust=False)
    plan.make(linked(session), linked_deals(session))
    made = session.run.changes.filter(kind="person", action="create", state="written").count()
    tally = Counter(plan.tally)
    tally["unchanged"] -= made
    tally["created"] += made
    return dict(tally)
