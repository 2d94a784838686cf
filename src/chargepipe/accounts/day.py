"""The day of Pipedrive's tokens: what its headers say of it, and when a new one begins."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from chargepipe.store.models import Account


@dataclass(frozen=True, slots=True)
class Heard:
    """What the headers of an answer said: the tokens of the day, and how many of them are left."""

    limit: int | None
    left: int


def least(before: Heard | None, now: Heard) -> Heard:
    """What is left for certain, by two answers that may have come out of order."""
    return now if before is None else replace(now, left=now.left - max(0, _back(before, now)))


def _back(before: Heard, now: Heard) -> int:
    """How many tokens have come back; less than nothing where more are spent.

    By what is spent where both tell the limit: tokens that are bought give no new day.
    """
    bought = now.limit - before.limit if now.limit and before.limit else 0
    return now.left - before.left - bought


def book(account: Account, tokens: int, heard: Heard | None, today: date) -> None:
    """Put what was spent, and what was heard since, on the account's books; saves nothing."""
    known = _known(account)
    if _begins_anew(account, known, heard, today):
        account.tokens_day, account.tokens_used, account.tokens_left = today, 0, None
        known = None
    account.tokens_used += tokens
    if heard is not None:
        account.tokens_limit = heard.limit or account.tokens_limit
        account.tokens_left = least(known, heard).left


def _known(account: Account) -> Heard | None:
    left = account.tokens_left
    return None if left is None else Heard(account.tokens_limit, left)


def _begins_anew(account: Account, known: Heard | None, heard: Heard | None, today: date) -> bool:
    """Whether Pipedrive's day is over: what we have used of it has come back.

    Half of that is enough, for others spend as well. A few tokens that come back are an answer
    that is late, of this process or of another one; taken for a day, they cost us no more than
    twice their number.
    """
    if not is_of(account, today):
        return True
    if known is None or heard is None:
        return False
    back = _back(known, heard)
    return back > 0 and 2 * back >= account.tokens_used


def is_of(account: Account, today: date) -> bool:
    """Whether the account's books are still those of Pipedrive's present day.

    Nobody says when its day begins. Where its headers tell what is left, books that were begun
    yesterday hold until the headers show more; else they are over at midnight UTC.
    """
    if account.tokens_day is None or account.tokens_left is None:
        return account.tokens_day == today
    return today - account.tokens_day < timedelta(days=2)
