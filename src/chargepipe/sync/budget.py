"""Budget: a run spends only its share of the day's tokens, and waits for the next day's.

It looks before it begins, before each page of a walk through Pipedrive's lists, and before each
page of writes.
"""

from datetime import datetime, timedelta

from django.db.models import Count

from chargepipe.accounts.ledger import allowance, goes_on_at, share_of_day
from chargepipe.domain.change import price
from chargepipe.domain.cost import Cost
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


def keep_walk_to_budget(session: Session, price: int) -> None:
    """The same before a page of a walk; but a run that began a day ago walks on in any case.

    No cursor lasts from one day to the next (docs/reference/assumptions.md): a walk that is dearer
    than a day's share would begin anew each day, and never end.
    """
    started = session.run.started_at
    assert started is not None, "a run that goes has started"
    if session.env.clock.now() - started < timedelta(days=1):
        keep_to_budget(session, price)


def look_again_at(session: Session) -> datetime:
    """When a run that found no tokens tries again."""
    account = Account.objects.get(pk=session.account.pk)
    return goes_on_at(account, session.env.clock.now())


def still_to_come(session: Session) -> str:
    """What is left of the plan of a run whose tokens have ended, and until when that takes.

    In words; "" where nothing is planned yet, or where nothing will be written.
    """
    if session.run.kind in ("validate", "preview"):
        return ""
    account = Account.objects.get(pk=session.account.pk)
    planned = session.run.changes.filter(state="planned").order_by("action")
    rows = dict(planned.values_list("action").annotate(n=Count("pk")))
    if not (number := sum(rows.values())):
        return ""
    tokens = sum(price(action) * times for action, times in rows.items())
    a_day, today = share_of_day(account, session.settings), session.env.clock.now().date()
    cost = Cost(number, tokens, 0, a_day, today)
    changes = "change is" if number == 1 else "changes are"
    return f" {number:,} {changes} still to come for {tokens:,} tokens: about {cost.time}."
