"""Tokens: what the day has cost so far of Pipedrive's, and what it will."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepipe.accounts.day import is_of
from chargepipe.accounts.ledger import allowance, share_of_day
from chargepipe.domain.settings import ConnectionFile
from chargepipe.store.models import Account, Run

DAY = timedelta(days=1)
LAST = 10
"""So many of the newest scheduled runs tell what the next ones will cost."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Pipedrive's API tokens of the day (setting 14)."""

    used: int
    ours: int
    """The share of the day's tokens that runs may use."""
    left: int
    forecast: int
    """What will have been used by the end of the day if the scheduled runs go on as the last."""


def tokens(
    account: Account | None, file: ConnectionFile, runs: Iterable[Run], now: datetime
) -> Tokens | None:
    """The day's tokens of an account, with the newest runs of the connection, the newest first.

    None for an unlinked connection.
    """
    if account is None:
        return None
    used = account.tokens_used if is_of(account, now.date()) else 0
    left = allowance(account, file.settings, now.date())
    costs = [run.tokens for run in runs if run.automatic and run.state == "done"][:LAST]
    to_come = 0
    if costs and file.schedule.automatic:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        to_come = int((midnight - now) / file.schedule.every * sum(costs) / len(costs))
    return Tokens(used, share_of_day(account, file.settings), left, used + to_come)
