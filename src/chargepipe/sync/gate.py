"""Gate: which customers are synced at all, and what stands in the way of the others.

The rules are domain.validation; here are the facts that they look at.
"""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Count

from chargepipe.domain.codes import CURRENCY_MISSING
from chargepipe.domain.matching import NotFound
from chargepipe.domain.validation import Subject, findings, skip_reason
from chargepipe.store.models import Record
from chargepipe.sync.currencies import currencies_for, currencies_of
from chargepipe.sync.erase import due
from chargepipe.sync.ignored import ignored
from chargepipe.sync.keyed import common_keys
from chargepipe.sync.organizations import Organizations
from chargepipe.sync.session import Session
from chargepipe.sync.sharing import claims_of, give_way
from chargepipe.sync.work import Work

UNMADE = "no person matches, and create_people is off"


def pass_over(session: Session, works: Sequence[Work]) -> None:
    """End the works that the settings, an ignored error (rule 7) or an undo (12) keep out."""
    quiet = ignored(session, "customer", [work.customer.id for work in works])
    leaving = due(session, works)
    for work in works:
        if work.customer.id in leaving:
            continue  # personal data go whatever else is so (rule 16)
        if work.customer.id in quiet:
            work.wait("its error is ignored until the customer changes in Chargebee")
        elif work.record.held and not by_hand(session):
            work.wait("what was written for it was undone; it is held until it is modified")
        elif words := skip_reason(work.customer, session.settings, work.link is not None):
            work.skip(words)
    give_way(session, [work for work in works if work.open])


def by_hand(session: Session) -> bool:
    """Whether a person named the customers of this run: "sync this record" ends a hold."""
    return bool(session.run.only) and not session.run.automatic


def check(
    session: Session, works: Sequence[Work], companies: Organizations, *, writing: bool
) -> None:
    """Give each work its findings; a blocking one ends it.

    A currency that Pipedrive lacks is a warning before the sync and an error in it (setting 12).
    """
    others = _others(session, works)
    known = currencies_for(session, currencies_of(session, works))
    fallback = session.site.base_currency or session.site.default_currency
    for work in works:
        found = findings(
            _subject(work, companies),
            session.settings,
            known,
            fallback,
            others.get(work.customer.id, 0),
        )
        stops = [f for f in found if f.blocking or (writing and f.code == CURRENCY_MISSING)]
        work.warnings = [f for f in found if f not in stops]
        if stops and stops[0].code == CURRENCY_MISSING and _unmade(session, work):
            work.skip(UNMADE)  # no amount of it would be written
        elif stops:
            work.fail(stops[0])


def _unmade(session: Session, work: Work) -> bool:
    """Whether nobody matches and nobody may be made (setting 2)."""
    return isinstance(work.match, NotFound) and not session.settings.create_people


def _subject(work: Work, companies: Organizations) -> Subject:
    assert work.match is not None
    return Subject(
        work.customer,
        work.subscriptions,
        work.keys,
        work.match,
        companies.match_of(work.record.company_key),
    )


def _others(session: Session, works: Sequence[Work]) -> dict[str, int]:
    """How many others that may sync have the match key of each of these."""
    keys = {work.record.match_key for work in works} - {""}
    rows = Record.objects.filter(
        connection=session.connection, kind="customer", deleted=False, match_key__in=keys
    )
    shared = rows.values("match_key").annotate(n=Count("pk")).filter(n__gt=1).order_by()
    several = rows.filter(match_key__in=shared.values("match_key"))
    claims = claims_of(session, several)
    claiming = (record for record in several if record.source_id in claims)
    common = common_keys(claiming, session.settings.match_key)
    number = Counter(common.values())
    return {customer: number[key] - 1 for customer, key in common.items()}
