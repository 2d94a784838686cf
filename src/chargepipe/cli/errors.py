"""How a command ends when it cannot do what it should: one line on stderr, an exit status."""

import sys
import traceback
from typing import NoReturn

import typer

FAILED, WRONG_USE = 1, 2


def stop(words: str, status: int = FAILED) -> NoReturn:
    """Say why on stderr and end the command."""
    typer.echo(words, err=True)
    raise typer.Exit(status)


def report(error: Exception, *, debug: bool) -> int:
    """Say on stderr what happened; the exit status. A traceback only with --debug."""
    from chargepipe.actions.explain import explain

    if debug:
        traceback.print_exception(error, file=sys.stderr)
    explained = explain(error)
    if explained is None:
        typer.echo(f"Internal error ({type(error).__name__}). {_HINT}", err=True)
        return FAILED
    for line in explained.lines:
        typer.echo(line, err=True)
    return WRONG_USE if explained.wrong_use else FAILED


_HINT = "Try again with chargepipe --debug in front of the command to see where it came from."
