"""At a glance: the state of a connection in one sentence, for one and for all at once."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Max, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from chargepipe.actions.connections import everyone, stored_file
from chargepipe.actions.titles import called
from chargepipe.actions.tokens import Tokens, tokens
from chargepipe.store.models import Connection, Record, Run, SyncError

LAST_RUNS = 12
"""In the small chart of each connection."""
Tone = Literal["good", "busy", "attention", "bad", "quiet"]
SYNCS = ("full", "sync", "trial")
"""Kinds of runs of which the last one says how the sync stands."""


@dataclass(frozen=True, slots=True)
class State:
    """How a connection stands."""

    tone: Tone
    sentence: str
    more: str
    """What follows from it for the person; may be empty."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One connection of many."""

    connection: Connection
    state: State
    run: Run | None
    """The unfinished run, if there is one."""
    last_runs: tuple[Run, ...]
    """The newest first."""
    errors: tuple[tuple[str, int], ...]
    """Codes of open errors and how many, most first."""
    automatic: bool
    tokens: Tokens | None
    """None while it is unlinked."""

    @property
    def errors_open(self) -> int:
        """Open errors in all."""
        return sum(number for _, number in self.errors)


def glances(now: datetime | None = None) -> list[Glance]:
    """All connections by name, in six queries however many there are; asks no service."""
    now = now or timezone.now()
    unfinished, syncs = _newest(state__in=Run.UNFINISHED), _newest(kind__in=SYNCS)
    runs, errors = _last_runs(), _errors()
    customers = _number(Record.objects.filter(kind="customer"))
    found = []
    for each in everyone():
        file, last = stored_file(each), runs[each.pk]
        run, kinds = unfinished.get(each.pk), errors[each.pk]
        number, known = sum(n for _, n in kinds), customers.get(each.pk, 0)
        seen = state(each, run, syncs.get(each.pk), number, known)
        day = tokens(each.account, file, last, now)
        found.append(
            Glance(each, seen, run, tuple(last), tuple(kinds), file.schedule.automatic, day)
        )
    return found


def _newest(**which: object) -> dict[int, Run]:
    """The newest of these runs of each connection."""
    newest = (
        Run.objects.filter(**which).values("connection").annotate(newest=Max("id")).values("newest")
    )
    return {run.connection_id: run for run in Run.objects.filter(pk__in=newest)}


def _last_runs() -> defaultdict[int, list[Run]]:
    """The last runs of each connection, the newest first."""
    place = Window(RowNumber(), partition_by="connection", order_by="-pk")
    newest = Run.objects.annotate(place=place).filter(place__lte=LAST_RUNS).values("pk")
    found = defaultdict[int, list[Run]](list)
    for run in Run.objects.filter(pk__in=newest).order_by("-pk"):
        found[run.connection_id].append(run)
    return found


def _errors() -> defaultdict[int, list[tuple[str, int]]]:
    """Open errors of each connection by their code, most first."""
    rows = SyncError.objects.filter(state="open").order_by().values_list("connection", "code")
    found = defaultdict[int, list[tuple[str, int]]](list)
    for connection, code, number in rows.annotate(n=Count("pk")).order_by("-n", "code"):
        found[connection].append((code, number))
    return found


def _number(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("connection").annotate(n=Count("pk")))


def state(
    connection: Connection, run: Run | None, last: Run | None, errors: int, customers: int
) -> State:
    """The state of a connection with this unfinished run and this last sync; either may be None."""
    if connection.account_id is None:
        return State(
            "attention", "Unlinked", "Connect both accounts again to go on; links are kept."
        )
    if connection.disconnected:
        return State("bad", "Pipedrive has to be connected again", connection.disconnected)
    if connection.barred and (run is None or run.state == "paused"):
        return State("bad", "A service lets nothing through", connection.barred)
    if run is not None:
        return _unfinished(run)
    if last is not None and last.state == "failed":
        return State("bad", f"The last {called(last)} failed", last.message)
    if connection.full_done_at is None:
        return State("quiet", "Not synced yet", "The set-up goes on where you left it.")
    if errors:
        noun = "customer needs" if errors == 1 else "customers need"
        return State("attention", f"In sync, but {errors} {noun} a look", "")
    looked_after = "1 customer is" if customers == 1 else f"{customers:,} customers are"
    return State("good", "Everything is in sync", f"{looked_after} looked after.")


def _unfinished(run: Run) -> State:
    if run.state == "waiting":
        return State("attention", f"The {called(run)} waits for your yes", "; ".join(run.questions))
    if run.state == "paused":
        return State("attention", f"The {called(run)} is paused", run.message)
    if run.state == "queued":
        return State("busy", f"The {called(run)} starts soon", "")
    if run.total:
        return State(
            "busy",
            f"The {called(run)} is writing",
            f"Changes done: {run.done:,} of {run.total:,}.",
        )
    return State("busy", f"The {called(run)} is reading and planning", "")
