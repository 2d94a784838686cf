"""The ledger: what each run has asked of both services, and Pipedrive's daily tokens."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from django.db.models import F

from chargepipe.domain.settings import Settings
from chargepipe.http import Call
from chargepipe.store.models import Account, Run

DEFAULT_DAILY_TOKENS = 30_000


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
        self._limit: int | None = None
        self._left: int | None = None

    def __call__(self, call: Call) -> None:
        """Take note of one call; this is what the clients report to."""
        if call.service == "Chargebee":
            self._open.chargebee += 1
            return
        self._open.pipedrive += 1
        self._open.tokens += call.cost
        if call.token_limit is not None:
            self._limit = call.token_limit
        if call.token_remaining is not None:
            self._left = call.token_remaining

    def save(self, run_id: int, account_id: int, today: date) -> Counters:
        """Add what is open to the run and the account; call `saved` once that is committed."""
        seen = Counters(self._open.chargebee, self._open.pipedrive, self._open.tokens)
        if seen == Counters():
            return seen
        Run.objects.filter(pk=run_id).update(
            requests_chargebee=F("requests_chargebee") + seen.chargebee,
            requests_pipedrive=F("requests_pipedrive") + seen.pipedrive,
            tokens=F("tokens") + seen.tokens,
        )
        account = Account.objects.filter(pk=account_id)
        account.exclude(tokens_day=today).update(tokens_day=today, tokens_used=0)
        account.update(tokens_used=F("tokens_used") + seen.tokens)
        headers = {"tokens_limit": self._limit, "tokens_left": self._left}
        account.update(
            **{k: v for k, v in headers.items() if v is not None} or {"tokens_day": today}
        )
        return seen

    def saved(self, seen: Counters) -> None:
        """Forget what a commit has made lasting."""
        self._open.chargebee -= seen.chargebee
        self._open.pipedrive -= seen.pipedrive
        self._open.tokens -= seen.tokens


def daily_tokens(account: Account, settings: Settings) -> int:
    """The day's tokens: as entered, else as the headers say, else 30,000 (setting 14)."""
    if settings.daily_tokens != "auto":
        return settings.daily_tokens
    return account.tokens_limit or DEFAULT_DAILY_TOKENS


def allowance(account: Account, settings: Settings, today: date) -> int:
    """How many tokens runs may still spend today (setting 14).

    The day's tokens are as entered, else as the headers say, else 30,000; of them
    `budget_share` is ours. Never more than what the headers say is left.
    """
    used = account.tokens_used if account.tokens_day == today else 0
    ours = int(daily_tokens(account, settings) * settings.budget_share) - used
    if account.tokens_left is None or account.tokens_day != today:
        return max(0, ours)
    return max(0, min(ours, account.tokens_left))


def next_day(now: datetime) -> datetime:
    """When the budget should be full again: midnight UTC and five minutes (an assumption)."""
    tomorrow = (now + timedelta(days=1)).date()
    return datetime.combine(tomorrow, clock_time(0, 5), UTC)
