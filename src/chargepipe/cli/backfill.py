"""Backfill: make the deals of older subscriptions and invoices after all (rule 13)."""

from typing import TYPE_CHECKING, Annotated

import typer

from chargepipe.cli.follow import end as end_run
from chargepipe.cli.follow import see_through
from chargepipe.cli.setup import setup
from chargepipe.cli.sync import Json, Name, Yes

if TYPE_CHECKING:
    from chargepipe.domain.backfill import Window

Status = Annotated[
    list[str] | None,
    typer.Option("--status", help="Only of this Chargebee status; repeat, or part by commas."),
]
From = Annotated[
    str | None, typer.Option("--from", help="Created, or invoiced, on this day or later.")
]
To = Annotated[str | None, typer.Option("--to", help="On this day or earlier: 2025-12-31.")]
Plan = Annotated[
    list[str] | None, typer.Option("--plan", help="Only of this plan (item price id); repeat.")
]
Most = Annotated[int | None, typer.Option("--most", help="So many at most, the oldest first.")]


def backfill(
    name: Name,
    status: Status = None,
    start: From = None,
    end: To = None,
    plan: Plan = None,
    most: Most = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Make deals of older subscriptions and one-time invoices, won or lost at their real times."""
    setup()
    from chargepipe.actions import runs

    window = window_of(status, start, end, plan, most)
    run = runs.start(name, "backfill", window=window, confirmed=yes)
    end_run(see_through(run, yes=yes), json=json)


def window_of(
    status: list[str] | None,
    start: str | None,
    end: str | None,
    plan: list[str] | None,
    most: int | None,
) -> "Window":
    """What the options ask for."""
    from chargepipe.domain.backfill import Window

    return Window(_parted(status), start or "", end or "", _parted(plan), most)


def _parted(values: list[str] | None) -> tuple[str, ...]:
    words = (word.strip() for value in values or () for word in value.split(","))
    return tuple(dict.fromkeys(word for word in words if word))
