"""A full disk: pages are shown, and a press is answered in words."""

import os

import pytest
from django.test import Client

from chargepipe.actions import people, runs
from chargepipe.store.full import WORDS
from chargepipe.store.models import Connection, Run
from full_store import write_too_much

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        os.environ.get("CHARGEPIPE_TESTS_ON") == "postgresql", reason="the limit is SQLite's own"
    ),
]


def test_a_press_on_a_full_disk_says_what_to_do(
    acme: Connection, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Run.objects.count()
    monkeypatch.setattr(runs, "start", lambda *_, **__: write_too_much())
    answer = admin.post(f"/c/{acme.name}/runs/start", {"kind": "sync"})
    assert answer.status_code == 503
    assert WORDS in answer.content.decode()
    monkeypatch.undo()
    assert Run.objects.count() == before
    assert admin.post(f"/c/{acme.name}/runs/start", {"kind": "sync"}).status_code == 302


def test_that_somebody_was_seen_is_no_reason_to_show_no_page(
    acme: Connection, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def filter(self, **_: object) -> "Full":
            return self

        def update(self, **_: object) -> None:
            write_too_much()

    monkeypatch.setattr(people.Session, "objects", Full())
    people.seen("anything")
