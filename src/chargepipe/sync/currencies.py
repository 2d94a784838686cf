"""Currencies: an amount goes only into an account that has its currency (setting 12)."""

from collections.abc import Collection, Sequence

from chargepipe.sync.session import Session
from chargepipe.sync.work import Work


def currencies_for(session: Session, wanted: Collection[str]) -> Collection[str]:
    """The currencies of the account; asked for again, once a run, when one of `wanted` is lacking.

    The list costs 20 tokens and hardly ever changes, so it is kept with the account.
    """
    asked = "currencies" in session.refreshed
    if not asked and not set(wanted) <= set(session.account.currencies):
        session.refreshed.add("currencies")
        found = session.call(session.pipedrive.currencies())
        with session.commit():
            session.account.currencies = sorted(c.code for c in found if c.active)
            session.account.save(update_fields=["currencies"])
    return session.account.currencies


def currencies_of(session: Session, works: Sequence[Work]) -> set[str]:
    """The currencies that amounts of these customers may have."""
    site = session.site
    named = {s.currency_code for work in works for s in work.subscriptions}
    named |= {work.customer.preferred_currency for work in works}
    named |= {site.base_currency or site.default_currency}
    return {currency for currency in named if currency}
