"""Waking: what makes records of the mirror dirty, so that the next plan looks at them.

A settings change wakes nothing (product.md section 3).
"""

from collections.abc import Collection, Sequence

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from chargepipe.domain.deals import DEAL_RECORDS, records_with_deals
from chargepipe.store.models import Change, Connection, Link, Record
from chargepipe.sync.session import Session, slices


def touch(session: Session, customer_ids: Collection[str]) -> None:
    """Make customers dirty, and their deals: something that their targets depend on has changed."""
    deals = bool(records_with_deals(session.settings))
    for some in slices(sorted(set(customer_ids))):
        Record.objects.filter(
            connection=session.connection, kind="customer", source_id__in=some
        ).update(revision=F("revision") + 1)
        if deals:
            own = with_deals(session.connection).filter(customer_id__in=some)
            own.update(revision=F("revision") + 1)


def wake_joined(session: Session, made: Sequence[Change]) -> None:
    """People and organizations were made, perhaps in place of lost ones: their deals join them."""
    people = [change.source_key for change in made if change.kind == "person"]
    companies = [change.source_key for change in made if change.kind == "organization"]
    if not (people or companies) or not records_with_deals(session.settings):
        return
    members = Record.objects.filter(
        connection=session.connection, kind="customer", company_key__in=companies
    )
    own = Q(customer_id__in=people) | Q(customer_id__in=members.values("source_id"))
    with_deals(session.connection).filter(own).update(revision=F("revision") + 1)


def owners(connection: Connection, keys: Collection[str]) -> list[str]:
    """The customers of these deals."""
    if not keys:
        return []
    return list(keyed(connection).filter(key__in=keys).values_list("customer_id", flat=True))


def with_deals(connection: Connection) -> QuerySet[Record]:
    """The subscriptions and invoices that have a deal, one that is gone too."""
    return keyed(connection).filter(has_deal(connection))


def has_deal(connection: Connection) -> Exists:
    """Whether a record of `keyed` has a deal."""
    links = Link.objects.filter(connection=connection, kind="deal", source_key=OuterRef("key"))
    return Exists(links)


def keyed(connection: Connection) -> QuerySet[Record]:
    """All subscriptions and invoices, each with the source key of its deal as `key`."""
    records = Record.objects.filter(connection=connection, kind__in=DEAL_RECORDS)
    return records.annotate(key=Concat("kind", Value(":"), "source_id"))
