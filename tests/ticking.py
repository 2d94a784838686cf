"""The schedule on the world's clock: hours pass, and it ticks as a worker lets it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chargepipe.actions import connections
from chargepipe.engine import schedule
from chargepipe.store.models import Connection, Run
from world import World


def the_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schedule looks at the world's clock."""
    monkeypatch.setattr(timezone, "now", world.clock.now)


def hours(world: World, number: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hours pass, and the schedule tick every five minutes as a worker lets it."""
    queued: list[Run] = []
    monkeypatch.setattr(schedule, "enqueue", queued.append)
    monkeypatch.setattr(schedule, "status_of", lambda _ids: {})
    monkeypatch.setattr(schedule, "begun", list)
    monkeypatch.setattr(schedule, "resume", lambda _ids: None)
    the_time(world, monkeypatch)
    end = world.clock.now() + timedelta(hours=number)
    while (moment := _due(world)) is not None and moment < end:
        world.clock.advance((moment - world.clock.now()).total_seconds())
        schedule.start_due()
        schedule.take_up()
        for run in {run.pk: run for run in queued}.values():
            world.go_on(run)
        queued.clear()
    world.clock.advance((end - world.clock.now()).total_seconds())


def _due(world: World) -> datetime | None:
    """When the schedule finds something to do next."""
    syncs = Connection.objects.exclude(next_sync_at=None).values_list("next_sync_at", flat=True)
    paused = Run.objects.filter(state="paused").exclude(due_at=None)
    moments = [*syncs, *paused.values_list("due_at", flat=True)]
    if Run.objects.filter(state__in=("queued", "running")).exists():
        moments.append(world.clock.now())
    busy = Run.objects.filter(state__in=Run.UNFINISHED).exists()
    late = [max(moment, world.clock.now()) for moment in moments if moment is not None]
    return min(late, default=None) if not (busy and moments == [*syncs]) else None


def automatic(world: World, monkeypatch: pytest.MonkeyPatch, every: str = "40m") -> None:
    """The connection syncs at this interval from now on."""
    the_time(world, monkeypatch)
    file = connections.stored_file(Connection.objects.get()).model_dump(mode="json", by_alias=True)
    file["schedule"]["every"] = every
    Connection.objects.update(file=file, next_sync_at=world.clock.now())
