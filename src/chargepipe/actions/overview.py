"""Overview: the state of a connection in one sentence, and what a person wants to see next."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from chargepipe.actions.connections import stored_file
from chargepipe.actions.glance import SYNCS, Tone, state
from chargepipe.actions.tokens import Tokens, tokens
from chargepipe.store.models import Change, Connection, Link, Run

LAST_RUNS = 24
NEWEST_CHANGES = 5


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
    newest: tuple[Change, ...]
    """What the newest run that wrote has written last, the newest first; at most five."""

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
        tokens=tokens(connection.account, file, runs, now),
        newest=tuple(_newest(runs)),
    )


def _newest(runs: list[Run]) -> list[Change]:
    run = next((each for each in runs if each.done), None)
    written = run.changes.filter(state="written").exclude(kind__endswith="_field") if run else None
    return list(written.order_by("-pk")[:NEWEST_CHANGES]) if written is not None else []


def _errors(connection: Connection) -> tuple[tuple[str, int], ...]:
    rows = connection.errors.filter(state="open").values_list("code").annotate(n=Count("pk"))
    return tuple(rows.order_by("-n", "code"))
