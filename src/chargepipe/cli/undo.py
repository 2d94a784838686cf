"""Undo: take back a run, what it did to a customer, or one change."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import end, see_through
from chargepipe.cli.output import say
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json, Yes

if TYPE_CHECKING:
    from chargepipe.store.models import Run


def undo(
    number: Annotated[int | None, typer.Argument(help="Number of the run.", metavar="RUN")] = None,
    customer: Annotated[
        list[str] | None,
        typer.Option("--customer", help="Only what it did to this customer; repeat for more."),
    ] = None,
    change: Annotated[
        int | None, typer.Option("--change", help="Only this change, by its number.", metavar="ID")
    ] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take back what a run wrote. Shows first what it would do, and asks.

    Only fields that still hold what was written are taken back; what a person changed since stays.
    """
    if (number is None) == (change is None) or (change is not None and customer):
        stop("Name a run, with --customer for some of it; or one --change.", WRONG_USE)
    setup()
    from chargepipe.actions import undo as action

    if change is not None:
        run = action.start_change(change, confirmed=yes)
    else:
        assert number is not None
        run = action.start(number, customers=customer or (), confirmed=yes)
    run = see_through(run, yes=yes, before_asking=None if json else _show)
    if not json and run.state == "done":
        _show(run)
    end(run, json=json)


def _show(run: "Run") -> None:
    """The plan, or what became of it; what stays is among it."""
    from chargepipe.actions import plans
    from chargepipe.cli.changes import show_changes

    changes = run.changes.exclude(action="update", after={}, kept=[]).order_by("pk")
    show_changes(changes, run.connection, everything=False, more=f"chargepipe run {run.pk} --all")
    totals = plans.totals(run)
    if totals.changes:
        say(f"{totals.changes} changes, {totals.tokens} tokens")
