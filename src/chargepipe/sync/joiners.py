"""Joiners: of which customers a person or a deal joins an organization that is made for them."""

from collections.abc import Sequence

from chargepipe.sync.persons import People, ahead_of
from chargepipe.sync.session import Session
from chargepipe.sync.work import Work


def joiners(session: Session, works: Sequence[Work], people: People) -> set[str]:
    """The customers whose person or deal would join it.

    Under "always" every person does. Else one that has an organization keeps it (setting 11), but
    deals name that of the company all the same: for one of an invoice it must be there already,
    for a new invoice has no customer looked at.
    """
    settings = session.settings
    if settings.overwrite == "always" or settings.invoice_deals.enabled:
        return {work.customer.id for work in works}
    deals = settings.subscription_deals.enabled
    found = {work.customer.id for work in works if deals and work.subscriptions}
    taken = set[str]()
    for work in works:
        ids = {str(work.pipedrive_id)} if work.pipedrive_id else set(work.keys)
        if _is_free(work, people) and (work.makes_new or not ids & taken):
            found.add(work.customer.id)
            taken |= ids  # the next one that shares the person finds it joined
    return found


def _is_free(work: Work, people: People) -> bool:
    """Whether its person has no organization; one that was not read is left as it is."""
    ahead = ahead_of(work, people)
    held = ahead.held if ahead else work.held
    if held is None:
        return work.pipedrive_id is None
    return held.org_id is None and held.joins is None
