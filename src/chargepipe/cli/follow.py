"""See a run through: progress, questions, its end and the exit status."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from chargepipe.cli.output import note, one_object
from chargepipe.cli.progress import progress
from chargepipe.cli.summary import point_to, summarize

if TYPE_CHECKING:
    from chargepipe.store.models import Run

DONE, FAILED, OPEN_ERRORS, WAITING, PAUSED, INTERRUPTED = 0, 1, 3, 4, 5, 130


def see_through(
    run: "Run", *, yes: bool, before_asking: "Callable[[Run], None] | None" = None
) -> "Run":
    """Follow a run until it ends, pauses, or waits for a yes that nobody here gives.

    `before_asking` shows what the question is about. Ctrl-C leaves the run to itself and ends the
    command.
    """
    from chargepipe.actions import runs

    while True:
        _follow(run)
        if run.state != "waiting":
            return run
        if before_asking is not None and not yes:
            before_asking(run)
        answer = True if yes else _ask(run)
        if answer is None:
            return run
        run = runs.approve(run.pk) if answer else runs.cancel(run.pk)


def _follow(run: "Run") -> None:
    from chargepipe.actions import runs

    try:
        # Closed inside `progress`, where this process is the worker: its stop may take a while.
        with _noting_the_end(run), progress() as show, closing(runs.follow(run)) as rows:
            for row in rows:
                show(row)
    except KeyboardInterrupt:
        _detach(run)


@contextmanager
def _noting_the_end(run: "Run") -> Iterator[None]:
    """Say on Ctrl-C that it was heard: the next safe place may be some seconds away."""

    def heard(number: int, frame: Any) -> None:
        note(f"Leaving run {run.pk} at the next safe place ...")
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _detach(run: "Run") -> NoReturn:
    from chargepipe.actions import runs

    if runs.carried():
        note(
            f"Run {run.pk} goes on in the worker. See: chargepipe run {run.pk}; "
            f"end it: chargepipe run cancel {run.pk}"
        )
    else:
        note(
            f"Run {run.pk} stops here and loses nothing: the same command goes on with it, and so "
            f"does chargepipe worker. End it: chargepipe run cancel {run.pk}"
        )
    raise typer.Exit(INTERRUPTED)


def _ask(run: "Run") -> bool | None:
    """A person's answer; None where there is no terminal."""
    if not sys.stdin.isatty():
        return None
    for question in run.questions:
        note(question)
    if words := cost_of(run):
        note(words)
    return typer.confirm("Go on?", err=True)


def end(run: "Run", *, json: bool, more: dict[str, Any] | None = None) -> NoReturn:
    """Print what came of a run and end the command with the run's exit status."""
    from chargepipe.actions import runs

    counts = runs.summary(run)
    if json:
        one_object({**counts, **(more or {})})
    elif run.state != "waiting":
        summarize(run, counts)
        point_to(run, counts)
    explain_state(run)
    raise typer.Exit(exit_status(counts))


def exit_status(counts: dict[str, Any]) -> int:
    """The exit status that interface.md gives a run in this state."""
    if counts["state"] == "done":
        return OPEN_ERRORS if counts["errors_open"] else DONE
    return {"waiting": WAITING, "paused": PAUSED}.get(counts["state"], FAILED)


def cost_of(run: "Run") -> str:
    """What a run that waits for a yes would write and cost, in words; "" where nobody knows."""
    from chargepipe.actions import forecast, plans

    if run.phase or run.about is not None:
        totals = plans.totals(run if run.phase else run.about or run)
        more = f": chargepipe run {run.pk}" if run.phase else ""
        return f"It would write {totals.changes:,} changes: {totals.cost}{more}"
    known = forecast.of_step(run.connection, "all")
    if known is None or known.writes is None:
        return f"What it costs is said by: chargepipe preview {run.connection.name} full"
    return f"It writes at most {known.writes:,} {' and '.join(known.kinds)}: {known.cost}"


def explain_state(run: "Run") -> None:
    """Say on stderr why a run is not done, and what to do."""
    number, why = run.pk, run.message
    if run.state == "waiting":
        for question in run.questions:
            note(question)
        if words := cost_of(run):
            note(words)
        note(
            f"Run {number} waits for a yes: chargepipe run approve {number} "
            f"(or --yes), or chargepipe run cancel {number}"
        )
    elif run.state == "paused":
        when = f"{run.due_at:%Y-%m-%d %H:%M} UTC" if run.due_at else "when it is resumed"
        note(f"Run {number} is paused: {why} It goes on {when}: chargepipe run resume {number}")
    elif run.state in ("failed", "cancelled"):
        note(
            f"Run {number} {run.state}: {why}" if run.state == "failed" else f"Run {number}: {why}"
        )
    elif run.state == "running" and not _carried():
        note(
            f"Run {number} is carried by no process: the last one is gone. Nothing is lost; the "
            "same command, or chargepipe worker, goes on with it."
        )
    elif why:
        note(f"Run {number}: {why}")


def _carried() -> bool:
    """Whether a process is alive that carries runs."""
    from chargepipe.engine.heartbeat import living

    return bool(living())
