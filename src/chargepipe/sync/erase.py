"""Erase: what Chargebee cleared of a person goes from journal, errors and link, too (rule 16).

`settle` calls it in the very commit that makes the clearing true; erasing again changes nothing.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q, QuerySet

from chargepipe.domain.codes import CODES, REFUSED
from chargepipe.domain.erasure import erased_target, without_personal
from chargepipe.store.models import Change, Connection, Link, Record
from chargepipe.sync.erase_organizations import UNDER_WAY, companies_of, erase_companies
from chargepipe.sync.session import Session, slices
from chargepipe.sync.waking import keyed, touch
from chargepipe.sync.work import Work

WORDS = "what Pipedrive answered was erased with the customer's personal data"
ANSWER = CODES[REFUSED].words.format(answer=WORDS)


def erase(session: Session, customers: Sequence[str]) -> None:
    """Take the personal data of the cleared among these out of all that we keep; inside a commit.

    The mirror lost them with the pull, and the index with the write. A customer whose person still
    holds them keeps its link, by which we know what is ours. What is still under way keeps its
    values, for it must be recognized: it is erased when it is settled.
    """
    for some in slices(sorted(set(customers))):
        if gone := _gone(session.connection, some):
            deals = _deals(session.connection, gone)
            companies = companies_of(session.connection, gone)
            erase_companies(session, companies)
            _changes(session, Q(kind="person", source_key__in=gone))
            _changes(session, Q(kind="deal", source_key__in=deals))
            _errors(session.connection, gone, deals, companies)
            _links(session.connection, gone)
            _links_of_deals(session.connection, deals)


def _gone(connection: Connection, customers: Sequence[str]) -> list[str]:
    """Those that Chargebee has cleared, and whose person is cleared too or not linked at all."""
    found = _cleared(_customers(connection).filter(source_id__in=customers))
    return sorted(set(found) - _holding(connection, found))


def _customers(connection: Connection) -> QuerySet[Record]:
    return Record.objects.filter(connection=connection, kind="customer")


def _cleared(customers: QuerySet[Record]) -> list[str]:
    where = {"attributes__pii_cleared": "cleared"}
    return list(customers.filter(**where).values_list("source_id", flat=True))


def _holding(connection: Connection, customers: Sequence[str]) -> set[str]:
    """Those with a person on whom we have not cleared anything yet."""
    holding = set[str]()
    for some in slices(customers):
        rows = _people(connection).filter(source_key__in=some)
        pairs = rows.values_list("source_key", "last__cleared")
        holding |= {source_key for source_key, cleared in pairs if not cleared}
    return holding


def _people(connection: Connection) -> QuerySet[Link]:
    return Link.objects.filter(connection=connection, kind="person")


def due(session: Session, works: Iterable[Work]) -> set[str]:
    """The linked customers that Chargebee has cleared and whose person was not cleared yet.

    Once the journal knows of it, it is done: an undo may have taken the rest of that write back.
    """
    cleared = {
        work.customer.id
        for work in works
        if work.customer.pii_cleared and work.link and not work.link.last.get("cleared")
    }
    done = Change.objects.filter(
        connection=session.connection, kind="person", state="written", target__cleared=True
    )
    return cleared - set(done.filter(source_key__in=cleared).values_list("source_key", flat=True))


def _deals(connection: Connection, customers: Sequence[str]) -> list[str]:
    own = keyed(connection).filter(customer_id__in=customers)
    return list(own.values_list("key", flat=True))


def _changes(session: Session, which: Q) -> None:
    now = session.env.clock.now()
    rows = Change.objects.filter(which, connection=session.connection).exclude(UNDER_WAY)
    moved: list[Change] = []
    for change in rows.iterator():
        was = change.before, change.after, change.target, change.words
        change.before = without_personal(change.before, now, change.source_key)
        change.after = without_personal(change.after, now, change.source_key)
        change.target = erased_target(change.target)
        if change.state == "failed":
            change.words = WORDS
        if was != (change.before, change.after, change.target, change.words):
            moved.append(change)
    Change.objects.bulk_update(moved, ["before", "after", "target", "words"], batch_size=200)


def _errors(
    connection: Connection,
    customers: Sequence[str],
    deals: Sequence[str],
    companies: Collection[str],
) -> None:
    """Candidates keep their ids: they name the records among which it was sought."""
    own = Q(kind="customer", source_key__in=customers) | Q(kind="deal", source_key__in=deals)
    own |= Q(kind="organization", source_key__in=companies)
    for error in connection.errors.filter(own):
        candidates = [{**row, "name": ""} for row in error.candidates]
        words = ANSWER if error.code == REFUSED else error.words
        if (candidates, words, "") != (error.candidates, error.words, error.reason):
            error.candidates, error.words, error.reason = candidates, words, ""
            error.save(update_fields=["candidates", "words", "reason"])


def _links(connection: Connection, customers: Sequence[str]) -> None:
    """Ours is only what billing still says: a person that is gone was never cleared by a write."""
    for link in _people(connection).filter(source_key__in=customers).exclude(ours={}):
        ours = {name: value for name, value in link.ours.items() if value == link.last.get(name)}
        if ours != link.ours:
            link.ours = ours
            link.save(update_fields=["ours"])


def _links_of_deals(connection: Connection, deals: Sequence[str]) -> None:
    """The title of a deal that we have not cleared yet is ours to write over in any case."""
    links = Link.objects.filter(connection=connection, kind="deal", source_key__in=deals)
    for link in links.exclude(last={}):
        if not link.last.get("cleared"):
            link.last = erased_target(link.last)
            link.ours = {name: value for name, value in link.ours.items() if name != "title"}
            link.save(update_fields=["last", "ours"])


def leaving(session: Session, customers: QuerySet[Record]) -> list[str]:
    """Those of the customers whose person still holds what Chargebee has cleared.

    With them the cleared ones that share such a person: among these the last changed speaks last.
    """
    connection = session.connection
    holding = _holding(connection, _cleared(customers))
    links = _people(connection)
    people = links.filter(source_key__in=holding).values("pipedrive_id")
    sharing = links.filter(pipedrive_id__in=people).values("source_key")
    cleared = _cleared(_customers(connection).filter(source_id__in=sharing))
    return sorted({*holding, *cleared})


def wake_sharers(session: Session, going: Sequence[str]) -> None:
    """Customers that share a person with one that is about to be cleared are looked at after it.

    Clearing takes the name, email and phone; what is theirs too is written again in the same run.
    """
    links = _people(session.connection)
    people = links.filter(source_key__in=going).values("pipedrive_id")
    sharers = links.filter(pipedrive_id__in=people).exclude(source_key__in=going)
    others = list(sharers.values_list("source_key", flat=True))
    if others:
        with session.commit():
            touch(session, others)
