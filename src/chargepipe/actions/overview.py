"""Overview: the state of a connection in one sentence, and what a person wants to see next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from chargepipe.accounts.ledger import allowance, daily_tokens, is_of
from chargepipe.actions.connections import stored_file
from chargepipe.actions.glance import SYNCS, Tone, state
from chargepipe.domain.settings import ConnectionFile
from chargepipe.store.models import Account, Connection, Link, Run

LAST_RUNS = 24
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Pipedrive's API tokens of the day (setting 14)."""

    used: int
    ours: int
    """The share of the day's tokens that runs may use."""
    left: int
    forecast: int
    """What will have been used by the end of the day if the scheduled runs go on as the last."""


@dataclass(frozen=True, slots=True)
class Overview:
    """One connection at a glance."""

    connection: Connection
    tone: Tone
    sentence: str
    more: str
    """What follows from it for the person; may be empty."""
    run: Run | None
    """The unfinished run, if there is one."""
    last_runs: tuple[Run, ...]
    """The newest first."""
    errors: tuple[tuple[str, int], ...]
    """Codes of open errors and how many, most first."""
    customers: int
    people: int
    automatic: bool
    tokens: Tokens | None

    @property
    def errors_open(self) -> int:
        """Open errors in all."""
        return sum(number for _, number in self.errors)


def overview(connection: Connection, now: datetime | None = None) -> Overview:
    """Look at a connection; asks no service."""
    now, file = now or timezone.now(), stored_file(connection)
    runs = list(connection.runs.select_related("about").order_by("-pk")[:LAST_RUNS])
    run = next((each for each in runs if each.state in Run.UNFINISHED), None)
    errors = _errors(connection)
    customers = connection.records.filter(kind="customer").count()
    last = next((each for each in runs if each.kind in SYNCS), None)
    seen = state(connection, run, last, sum(n for _, n in errors), customers)
    return Overview(
        connection=connection,
        tone=seen.tone,
        sentence=seen.sentence,
        more=seen.more,
        run=run,
        last_runs=tuple(runs),
        errors=errors,
        customers=customers,
        people=Link.objects.filter(connection=connection, kind="person").count(),
        automatic=file.schedule.automatic,
        tokens=_tokens(connection.account, file, runs, now),
    )


def _errors(connection: Connection) -> tuple[tuple[str, int], ...]:
    rows = connection.errors.filter(state="open").values_list("code").annotate(n=Count("pk"))
    return tuple(rows.order_by("-n", "code"))


def _tokens(
    account: Account | None, file: ConnectionFile, runs: list[Run], now: datetime
) -> Tokens | None:
    if account is None:
        return None
    used = account.tokens_used if is_of(account, now.date()) else 0
    ours = int(daily_tokens(account, file.settings) * file.settings.budget_share)
    left = allowance(account, file.settings, now.date())
    costs = [run.tokens for run in runs if run.automatic and run.state == "done"][:10]
    to_come = 0
    if costs and file.schedule.automatic:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        to_come = int((midnight - now) / file.schedule.every * sum(costs) / len(costs))
    return Tokens(used, ours, left, used + to_come)
