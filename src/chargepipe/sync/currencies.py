"""Currencies: an amount goes only into an account that has its currency (setting 12)."""

from collections.abc import Collection, Sequence

from chargepipe.sync.session import Session
from chargepipe.sync.work import Work


def currencies_for(session: Session, works: Sequence[Work]) -> Collection[str]:
    """The currencies of the account; asked for again, once a run, when one is not among them.

    The list costs 20 tokens and hardly ever changes, so it is kept with the account.
    """
    asked = "currencies" in session.refreshed
    if not asked and not _wanted(session, works) <= set(session.account.currencies):
        session.refreshed.add("currencies")
        found = session.call(session.pipedrive.currencies())
        with session.commit():
            session.account.currencies = sorted(c.code for c in found if c.active)
            session.account.save(update_fields=["currencies"])
    return session.account.currencies


def _wanted(session: Session, works: Sequence[Work]) -> set[str]:
    site = session.site
    wanted = {s.currency_code for work in works for s in work.subscriptions}
    wanted |= {work.customer.preferred_currency for work in works}
    wanted |= {site.base_currency or site.default_currency}
    return {currency for currency in wanted if currency}
