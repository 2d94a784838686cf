"""A first full sync that goes on is joined by whoever asks for one: a second one makes deals."""

import os
import socket

import pytest
from django.utils import timezone

from chargepipe.actions import runs
from chargepipe.engine import queue
from chargepipe.store.models import Run, Worker
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


def _take_up_nothing(_run: Run) -> None:
    return None


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was heard of just now; it takes up nothing."""
    Worker.objects.create(
        executor="one", seen_at=timezone.now(), host=socket.gethostname(), pid=os.getpid()
    )
    monkeypatch.setattr(queue, "enqueue", _take_up_nothing)


@pytest.mark.usefixtures("alive")
def test_the_first_full_sync_that_goes_on_is_joined():
    connection = World(customers=1).connect()
    first = Run.objects.create(connection=connection, kind="full", state="running", approved=True)
    assert runs.start("acme", "full", confirmed=True).pk == first.pk


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize(("kind", "done"), [("validate", False), ("full", True)])
def test_another_run_that_goes_on_is_not(kind: str, done: bool):
    connection = World(customers=1).connect()
    connection.full_done_at = timezone.now() if done else None
    connection.save()
    going = Run.objects.create(connection=connection, kind=kind, state="running", approved=True)
    assert runs.start("acme", kind, confirmed=True).pk != going.pk
