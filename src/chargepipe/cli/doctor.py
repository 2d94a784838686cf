"""doctor: is everything in order, and what to do where it is not."""

from dataclasses import asdict

import typer

from chargepipe.cli.errors import FAILED
from chargepipe.cli.output import one_object, plain, say
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json


def doctor(json: Json = False) -> None:
    """Check the data folder, the workers and each connection."""
    setup()
    from chargepipe.actions.doctor import examine

    checks = []
    for check in examine():
        checks.append(check)
        if not json:
            say(plain(f"{check.state:<5} {check.name}: {check.words} {check.todo}".rstrip()))
    worst = "fail" if any(check.state == "fail" for check in checks) else "ok"
    if json:
        one_object({"state": worst, "checks": [asdict(check) for check in checks]})
    raise typer.Exit(FAILED if worst == "fail" else 0)
