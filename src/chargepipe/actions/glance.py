"""At a glance: the state of a connection in one sentence, for one and for all at once."""

from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, Max, QuerySet

from chargepipe.actions.connections import everyone, stored_file
from chargepipe.store.models import Connection, Record, Run, SyncError

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
    errors_open: int
    automatic: bool


def glances() -> list[Glance]:
    """All connections by name, in five queries however many there are."""
    runs, lasts = _newest(state__in=Run.UNFINISHED), _newest(kind__in=SYNCS)
    errors = _number(SyncError.objects.filter(state="open"))
    customers = _number(Record.objects.filter(kind="customer"))
    return [
        Glance(
            each,
            state(
                each,
                runs.get(each.pk),
                lasts.get(each.pk),
                errors.get(each.pk, 0),
                customers.get(each.pk, 0),
            ),
            runs.get(each.pk),
            errors.get(each.pk, 0),
            stored_file(each).schedule.automatic,
        )
        for each in everyone()
    ]


def _newest(**which: object) -> dict[int, Run]:
    """The newest of these runs of each connection."""
    newest = (
        Run.objects.filter(**which).values("connection").annotate(newest=Max("id")).values("newest")
    )
    return {run.connection_id: run for run in Run.objects.filter(pk__in=newest)}


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
        return State("bad", f"The last {last.kind} sync failed", last.message)
    if connection.full_done_at is None:
        return State("quiet", "Not synced yet", "The set-up goes on where you left it.")
    if errors:
        noun = "customer needs" if errors == 1 else "customers need"
        return State("attention", f"In sync, but {errors} {noun} a look", "")
    return State("good", "Everything is in sync", f"{customers} customers are looked after.")


def _unfinished(run: Run) -> State:
    if run.state == "waiting":
        return State(
            "attention", f"The {run.kind} run waits for your yes", "; ".join(run.questions)
        )
    if run.state == "paused":
        return State("attention", f"The {run.kind} run is paused", run.message)
    if run.state == "queued":
        return State("busy", f"The {run.kind} run starts soon", "")
    if run.total:
        return State(
            "busy", f"The {run.kind} run is writing", f"{run.done} of {run.total} changes done."
        )
    return State("busy", f"The {run.kind} run is reading and planning", "")
