"""Gate: which customers are synced at all, and what stands in the way of the others.

The rules are domain.validation; here are the facts that they look at.
"""

from collections.abc import Sequence

from django.db.models import Count

from chargepipe.domain.codes import CURRENCY_MISSING
from chargepipe.domain.validation import Subject, findings, skip_reason
from chargepipe.store.models import Record, SyncError
from chargepipe.sync.currencies import currencies_for
from chargepipe.sync.organizations import Organizations
from chargepipe.sync.session import Session
from chargepipe.sync.work import Work


def pass_over(session: Session, works: Sequence[Work]) -> None:
    """End the works that the settings or an ignored error (rule 7) keep out."""
    ignored = _ignored(session, works)
    for work in works:
        if ignored.get(work.customer.id) == work.record.version:
            work.skip("its error is ignored until the customer changes in Chargebee")
        elif words := skip_reason(work.customer, session.settings, work.link is not None):
            work.skip(words)


def _ignored(session: Session, works: Sequence[Work]) -> dict[str, int | None]:
    return dict(
        SyncError.objects.filter(
            connection=session.connection,
            kind="customer",
            state="ignored",
            source_key__in=[work.customer.id for work in works],
        ).values_list("source_key", "version_ignored")
    )


def check(
    session: Session, works: Sequence[Work], companies: Organizations, *, writing: bool
) -> None:
    """Give each work its findings; a blocking one ends it.

    A currency that Pipedrive lacks is a warning before the sync and an error in it (setting 12).
    """
    others = _sharing(session, works)
    known = currencies_for(session, works)
    fallback = session.site.base_currency or session.site.default_currency
    for work in works:
        found = findings(
            _subject(work, companies),
            session.settings,
            known,
            fallback,
            others.get(work.record.match_key, 1) - 1,
        )
        stops = [f for f in found if f.blocking or (writing and f.code == CURRENCY_MISSING)]
        work.warnings = [f for f in found if f not in stops]
        if stops:
            work.fail(stops[0])


def _subject(work: Work, companies: Organizations) -> Subject:
    assert work.match is not None
    return Subject(
        work.customer,
        work.subscriptions,
        work.keys,
        work.match,
        companies.match_of(work.record.company_key),
    )


def _sharing(session: Session, works: Sequence[Work]) -> dict[str, int]:
    """How many customers hold each match key of these works."""
    keys = {work.record.match_key for work in works} - {""}
    rows = Record.objects.filter(
        connection=session.connection, kind="customer", deleted=False, match_key__in=keys
    )
    return dict(rows.values_list("match_key").annotate(n=Count("pk")).order_by())
