"""user: who may sign in to the console."""

from typing import Annotated, Literal

import typer

from chargepipe.cli.output import note, say
from chargepipe.cli.setup import setup

app = typer.Typer(name="user", help="People who sign in to the console.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `add` a command of its own."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="Their email address.")],
    role: Annotated[
        Literal["viewer", "operator", "admin"], typer.Option("--role", help="What they may do.")
    ] = "viewer",
) -> None:
    """Print a link by which a person comes in, or sets a new password. It works once.

    For somebody who is known already it changes the role too, and ends all sessions.
    """
    setup()
    from django.conf import settings

    from chargepipe.actions import people

    token = people.invite(email, role)
    address = settings.PROCESS.url or "http://127.0.0.1:8800"
    note(f"This link works once, for three days. Give it to them alone; they will be {role}:")
    say(f"{address}/welcome/{token}")
