"""Preview: the plan of a run, nothing written."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chargepipe.cli.backfill import From, Most, Plan, Status, To, window_of
from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import end as end_run
from chargepipe.cli.follow import see_through
from chargepipe.cli.output import say
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Customers, Json, Name

if TYPE_CHECKING:
    from chargepipe.actions.plans import PlanTotals
    from chargepipe.store.models import Run


def preview(
    name: Name,
    kind: Annotated[
        Literal["full", "sync", "trial", "backfill"] | None,
        typer.Argument(help="What to preview; sync once a full sync was done, before that full."),
    ] = None,
    customer: Customers = None,
    status: Status = None,
    start: From = None,
    end: To = None,
    plan: Plan = None,
    most: Most = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every change, not only twenty.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what a full sync, a sync, a trial or a backfill of deals would write."""
    if kind in ("full", "backfill") and customer:
        stop(f"A {kind} is not of single customers: use sync or trial with --customer.", WRONG_USE)
    if kind != "backfill" and any((status, start, end, plan, most)):
        stop("--status, --from, --to, --plan and --most narrow a backfill alone.", WRONG_USE)
    setup()
    from chargepipe.actions import connections, plans, runs

    first = "trial" if customer else "full"
    of = kind or ("sync" if connections.find(name).full_done_at else first)
    window = window_of(status, start, end, plan, most) if of == "backfill" else None
    run = runs.start(name, "preview", of=of, only=customer or (), window=window)
    see_through(run, yes=False)
    totals = plans.totals(run)
    if run.state == "done" and not json:
        _show(run, totals, everything)
    planned = {"changes": totals.changes, "tokens_planned": totals.tokens_in_all}
    ends = totals.cost.ends
    more = {**planned, "days": totals.cost.days, "ends": ends.isoformat() if ends else None}
    end_run(run, json=json, more=more)


def _show(run: "Run", totals: "PlanTotals", everything: bool) -> None:
    from chargepipe.cli.changes import show_changes

    planned = run.changes.filter(state="planned").order_by("pk")
    show_changes(
        planned, run.connection, everything=everything, more=f"chargepipe run {run.pk} --all"
    )
    for part in totals.parts:
        say(f"{part.action} {part.kind.replace('_', ' ')}: {part.number}")
    say(
        f"{totals.changes} changes, {totals.tokens} tokens and about {totals.reading} to read "
        f"({totals.tokens_left} left for runs today), about {totals.cost.time}"
        if totals.changes
        else "Nothing to write."
    )
    if totals.changes:
        say(f"Write exactly this, within a day: chargepipe plan apply {run.pk}")
