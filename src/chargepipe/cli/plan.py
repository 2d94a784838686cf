"""Plan: write just what a preview showed."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.follow import end, see_through
from chargepipe.cli.output import plain, say
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json, Yes

if TYPE_CHECKING:
    from chargepipe.store.models import Run

app = typer.Typer(
    name="plan", help="The plan of a preview: apply it as it was shown.", no_args_is_help=True
)


@app.callback()
def plan() -> None:
    """The plan of a preview: apply it as it was shown."""


@app.command()
def apply(
    number: Annotated[int, typer.Argument(help="Number of the preview.", metavar="ID")],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Write exactly the changes that a preview showed, and say which have moved since."""
    setup()
    from chargepipe.actions import plans

    run = see_through(plans.apply(number, confirmed=yes), yes=yes)
    if run.state == "done" and not json:
        _show_moved(run)
    end(run, json=json)


def _show_moved(run: "Run") -> None:
    from chargepipe.actions import plans
    from chargepipe.cli.changes import FEW, lines

    moved = plans.moved(run)
    for line in lines(moved[:FEW], run.connection):
        say(plain(line))
    if (rest := moved.count() - FEW) > 0:
        say(f"... and {rest} more: chargepipe run {run.pk} --all")
