"""A progress bar on stderr where there is a terminal; nothing elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chargepipe.cli.output import console

if TYPE_CHECKING:
    from chargepipe.store.models import Run


@contextmanager
def progress() -> Iterator[Callable[["Run"], None]]:
    """Give a function that shows where a run stands."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(err=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def show(run: "Run") -> None:
            total = run.total if run.phase else None
            moving = run.state in run.GOING
            words = phase(run) if moving else ""
            bar.update(task, description=words, completed=run.done, total=total, visible=moving)

        yield show


def phase(run: "Run") -> str:
    """What a run is doing, in a word or two."""
    if run.state == "queued":
        return "waiting for its turn"
    if run.phase:
        return "writing" if run.total and run.done < run.total else "settling"
    from chargepipe.store.models import PullState

    reading = PullState.objects.filter(connection_id=run.connection_id, walking=True).exists()
    asked = run.requests_chargebee
    return f"reading Chargebee ({asked} requests)" if reading or not asked else "planning"
