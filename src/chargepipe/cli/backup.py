"""backup and restore: the store as one file."""

from pathlib import Path
from typing import Annotated

import typer

from chargepipe.cli.output import note, say
from chargepipe.cli.setup import alone, configure_django, make_home

Target = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="Where to; a name with the time unless given."),
]
Source = Annotated[Path, typer.Argument(metavar="FILE", help="A file that backup made.")]


def backup(file: Target = None) -> None:
    """Copy all that is stored into one file, also while runs are under way."""
    configure_django()  # no more: it is also for the moment before an upgrade
    from chargepipe.actions.backup import backup as make

    say(str(make(file)))
    note(f"The encryption keys are not in it: {_keys()}")


def _keys() -> str:
    from django.conf import settings

    from chargepipe.store.encrypted import key_file

    if settings.PROCESS.keys:
        return "keep what CHARGEPIPE_KEYS holds in a safe place of its own."
    return f"keep a copy of {key_file()} in a safe place of its own."


def restore(file: Source) -> None:
    """Put a backup in the place of the store; what is there now is kept aside."""
    configure_django()
    home = make_home()
    from chargepipe.actions.restore import restore as put

    with alone(home):
        restored = put(file)
    if restored.kept:
        note(f"The store that was there lies in {restored.kept} now.")
    names = ", ".join(restored.connections) or "none"
    say(f"Restored. Connections: {names}.")
    for name in restored.locked:
        note(
            f"The keys here do not open the secrets of {name}: bring back the old keys, or apply "
            "the connection again."
        )
    note("Check it: chargepipe doctor. The first run waits until what was under way has settled.")
