"""A scene in this process, on a clock that jumps ahead: hours of trouble in seconds."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soaking.scene import SETTINGS, Scene

MOST_TURNS = 3000
"""So often a run is called, or waited for, before it is said to be stuck."""


def prepare(folder: Path, server: str | None) -> None:
    """Make the store of this process; once, before anything else of the product is used."""
    os.environ |= {
        "CHARGEPIPE_HOME": str(folder / "home"),
        "DJANGO_SETTINGS_MODULE": "chargepipe.config.settings",
    }
    if server:
        import postgres

        os.environ["DATABASE_URL"] = postgres.new_database(server)
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    from chargepipe.cli.setup import setup

    setup()


@dataclass
class Within(Scene):
    """The world that the tests live in, with one connection."""

    world: Any = None
    connection: Any = None

    def call(self, target: str, method: str, **args: Any) -> Any:
        """At once."""
        try:
            return getattr(getattr(self.sandbox, target), method)(**args)
        except (KeyError, ValueError):
            return None

    def start(self, kind: str, **more: Any) -> Any:
        """A run that is queued and approved."""
        from chargepipe.store.models import Run

        return Run.objects.create(connection=self.connection, kind=kind, approved=True, **more)

    def carry(self, run: Any) -> str:
        """Take a run to its end, over all its pauses; its state."""
        from chargepipe.sync import flow

        for _ in range(MOST_TURNS):
            wait = flow.advance(run.pk, self.world.env)
            run.refresh_from_db()
            if run.state not in run.UNFINISHED or run.state == "waiting":
                break
            self.world.clock.advance(wait or self._until_due(run))
        return run.state

    def _until_due(self, run: Any) -> float:
        if run.state != "paused" or run.due_at is None:
            return 1.0
        self.count("pauses")
        return max(1.0, (run.due_at - self.world.clock.now()).total_seconds())

    def run(self, kind: str) -> str:
        """An hour later."""
        self.world.clock.advance(3600)
        return self.carry(self.start(kind))

    def let_all_end(self) -> None:
        """One after the other."""
        from chargepipe.store.models import Run

        for run in Run.objects.filter(state__in=Run.UNFINISHED).order_by("pk"):
            self.carry(run)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """On the connection of this process."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()


def within(seed: int, customers: int, settings: str = SETTINGS) -> Within:
    """A new world on an empty store."""
    from world import World, wipe

    wipe()
    world = World(customers=customers, seed=seed)
    world.sandbox.company.seats = 1000
    return Within(world.sandbox, world=world, connection=world.connect(settings))
