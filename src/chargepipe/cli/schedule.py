"""The automatic sync: on, off, or every so often."""

from typing import Annotated, Literal

import typer

from chargepipe.cli.errors import WRONG_USE, stop
from chargepipe.cli.output import say, when
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Name


def schedule(
    name: Name,
    how: Annotated[Literal["on", "off", "every"], typer.Argument(help="on, off or every.")],
    interval: Annotated[
        str | None, typer.Argument(help="With every: 15m, 1h, 1d.", show_default=False)
    ] = None,
) -> None:
    """Switch the automatic sync on or off, or set its interval."""
    if (how == "every") != (interval is not None):
        stop("Say on, off, or every with an interval such as 15m, 1h, 1d.", WRONG_USE)
    setup()
    from chargepipe.actions import connections, scheduling

    connection = scheduling.schedule(name, interval or how)
    rule = connections.stored_file(connection).schedule
    if not rule.automatic:
        say(f"{name} syncs only when told: chargepipe sync {name}")
    elif connection.next_sync_at is None:
        say(f"{name} will sync every {_words(rule.every)} once its first full sync is done.")
    else:
        words = f"{name} syncs every {_words(rule.every)}"
        say(f"{words}, next at {when(connection.next_sync_at)}, while a worker is alive.")


def _words(every: object) -> str:
    from datetime import timedelta

    from chargepipe.domain.settings import format_interval

    assert isinstance(every, timedelta)
    return format_interval(every)
