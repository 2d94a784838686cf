"""Reconcile: repair links, show the drift, repair it by wish (rule 15)."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import end, exit_status, explain_state, see_through
from chargepipe.cli.output import clip, say, table
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json, Name, Yes

if TYPE_CHECKING:
    from chargepipe.actions.drift import Row

FEW = 50


def reconcile(
    name: Name,
    repair: Annotated[
        bool, typer.Option("--repair", help="Write what billing says; asks where it is much.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the drift as CSV.")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Compare every linked record with billing; people that are gone are made again."""
    if csv and json:
        stop("Choose one of --csv and --json.", WRONG_USE)
    setup()
    from chargepipe.actions import drift, runs

    run = see_through(runs.start(name, "reconcile", repair=repair, confirmed=yes), yes=yes)
    if csv:
        for line in drift.csv(run):
            typer.echo(line, nl=False)
        explain_state(run)
        raise typer.Exit(exit_status(runs.summary(run)))
    rows = drift.rows(run)
    if json:
        end(run, json=True, more={"drift": [drift.as_json(row) for row in rows]})
    if run.state == "done":
        _show(name, rows, repaired=repair)
    end(run, json=False)


def _show(name: str, rows: "list[Row]", *, repaired: bool) -> None:
    if not rows:
        say("Every linked record holds what billing says.")
        return
    cells = ([clip(str(cell), 40) for cell in row.cells] for row in rows[:FEW])
    from chargepipe.actions.drift import COLUMNS

    table(COLUMNS, cells)
    if len(rows) > FEW:
        say(f"... and {len(rows) - FEW} more: chargepipe reconcile {name} --csv")
    number = "1 field" if len(rows) == 1 else f"{len(rows)} fields"
    if repaired:
        say(f"{number} repaired.")
    else:
        say(f"{number} not as in billing. To write them: chargepipe reconcile {name} --repair")
