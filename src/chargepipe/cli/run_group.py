"""Runs: the history of a connection, one run, and the answers to what it asks."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.follow import end, explain_state, see_through
from chargepipe.cli.groups import ShowByDefault
from chargepipe.cli.output import one_object, say, table, when
from chargepipe.cli.setup import setup
from chargepipe.cli.summary import BUCKETS, summarize, words_of
from chargepipe.cli.sync import Json, Name, Yes

if TYPE_CHECKING:
    from chargepipe.store.models import Run

Number = Annotated[int, typer.Argument(help="Number of the run.", metavar="ID")]
app = typer.Typer(
    name="run",
    cls=ShowByDefault,
    help="One run: run ID shows it; approve, cancel, pause, resume.",
    no_args_is_help=True,
)


def runs(
    name: Name,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 20,
) -> None:
    """List the runs of a connection, newest first."""
    setup()
    from chargepipe.actions import runs

    rows = [_row(run) for run in runs.history(name)[:limit]]
    if rows:
        table(("run", "kind", "state", "started", "s", *BUCKETS, "deals", "tokens"), rows)
        going = runs.history(name).filter(state="running").first()
        if going is not None:
            explain_state(going)
    else:
        say(f"No runs yet. Begin with: chargepipe validate {name}")


def _row(run: "Run") -> tuple[object, ...]:
    from chargepipe.actions import runs

    counts = runs.summary(run)
    kind = f"{run.kind} {run.of}".strip()
    words, deals = words_of(run), counts["objects"]["deal"]
    numbers = [_number(counts[bucket], words.get(bucket, "")) for bucket in BUCKETS]
    past = run.pk, kind, run.state, when(run.started_at), counts["seconds"]
    return *past, *numbers, deals["created"] + deals["updated"], run.tokens


def _number(number: int, words: str) -> str:
    return f"{number} {words}".strip() if number else "0"


@app.command()
def show(
    number: Number,
    everything: Annotated[bool, typer.Option("--all", help="Print every change.")] = False,
    json: Json = False,
) -> None:
    """Show a run (the word "show" may be left out)."""
    setup()
    from chargepipe.actions import runs
    from chargepipe.cli.changes import show_changes

    run = runs.get(number)
    counts = runs.summary(run)
    if json:
        one_object(counts)
        return
    summarize(run, counts)
    explain_state(run)
    show_changes(
        runs.shown(run),
        run.connection,
        everything=everything,
        more=f"chargepipe run {number} --all",
    )


@app.command()
def approve(number: Number, yes: Yes = False, json: Json = False) -> None:
    """Say yes to a run that waits, and see it through."""
    setup()
    from chargepipe.actions import runs

    end(see_through(runs.approve(number), yes=yes), json=json)


@app.command()
def resume(number: Number, yes: Yes = False, json: Json = False) -> None:
    """Let a paused run go on now, and see it through."""
    setup()
    from chargepipe.actions import runs

    end(see_through(runs.resume(number), yes=yes), json=json)


@app.command()
def cancel(number: Number) -> None:
    """End a run at its next safe place; what it has written stays."""
    setup()
    from chargepipe.actions import runs

    _stopped(runs.cancel(number))


@app.command()
def pause(number: Number) -> None:
    """Hold a run at its next safe place until it is resumed."""
    setup()
    from chargepipe.actions import runs

    _stopped(runs.pause(number))


def _stopped(run: "Run") -> None:
    """Wait until the run has heard it: the next safe place may be a page of writes away."""
    run = see_through(run, yes=False)
    say(f"Run {run.pk} is {run.state}. {run.message}".rstrip())
