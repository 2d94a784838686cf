"""The duplicate report: what stands twice on either side."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.output import csv_lines, plain, say
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Name

if TYPE_CHECKING:
    from chargepipe.sync.doubles import Double


def duplicates(
    name: Name,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show customers, people and organizations that stand twice, as of the last run."""
    setup()
    from chargepipe.actions import duplicates as report

    if csv:
        csv_lines(report.csv(name))
        return
    found = list(report.listing(name))
    for double in found:
        _show(double)
    if not found:
        say(f"Nothing stands twice. A validation looks anew: chargepipe validate {name}")


def _show(double: "Double") -> None:
    from chargepipe.actions.duplicates import where

    say(plain(f"{where(double)} {double.kind}s with the {double.what} {double.value}:"))
    for each, named in double.records:
        say(plain(f"  {each} {named}"))
