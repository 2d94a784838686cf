"""Sharing: customers that stand for one person, and which of them owns it (shared_keys)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from chargepipe.domain.sharing import Claim, owner
from chargepipe.domain.validation import skip_reason
from chargepipe.store.models import Link, Record
from chargepipe.sync.keyed import common_keys
from chargepipe.sync.session import Session
from chargepipe.sync.work import Work, customer_of, subscriptions_of

WORDS = "shares its person with another customer, which was linked first or is older (shared_keys)"


def give_way(session: Session, works: Sequence[Work]) -> None:
    """Skip the customers that do not own their person, where the first one does (rule 3)."""
    if session.settings.shared_keys != "first":
        return
    rivals = _rivals(session, works)
    claims = claims_of(session, (record for few in rivals.values() for record in few))
    for work in works:
        mine = [claims[r.source_id] for r in rivals[work.customer.id] if r.source_id in claims]
        if len(mine) > 1 and owner(mine) != work.customer.id:
            work.skip(WORDS)


def give_way_to_linked(session: Session, works: Sequence[Work]) -> None:
    """Skip those whose match is another customer's person; they are looked at in the next run.

    Such a person still has a key that its customer has given up, or has several keys.
    """
    if session.settings.shared_keys != "first":
        return
    found = [work for work in works if work.pipedrive_id is not None and _is_new(work)]
    wanted: dict[int, set[str]] = defaultdict(set)
    for work in found:
        wanted[work.pipedrive_id or 0].add(work.customer.id)
    links = _links(session).filter(pipedrive_id__in=wanted.keys())
    for customer, pipedrive_id in links.values_list("source_key", "pipedrive_id"):
        wanted[pipedrive_id].add(customer)
    rivals = Record.objects.filter(
        connection=session.connection, kind="customer", source_id__in=set().union(*wanted.values())
    )
    claims = claims_of(session, rivals)
    for work in found:
        mine = [claims[each] for each in wanted[work.pipedrive_id or 0] if each in claims]
        if len(mine) > 1 and owner(mine) != work.customer.id:
            work.skip(WORDS)
            work.again = work.link is None


def _is_new(work: Work) -> bool:
    """Whether its person is another one than the one that its link led to until now."""
    return work.link is None or work.moved_from is not None


def others(session: Session, work: Work) -> list[Record]:
    """The living customers that share the person of this one, by link or by key.

    By a link also those that do not sync as the settings are now, or that moved to another
    business entity and live on there.
    """
    rivals = _rivals(session, [work])[work.customer.id]
    living = [r for r in rivals if r.source_id != work.customer.id and _lives(session, r)]
    claims = claims_of(session, living)
    linked = _links(session).filter(pipedrive_id=work.pipedrive_id)
    theirs = {*claims, *linked.values_list("source_key", flat=True)}
    return [record for record in living if record.source_id in theirs]


def _lives(session: Session, record: Record) -> bool:
    """Whether it is not deleted, nor the live copy that a transfer made of it."""
    customer = customer_of(record)
    if customer.deleted or not customer.left_behind:
        return not customer.deleted
    customers = Record.objects.filter(connection=session.connection, kind="customer")
    return not customers.filter(source_id=customer.active_id, deleted=True).exists()


def _rivals(session: Session, works: Sequence[Work]) -> dict[str, list[Record]]:
    """All customers with the key or the linked person of each work, itself among them."""
    person = {work.customer.id: work.link.pipedrive_id for work in works if work.link}
    links = _links(session).filter(pipedrive_id__in=person.values())
    linked: dict[int, set[str]] = defaultdict(set)
    for customer, pipedrive_id in links.values_list("source_key", "pipedrive_id"):
        linked[pipedrive_id].add(customer)
    keys = {work.record.match_key for work in works} - {""}
    ids = {work.customer.id for work in works}.union(*linked.values())
    records = {
        record.source_id: record
        for record in Record.objects.filter(connection=session.connection, kind="customer").filter(
            Q(match_key__in=keys) | Q(source_id__in=ids)
        )
    }
    common = common_keys(records.values(), session.settings.match_key)
    keyed: dict[str, set[str]] = defaultdict(set)
    for customer, key in common.items():
        keyed[key].add(customer)
    return {
        own: [
            records[each]
            for each in sorted({own, *keyed[common.get(own, "")], *linked[person.get(own, 0)]})
            if each in records
        ]
        for own in (work.customer.id for work in works)
    }


def claims_of(session: Session, customers: Iterable[Record]) -> dict[str, Claim]:
    """A claim for each customer that the settings let sync."""
    records = {record.pk: record for record in customers}
    ids = [record.source_id for record in records.values()]
    links = dict(_links(session).filter(source_key__in=ids).values_list("source_key", "pk"))
    paying = _paying(session, ids)
    return {
        record.source_id: Claim(
            record.source_id, links.get(record.source_id), record.created_at, record.deleted
        )
        for record in records.values()
        if _may_sync(session, record, record.source_id in links, record.source_id in paying)
    }


def _may_sync(session: Session, record: Record, linked: bool, paying: bool) -> bool:
    wanted = linked or paying or session.settings.customers == "all"
    return wanted and skip_reason(customer_of(record), session.settings, linked) is None


def _paying(session: Session, ids: Iterable[str]) -> set[str]:
    if session.settings.customers == "all":
        return set()
    owned = subscriptions_of(session, ids)
    return {customer for customer, few in owned.items() if any(each.live for each in few)}


def _links(session: Session) -> QuerySet[Link]:
    return Link.objects.filter(connection=session.connection, kind="person")
