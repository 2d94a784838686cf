"""Preview: the plan of a run, nothing written."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import end, see_through
from chargepipe.cli.output import say
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Customers, Json, Name

if TYPE_CHECKING:
    from chargepipe.actions.plans import PlanTotals
    from chargepipe.store.models import Run


def preview(
    name: Name,
    kind: Annotated[
        Literal["full", "sync", "trial"] | None,
        typer.Argument(help="What to preview; sync once a full sync was done, before that full."),
    ] = None,
    customer: Customers = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every change, not only twenty.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what a full sync, a sync or a trial would write."""
    if kind == "full" and customer:
        stop("A full sync is of all customers: use sync or trial with --customer.", WRONG_USE)
    setup()
    from chargepipe.actions import connections, plans, runs

    first = "trial" if customer else "full"
    of = kind or ("sync" if connections.find(name).full_done_at else first)
    run = see_through(runs.start(name, "preview", of=of, only=customer or ()), yes=False)
    totals = plans.totals(run)
    if run.state == "done" and not json:
        _show(run, totals, everything)
    end(run, json=json, more={"changes": totals.changes, "tokens_planned": totals.tokens_in_all})


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
