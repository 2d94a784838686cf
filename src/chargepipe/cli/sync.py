"""Runs: validate, trial, full, sync. Each queues its run and sees it through."""

from typing import Annotated

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import end, exit_status, explain_state, see_through
from chargepipe.cli.output import csv_lines, say, table
from chargepipe.cli.setup import setup

Name = Annotated[str, typer.Argument(help="Name of the connection.")]
Yes = Annotated[bool, typer.Option("--yes", help="Answer what the run would ask with yes.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Customers = Annotated[
    list[str] | None, typer.Option("--customer", help="Only this Chargebee id; repeat for more.")
]
FOUND = ("open", "warning")


def validate(
    name: Name,
    csv: Annotated[bool, typer.Option("--csv", help="Print the findings as CSV.")] = False,
    json: Json = False,
) -> None:
    """Check every customer; nothing is written to Pipedrive."""
    if csv and json:
        stop("Choose one of --csv and --json.", WRONG_USE)
    setup()
    from chargepipe.actions import error_csv, runs

    run = see_through(runs.start(name, "validate"), yes=False)
    if csv and run.state == "done":
        csv_lines(error_csv.csv(name, FOUND))
        explain_state(run)
        raise typer.Exit(exit_status(runs.summary(run)))
    if run.state == "done" and not json:
        _findings(name)
    end(run, json=json)


def _findings(name: str) -> None:
    from chargepipe.actions import errors

    totals = errors.totals(name, FOUND)
    rows = [
        (total.number, "blocking" if total.state == "open" else "warning", total.words, total.todo)
        for total in totals
    ]
    if rows:
        table(("customers", "", "what", "what to do"), rows)
    else:
        say("Nothing stands in the way.")


def trial(name: Name, customer: Customers = None, yes: Yes = False, json: Json = False) -> None:
    """Sync the ten oldest customers, or those named, for real."""
    _launch(name, "trial", customer, yes=yes, json=json, show=True)


def full(name: Name, yes: Yes = False, json: Json = False) -> None:
    """Sync all customers; afterwards the automatic sync is on."""
    _launch(name, "full", None, yes=yes, json=json)


def sync(name: Name, customer: Customers = None, yes: Yes = False, json: Json = False) -> None:
    """Sync what has changed, or the customers that are named."""
    _launch(name, "sync", customer, yes=yes, json=json)


def _launch(
    name: str, kind: str, customers: list[str] | None, *, yes: bool, json: bool, show: bool = False
) -> None:
    setup()
    from chargepipe.actions import runs

    run = runs.start(name, kind, only=customers or (), confirmed=yes)
    run = see_through(run, yes=yes)
    if show and not json:
        from chargepipe.cli.changes import show_changes

        written = run.changes.filter(state="written").order_by("pk")
        show_changes(
            written, run.connection, everything=False, more=f"chargepipe run {run.pk} --all"
        )
    end(run, json=json)
