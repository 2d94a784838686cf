"""Scope: which customers a run looks at, and whose deals."""

from functools import reduce
from operator import or_

from django.db.models import F, Q, QuerySet

from chargepipe.domain.deals import DEAL_RECORDS, records_with_deals
from chargepipe.domain.settings import Settings
from chargepipe.http import Gone
from chargepipe.store.models import Connection, Record
from chargepipe.sync import backfill
from chargepipe.sync.fields import discover
from chargepipe.sync.gate import by_hand
from chargepipe.sync.mirror import store_rows
from chargepipe.sync.plan import Plan
from chargepipe.sync.session import Session
from chargepipe.sync.waking import has_deal, keyed, touch, with_deals

TRIAL_SIZE = 10


def scope(session: Session) -> QuerySet[Record]:
    """The customers of this run: chosen ones, all, or those that are dirty.

    Of a run that applies a preview they are those of the preview.
    """
    applies = session.run.kind == "apply" and session.run.about is not None
    run = session.run.about if applies else session.run
    assert run is not None
    customers = scope_of_all(session)
    if backfill.BACKFILL in (run.kind, run.of):
        return customers.none()
    if run.only or "trial" in (run.kind, run.of):
        return customers.filter(source_id__in=run.only)
    everything = run.kind in ("full", "validate") or run.of == "full"
    return customers if everything else customers.filter(dirty=True)


def refetch(session: Session) -> None:
    """Read the chosen customers once more: a list may lag behind, a record does not."""
    for customer_id in session.run.only:
        try:
            row = session.call(session.chargebee.get("customer", customer_id))
        except Gone:
            if not scope_of_all(session).filter(source_id=customer_id).exists():
                session.note += f"Chargebee has no customer {customer_id}. "
            continue
        with session.commit():
            store_rows(session, "customer", [row])
            if session.run.kind != "preview":
                touch(session, [customer_id])
                release(session, customer_id)


def release(session: Session, customer_id: str) -> None:
    """A customer that a person names is held no longer (rule 12)."""
    if by_hand(session):
        scope_of_all(session).filter(source_id=customer_id).update(held_version=None)


def choose_trial(session: Session) -> None:
    """The ten oldest customers that no finding stops (product.md 2.4), unless some were named."""
    if session.run.only:
        return
    discover(session)
    plan = Plan(session, "write")
    chosen: list[str] = []
    start = 0
    customers = scope_of_all(session).order_by("created_at", "source_id")
    while len(chosen) < TRIAL_SIZE:
        some = list(customers[start : start + 5 * TRIAL_SIZE])
        if not some:
            break
        works = plan.examine(some)
        chosen += [w.customer.id for w in works if w.open]
        start += len(some)
        session.pulse()
    if not chosen:
        session.note = "No customer is without a finding; see the errors of a validation. "
    session.run.only = chosen[:TRIAL_SIZE]
    session.run.save(update_fields=["only"])


def scope_of_all(session: Session) -> QuerySet[Record]:
    """Every customer of the connection."""
    return Record.objects.filter(connection=session.connection, kind="customer")


def deals(session: Session) -> QuerySet[Record]:
    """The subscriptions and invoices whose deals this run looks at (product.md 2.6).

    None is made before the first full sync is done. A later one looks at all of them, others at
    those that are dirty and have a deal, or are young enough to get one by themselves; a backfill
    at those of its window.
    """
    run, connection = session.run, session.connection
    kind = run.of or run.kind
    if kind == backfill.BACKFILL:
        return backfill.wanted(session)
    if kind not in ("full", "sync") or connection.full_done_at is None:
        return keyed(connection).none()
    kinds = records_with_deals(session.settings)
    records = keyed(connection).filter(kind__in=kinds)
    if run.only:
        records = records.filter(customer_id__in=run.only)
    if kind == "full":
        return records.filter(Q(has_deal(connection)) | Q(deleted=False))
    records = records.filter(_by_itself(connection))
    return records if run.only else records.filter(dirty=True)


def to_be_looked_at(connection: Connection, settings: Settings) -> QuerySet[Record]:
    """The records whose deals the next hourly sync looks at, as far as they are known now."""
    if connection.full_done_at is None:
        return keyed(connection).none()
    records = keyed(connection).filter(kind__in=records_with_deals(settings), dirty=True)
    return records.filter(_by_itself(connection))


def _by_itself(connection: Connection) -> Q:
    """What an hourly sync looks at: with a deal, young, or come by before."""
    return Q(has_deal(connection)) | _young(connection) | Q(due=True)


def _young(connection: Connection) -> Q:
    """Created or changed since the first full sync started, by Chargebee's own times."""
    own = (Q(kind=kind) & _since(seconds) for kind, seconds in _begin(connection).items())
    return reduce(or_, own)


def is_young(connection: Connection, record: Record) -> bool:
    """The same for one record."""
    return (record.updated_at or record.created_at) >= _begin(connection)[record.kind]


def _begin(connection: Connection) -> dict[str, int]:
    """From when on records of each kind get their deals by themselves, in seconds."""
    full = connection.deals_since or 0
    return {"subscription": full, "invoice": max(full, connection.invoices_since or 0)}


def _since(seconds: int) -> Q:
    return Q(updated_at__gte=seconds) | Q(updated_at=0, created_at__gte=seconds)


def pass_by(session: Session) -> None:
    """Settle what gets no deal by itself, so that switching deals on later makes no flood.

    In the hourly sync alone: the records of a first full sync wait to be seen.
    """
    run, connection = session.run, session.connection
    if run.kind != "sync" or run.only:
        return
    kinds = records_with_deals(session.settings)
    off = [kind for kind in DEAL_RECORDS if kind not in kinds]
    dirty = Record.objects.filter(connection=connection, kind__in=DEAL_RECORDS, dirty=True)
    with_deal = with_deals(connection).filter(dirty=True).values("pk")
    old = dirty.exclude(_young(connection) | Q(due=True)).exclude(pk__in=with_deal)
    with session.commit():
        dirty.filter(kind__in=off).update(settled=F("revision"))
        old.filter(kind__in=kinds).update(settled=F("revision"))
