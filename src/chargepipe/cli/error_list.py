"""The error list of a connection: see, ignore, un-ignore, retry."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.follow import end, see_through
from chargepipe.cli.groups import ShowByDefault
from chargepipe.cli.output import say, table, when
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json, Name, Yes

if TYPE_CHECKING:
    from chargepipe.store.models import SyncError

EVERYTHING = ("open", "ignored", "warning")
Ids = Annotated[list[int] | None, typer.Argument(help="Numbers of errors.", metavar="ID...")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
app = typer.Typer(
    name="errors",
    cls=ShowByDefault,
    help="Records that did not sync: errors NAME lists them.",
    epilog='A connection that is named like a command: chargepipe errors show "NAME".',
    no_args_is_help=True,
)


@app.command()
def show(
    name: Name,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Ignored ones and warnings of validation too.")
    ] = False,
) -> None:
    """List the open errors (the word "show" may be left out)."""
    setup()
    from chargepipe.actions import errors

    states = EVERYTHING if everything else ("open",)
    if csv:
        for line in errors.csv(name, states):
            typer.echo(line, nl=False)
        return
    rows = [_row(error) for error in errors.listing(name, states)]
    if rows:
        table(("id", "state", "record", "what", "what to do", "candidates", "since"), rows)
    else:
        say(f"{name} has no open errors.")


def _row(error: "SyncError") -> tuple[object, ...]:
    from chargepipe.actions import errors

    candidates = ", ".join(f"{one['id']} {one['name']}" for one in error.candidates)
    record = f"{error.kind} {error.source_key}"
    todo = errors.what_to_do(error)
    return error.pk, error.state, record, error.words, todo, candidates, when(error.opened_at)


@app.command()
def ignore(
    name: Name,
    ids: Ids = None,
    everything: All = False,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the others.")] = "",
) -> None:
    """Take errors off the list until their record is modified in Chargebee."""
    chosen = _chosen(ids, everything)
    setup()
    from chargepipe.actions import errors

    say(f"{errors.ignore(name, chosen, reason)} ignored.")


@app.command()
def unignore(name: Name, ids: Ids = None, everything: All = False) -> None:
    """Put ignored errors back on the list; the next sync tries their records again."""
    chosen = _chosen(ids, everything)
    setup()
    from chargepipe.actions import errors

    say(f"{errors.unignore(name, chosen)} back on the list.")


@app.command()
def retry(
    name: Name, ids: Ids = None, everything: All = False, yes: Yes = False, json: Json = False
) -> None:
    """Sync the customers of these errors again, now."""
    chosen = _chosen(ids, everything)
    setup()
    from chargepipe.actions import errors, runs

    customers = errors.to_retry(name, chosen)
    if not customers:
        stop(f"{name} has no open error of a customer to try again.", WRONG_USE)
    run = runs.start(name, "sync", only=customers, confirmed=yes)
    end(see_through(run, yes=yes), json=json)


def _chosen(ids: list[int] | None, everything: bool) -> list[int] | None:
    """The numbers, or None for all."""
    if bool(ids) == everything:
        stop("Name the numbers of errors, or --all.", WRONG_USE)
    return None if everything else ids
