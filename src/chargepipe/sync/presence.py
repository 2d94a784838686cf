"""Presence: are the linked people still there? A walk over all people says so (rule 4)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from chargepipe.accounts.ledger import daily_tokens
from chargepipe.store.models import IndexRecord, Link
from chargepipe.sync import index
from chargepipe.sync.fields import index_codes
from chargepipe.sync.pull import touch
from chargepipe.sync.session import Session, slices

PAGE_TOKENS, PAGE_PEOPLE = 10, 500
# Where the walk costs less than this share of a day at the connection's rhythm, each run does it.
CHEAP = 0.05
DAILY = timedelta(days=1)


def check_presence(session: Session) -> None:
    """Walk all people where that is due; the customers of those that are missing become dirty.

    Their plan reads each missing person by itself before it is taken for gone.
    """
    if not _links(session).exists() or not _due(session, session.env.clock.now()):
        return
    index.refresh(session, "person", index_codes(session, "person"), complete=True)
    session.refreshed.add("person")
    there = IndexRecord.objects.filter(account=session.account, entity="person")
    missing = (
        _links(session).exclude(last={}).exclude(pipedrive_id__in=there.values("pipedrive_id"))
    )
    customers = list(missing.values_list("source_key", flat=True))
    with session.commit():
        # Without a last target no customer counts as unchanged.
        for some in slices(customers):
            _links(session).filter(source_key__in=some).update(last={})
        touch(session, customers)
        session.account.presence_at = session.env.clock.now()
        session.account.save(update_fields=["presence_at"])


def missing_people(session: Session) -> int:
    """Linked people that a presence check did not find and that are still to be dealt with."""
    dirty = session.connection.records.filter(kind="customer", dirty=True)
    return _links(session).filter(last={}, source_key__in=dirty.values("source_id")).count()


def _links(session: Session) -> QuerySet[Link]:
    return Link.objects.filter(connection=session.connection, kind="person")


def _due(session: Session, now: datetime) -> bool:
    checked = session.account.presence_at
    return checked is None or now - checked >= DAILY or _cheap(session)


def _cheap(session: Session) -> bool:
    people = IndexRecord.objects.filter(account=session.account, entity="person").count()
    walk = PAGE_TOKENS * (people // PAGE_PEOPLE + 1)
    runs_a_day = DAILY / session.file.schedule.every
    return walk * runs_a_day < CHEAP * daily_tokens(session.account, session.settings)
