"""Links that change without a write: moved to the winner of a merge, left, hidden, or ended.

Called by `settle` inside its commit, and by a person's decision.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet

from chargepipe.store.models import Connection, Link, Record
from chargepipe.sync.dropped import look_again_at
from chargepipe.sync.missing import LEFT, MISSING, dealt_with
from chargepipe.sync.session import Session, slices
from chargepipe.sync.waking import keyed, touch, with_deals
from chargepipe.sync.work import Work

MOVED = "moved"
"""The state of a Link that leads elsewhere since it was settled: its values are compared anew."""

DECIDED = "decided"
"""The reason of a Link that a person chose among several."""


def keep(session: Session, works: Iterable[Work]) -> None:
    """Keep what planning learned of links: all of it is true already, whatever is written."""
    works = list(works)
    known = {work.customer.id for work in works}
    if left := [work.customer.id for work in works if work.link_state == LEFT]:
        dealt_with(session, left)
    for work in works:
        if work.moved_from is not None and work.pipedrive_id is not None:
            _move(session, work.moved_from, work.pipedrive_id, known)
        if work.link_state:
            _remember(session, work)
        if work.ends and work.link is not None:
            _end(session, work.link)


def _move(session: Session, loser: int, winner: int, known: set[str]) -> None:
    """All customers that shared the loser of a merge go with it; those under plan are `known`."""
    moved = _people(session.connection).filter(pipedrive_id=loser)
    customers = set(moved.values_list("source_key", flat=True))
    moved.update(pipedrive_id=winner, state=MOVED)
    touch(session, customers - known)


def _remember(session: Session, work: Work) -> None:
    link = work.link or work.lost
    if link is None:
        return
    values: dict[str, Any] = {"state": work.link_state}
    if work.target is not None and work.outcome == "skipped":
        values["last"] = work.target.as_json()  # so long as it is this, nobody asks again
    _people(session.connection).filter(pk=link.pk).update(**values)


def _end(session: Session, link: Link) -> None:
    """The link ends; whoever shares the person shows its own values again."""
    sharing = _people(session.connection).filter(pipedrive_id=link.pipedrive_id)
    sharing = sharing.exclude(pk=link.pk)
    sharing.update(state=MOVED)
    touch(session, list(sharing.values_list("source_key", flat=True)))
    link.delete()


def decide(connection: Connection, kind: str, chosen: Mapping[str, int]) -> None:
    """Link records to what a person picked (rule 2), by source key; they are compared anew."""
    for source_key, pipedrive_id in chosen.items():
        values = {"pipedrive_id": pipedrive_id, "reason": DECIDED, "state": MOVED}
        Link.objects.update_or_create(
            connection=connection,
            kind=kind,
            source_key=source_key,
            defaults={**values, "last": {}, "ours": {}},
        )
    if kind == "organization":
        rejoin(connection, list(chosen))


def undone(connection: Connection) -> QuerySet[Link]:
    """The links that a person has picked and no run has synced yet."""
    return Link.objects.filter(connection=connection, reason=DECIDED, state=MOVED)


def rejoin(connection: Connection, companies: Sequence[str]) -> None:
    """These companies have another organization than before: their people are compared anew."""
    members = Record.objects.filter(
        connection=connection, kind="customer", company_key__in=companies
    )
    theirs = _people(connection).filter(source_key__in=members.values("source_id"), state="")
    # Whoever shares one of them has its turn again, too: the last of them has the last word.
    wake(_people(connection).filter(pipedrive_id__in=theirs.values("pipedrive_id"), state=""))
    look_again_at(connection, companies)
    deals = with_deals(connection).filter(customer_id__in=members.values("source_id"))
    deals.update(revision=F("revision") + 1)


def wake(links: Iterable[Link]) -> None:
    """The next sync compares these people anew; the links may be of several connections."""
    customers: dict[int, list[str]] = defaultdict(list)
    links = list(links)
    for link in links:
        customers[link.connection_id].append(link.source_key)
    for some in slices([link.pk for link in links]):
        Link.objects.filter(pk__in=some, state="").update(state=MOVED)
    for connection, ids in customers.items():
        for some in slices(ids):
            records = Record.objects.filter(connection=connection, kind="customer")
            records.filter(source_id__in=some).update(revision=F("revision") + 1)


def beside(connection: Connection, customers: Collection[str]) -> set[str]:
    """Make dirty whoever shares the person of one of these that are compared anew; who that is.

    They may have been linked since that one was woken. Where it writes they have their turn after
    it: the last of them has the last word. Else nothing is compared.
    """
    found = set[str]()
    for some in slices(sorted(customers)):
        moved = _people(connection).filter(source_key__in=some).values("pipedrive_id")
        sharing = _people(connection).filter(pipedrive_id__in=moved, state="")
        found |= set(sharing.values_list("source_key", flat=True))
    for some in slices(sorted(found)):
        look_again(connection, some)
    return found


def elsewhere(connection: Connection) -> set[str]:
    """The customers whose person, or whose company's organization, is another one since settled."""
    return set(_people(connection).filter(state=MOVED).values_list("source_key", flat=True))


def doubt(connection: Connection, company: str) -> None:
    """The organization of a company may be gone, for a write that names it was refused.

    The next sync reads it: deals are made by links alone, and no walk shows that one is gone.
    """
    links = Link.objects.filter(connection=connection, kind="organization", source_key=company)
    links.update(state=MISSING)
    look_again_at(connection, [company])


def look_again(connection: Connection, customers: Sequence[str]) -> None:
    """Make customers dirty after a decision of a person."""
    Record.objects.filter(connection=connection, kind="customer", source_id__in=customers).update(
        revision=F("revision") + 1
    )


def look_at_deals(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Make the records of these deals dirty; the customers that they belong to."""
    records = keyed(connection).filter(key__in=keys)
    customers = sorted(set(records.values_list("customer_id", flat=True)))
    records.update(revision=F("revision") + 1)
    return customers


def _people(connection: Connection) -> QuerySet[Link]:
    return Link.objects.filter(connection=connection, kind="person")
