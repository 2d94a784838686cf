"""Budget: a run spends only its share of the day's tokens, and waits for the next day's."""

from datetime import datetime

from chargepipe.accounts.ledger import allowance, goes_on_at
from chargepipe.http import PauseUntilReset
from chargepipe.store.models import Account
from chargepipe.sync.session import Session


def keep_to_budget(session: Session, price: int) -> int:
    """How many tokens runs may still spend today (setting 14).

    Raises PauseUntilReset where that is less than the `price` (tokens) of what comes next.
    """
    account = Account.objects.get(pk=session.account.pk)
    left = allowance(account, session.settings, session.env.clock.now().date())
    if left < price:
        raise PauseUntilReset(
            "Pipedrive",
            f"The tokens that runs may use today are spent: {left} are left.",
            resets_at=look_again_at(session),
        )
    return left


def look_again_at(session: Session) -> datetime:
    """When a run that found no tokens tries again."""
    account = Account.objects.get(pk=session.account.pk)
    return goes_on_at(account, session.env.clock.now())
