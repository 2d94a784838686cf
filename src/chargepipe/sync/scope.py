"""Scope: which customers a run looks at."""

from django.db.models import QuerySet

from chargepipe.http import Gone
from chargepipe.store.models import Record
from chargepipe.sync.fields import discover
from chargepipe.sync.gate import by_hand
from chargepipe.sync.plan import Plan
from chargepipe.sync.pull import store_rows, touch
from chargepipe.sync.session import Session

TRIAL_SIZE = 10


def scope(session: Session) -> QuerySet[Record]:
    """The customers of this run: chosen ones, all, or those that are dirty."""
    run = session.run
    customers = scope_of_all(session)
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
