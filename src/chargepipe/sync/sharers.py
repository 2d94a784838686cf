"""Sharers: who else is linked to a person, in any connection of the account.

A customer that is cleared, deleted or left takes away only what is its own (domain.sparing).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.db.models import Exists, OuterRef, QuerySet

from chargepipe.domain import names
from chargepipe.domain.diff import Difference
from chargepipe.domain.sparing import spared
from chargepipe.domain.targets import PersonTarget
from chargepipe.store.models import Link, Record
from chargepipe.sync.session import Session


def elsewhere(session: Session, people: Collection[int]) -> QuerySet[Link]:
    """The links that customers of the account's other connections have to these people."""
    return _sharers(session, people).exclude(connection=session.connection)


def living_elsewhere(session: Session, person: int) -> bool:
    """Whether it is the person of a living customer of another connection."""
    living = Record.objects.filter(
        connection=OuterRef("connection"),
        kind="customer",
        source_id=OuterRef("source_key"),
        deleted=False,
    )
    return elsewhere(session, [person]).filter(Exists(living)).exists()


def staying(session: Session, people: Collection[int]) -> list[Link]:
    """The links to these people that a clear does not touch (`clearing`)."""
    links = list(_sharers(session, people))
    going = {link.source_key for link in links if link.connection_id == session.connection.pk}
    if session.run.only:
        leaving = Record.objects.filter(
            connection=session.connection,
            kind="customer",
            source_id__in=going,
            attributes__business_entity_id__in=session.run.only,
        )
        going = set(leaving.values_list("source_id", flat=True))
    own = session.connection.pk
    return [link for link in links if link.connection_id != own or link.source_key not in going]


def wanted(session: Session, links: Iterable[Link]) -> Mapping[int, list[PersonTarget]]:
    """What the customers of these links want on their person, by person.

    Fields of ours are not the same ones in another connection: there only the others count.
    """
    found: dict[int, list[PersonTarget]] = defaultdict(list)
    for link in links:
        if not link.last:
            continue
        target = PersonTarget.from_json(link.last)
        if link.connection_id != session.connection.pk:
            rest = {name: value for name, value in target.fields.items() if name not in names.ALL}
            target = replace(target, fields=rest)
        found[link.pipedrive_id].append(target)
    return found


def spare(
    session: Session, target: PersonTarget, person: int | None, difference: Difference
) -> Difference:
    """What a customer that is cleared or deleted writes, less what is wanted elsewhere."""
    flagged = target.fields.get(names.CUSTOMER_STATUS) == names.DELETED
    if person is None or not (target.cleared or flagged):
        return difference
    return spared(difference, wanted(session, elsewhere(session, [person])).get(person, ()))


def _sharers(session: Session, people: Collection[int]) -> QuerySet[Link]:
    return Link.objects.filter(
        connection__account=session.account, kind="person", pipedrive_id__in=people
    )
