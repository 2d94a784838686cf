"""doctor: is everything in order, and what to do where it is not."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.errors import FAILED, WRONG_USE, stop
from chargepipe.cli.follow import INTERRUPTED, WAITING
from chargepipe.cli.output import note, one_object, plain, say
from chargepipe.cli.setup import configure_django, make_home, setup
from chargepipe.cli.sync import Json

if TYPE_CHECKING:
    from chargepipe.actions.probe import Finding, Report

DIFFERS = 3
STATUS = {"holds": 0, "differs": DIFFERS, "refused": FAILED, "interrupted": INTERRUPTED}
Probe = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Check what we assume on the test account of connection NAME."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Answer what the probe asks with yes.")]


def doctor(probe: Probe = None, yes: Yes = False, json: Json = False) -> None:
    """Check the data folder, the workers and each connection (12 to 32 tokens each)."""
    if probe is not None:
        setup()
        _probe(probe, yes=yes, json=json)
    if yes:
        stop("--yes answers what a probe asks: give --probe NAME too.", WRONG_USE)
    _look_only()
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


def _look_only() -> None:
    """Tables of an older version are a finding, and stay; where there are none yet, make them."""
    configure_django()
    make_home()
    from chargepipe.store.copies import store_file

    file = store_file()
    if file is not None and not file.exists():
        setup()


def _probe(name: str, *, yes: bool, json: bool) -> None:
    from django.conf import settings

    from chargepipe.accounts.environment import Environment
    from chargepipe.actions import probe

    connection = probe.allowed(name)
    note(plain(probe.announcement(connection)))
    if not (yes or _agreed()):
        stop("Nothing was sent.", WRONG_USE)
    env = Environment(
        settle_seconds=settings.PROCESS.settle_seconds,
        lease_seconds=settings.PROCESS.lease_seconds,
    )

    def tell(finding: "Finding") -> None:
        if not json:
            say(plain(probe.line(finding)))

    report = probe.probe(name, env, tell, note)
    _end(report, json=json)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        stop("Nothing was sent: there is no terminal to ask; give --yes to go on.", WAITING)
    return typer.confirm("Probe?", err=True)


def _end(report: "Report", *, json: bool) -> None:
    if json:
        one_object(report.as_json())
    else:
        for words in report.ending():
            say(plain(words))
    raise typer.Exit(STATUS[report.state])
