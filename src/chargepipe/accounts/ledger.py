"""The ledger: what each run has asked of both services, and Pipedrive's daily tokens."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from django.db import transaction
from django.db.models import F

from chargepipe.accounts.day import Heard, book, is_of, least
from chargepipe.domain.settings import Settings
from chargepipe.http import Call
from chargepipe.store.models import Account, Run

DEFAULT_DAILY_TOKENS = 30_000
_TOKEN_COLUMNS = ("tokens_day", "tokens_used", "tokens_limit", "tokens_left", "burst")


@dataclass(slots=True)
class Counters:
    """Requests and tokens since the last save."""

    chargebee: int = 0
    pipedrive: int = 0
    tokens: int = 0


class Ledger:
    """Counts calls in memory and writes them along with the run's commits.

    A call that happened just before a crash may be missing from the books; the headers of
    the next answer put the day's tokens right again.
    """

    def __init__(self) -> None:
        self._open = Counters()
        self._heard: Heard | None = None
        self.burst: int | None = None
        """Calls in 2 seconds, as the last answer of Pipedrive's said; None: not said."""

    def __call__(self, call: Call) -> None:
        """Take note of one call; this is what the clients report to."""
        if call.service == "Chargebee":
            self._open.chargebee += 1
            return
        self._open.pipedrive += 1
        self._open.tokens += call.cost
        if call.token_remaining is not None:
            self._heard = least(self._heard, Heard(call.token_limit, call.token_remaining))
        self.burst = call.burst_limit or self.burst

    def save(self, run_id: int, account_id: int, today: date) -> Counters:
        """Add what is open to the run and the account; call `saved` once that is committed.

        Other processes book on the same account: its row is locked meanwhile.
        """
        seen = Counters(self._open.chargebee, self._open.pipedrive, self._open.tokens)
        if seen == Counters():
            return seen
        with transaction.atomic(savepoint=False):
            Run.objects.filter(pk=run_id).update(
                requests_chargebee=F("requests_chargebee") + seen.chargebee,
                requests_pipedrive=F("requests_pipedrive") + seen.pipedrive,
                tokens=F("tokens") + seen.tokens,
            )
            account = Account.objects.select_for_update().get(pk=account_id)
            book(account, seen.tokens, self._heard, today)
            account.burst = self.burst or account.burst
            account.save(update_fields=_TOKEN_COLUMNS)
        return seen

    def saved(self, seen: Counters) -> None:
        """Forget what a commit has made lasting."""
        self._open.chargebee -= seen.chargebee
        self._open.pipedrive -= seen.pipedrive
        self._open.tokens -= seen.tokens
        self._heard = None  # the next answers are compared with the books, which others write too


def daily_tokens(account: Account, settings: Settings) -> int:
    """The day's tokens: as the headers say, else as entered, else 30,000 (setting 14)."""
    entered = None if settings.daily_tokens == "auto" else settings.daily_tokens
    return account.tokens_limit or entered or DEFAULT_DAILY_TOKENS


def share_of_day(account: Account, settings: Settings) -> int:
    """The tokens of a whole day that runs may spend (setting 14)."""
    return int(daily_tokens(account, settings) * settings.budget_share)


def allowance(account: Account, settings: Settings, today: date) -> int:
    """How many tokens runs may still spend today (setting 14).

    Of the day's tokens `budget_share` is ours. Never more than what the headers say is left.
    """
    current = is_of(account, today)
    used = account.tokens_used if current else 0
    ours = share_of_day(account, settings) - used
    if account.tokens_left is None or not current:
        return max(0, ours)
    return max(0, min(ours, account.tokens_left))


def goes_on_at(account: Account, now: datetime) -> datetime:
    """When a run whose budget has ended looks again whether there are tokens.

    Five minutes after midnight UTC, when the day is assumed to begin anew; from then on once an
    hour, until the headers show tokens again: Pipedrive's midnight may be another one.
    """
    if account.tokens_day == now.date() and account.tokens_used:
        tomorrow = (now + timedelta(days=1)).date()
        return datetime.combine(tomorrow, clock_time(0, 5), UTC)
    return now + timedelta(hours=1)
