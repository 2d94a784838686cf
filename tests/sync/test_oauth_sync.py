"""Runs of a connection by OAuth: over an expiry, with others at once, and when it is over."""

from collections.abc import Iterator
from typing import Any

import pytest

import granted
from chargepipe.store.models import Connection, Grant
from granted import configured, refreshes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600


@pytest.fixture
def world() -> Iterator[World]:
    with configured():
        yield World(customers=10)


def test_validate_full_and_hourly_sync_work(world: World) -> None:
    connection = granted.connect(world)
    assert world.run(connection, "validate").state == "done"
    full = world.run(connection, "full")
    assert (full.state, full.counts["customers"]) == ("done", 10)
    world.clock.advance(HOUR)
    hourly = world.run(connection, "sync")
    assert (hourly.state, hourly.message) == ("done", "")
    assert refreshes(world) == 2  # the code, and the hour
    assert all("x-api-token" not in str(entry) for entry in world.sandbox.requests)
