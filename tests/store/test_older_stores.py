"""A store of each earlier version is brought up to date, keeps all it held, and syncs on."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import call_command
from leaving import KEY

from chargepipe.actions import errors, why
from chargepipe.actions.connections import everyone, stored_file
from chargepipe.actions.restore import restore
from chargepipe.store import copies, encrypted
from chargepipe.store.models import Change, Connection, Link, Record, Run, Secrets, SyncError
from people import link_of, writes
from stores import sqlite_alone
from world import PIPEDRIVE, World

pytestmark = [pytest.mark.django_db(transaction=True), sqlite_alone]
DUMPS = sorted((Path(__file__).parent / "dumps").glob("*.sql"))
OURS = "chargepipe_store_"


@pytest.fixture(params=DUMPS, ids=lambda dump: dump.stem)
def dump(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def file(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store as that version left it, and the keys that it was written with."""
    box = encrypted.MultiFernet([Fernet(KEY)])
    monkeypatch.setattr(encrypted, "_box", lambda: box)
    store = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(store)) as opened:
        opened.executescript(dump.read_text())
    return store


@pytest.fixture
def world(dump: Path) -> World:
    """Both services as they stood when that version stopped."""
    left = json.loads(dump.with_suffix(".json").read_text())
    world = World(customers=0, people_before=0.0)
    with closing(_Replay(world)) as replay:
        for seconds, what, verb, args, more in left["steps"]:
            world.clock.seconds = seconds
            if what == "call":
                replay.call(verb, args[0], more)
            else:
                getattr(getattr(world, what), verb)(*args, **more)
    world.clock.seconds = left["end"]
    return world


class _Replay:
    """Sends what the older version sent."""

    def __init__(self, world: World) -> None:
        self._runner = asyncio.Runner(loop_factory=world.clock.loop_factory)
        wire = world.transport(PIPEDRIVE)
        self._client = httpx2.AsyncClient(
            transport=wire,
            base_url=PIPEDRIVE,
            headers={"x-api-token": world.sandbox.pipedrive_token},
        )

    def call(self, method: str, path: str, body: Any) -> None:
        answer = self._runner.run(self._client.request(method, path, json=body))
        assert answer.status_code < 300, answer.text

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def done() -> dict[str, Path]:
    """The dumps that were brought up to date already: each is once."""
    return {}


@pytest.fixture
def migrated(file: Path, dump: Path, done: dict[str, Path]) -> Iterator[Path]:
    if dump.stem not in done:
        with copies.using(file):
            call_command("migrate", verbosity=0, interactive=False)
        done[dump.stem] = file
    store = file.with_name("new.sqlite3")
    copies.copy(done[dump.stem], store)
    with copies.using(store):
        yield store


def held(file: Path) -> dict[str, tuple[list[str], set[tuple[Any, ...]]]]:
    """The columns and rows of our tables."""
    with closing(sqlite3.connect(file)) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        ours = [name for (name,) in names if name.startswith(OURS)]
        return {name: _rows(opened, name) for name in ours}


def _rows(opened: sqlite3.Connection, name: str) -> tuple[list[str], set[tuple[Any, ...]]]:
    cursor = opened.execute(f"SELECT * FROM {name}")
    return [column[0] for column in cursor.description], set(cursor.fetchall())


def test_every_row_is_there_as_it_was(dump: Path, migrated: Path, tmp_path: Path) -> None:
    old = tmp_path / "as it was.sqlite3"
    with closing(sqlite3.connect(old)) as opened:
        opened.executescript(dump.read_text())
    before, after = held(old), held(migrated)
    for table, (columns, rows) in before.items():
        new, now = after[table]
        places = [new.index(column) for column in columns]
        assert {tuple(row[place] for place in places) for row in now} == rows, table
    assert len(before[f"{OURS}link"][1]) >= 5
    assert len(before[f"{OURS}change"][1]) >= 8


def test_secrets_settings_errors_and_stories_can_be_read(migrated: Path, world: World) -> None:
    (connection,) = everyone()
    secrets = Secrets.objects.get()
    assert secrets.chargebee_key == world.sandbox.chargebee_key
    assert secrets.pipedrive_token == world.sandbox.pipedrive_token
    assert stored_file(connection).settings.organizations
    assert [error.code for error in errors.listing("acme")] == ["ambiguous_person"]
    assert SyncError.objects.get(source_key="none").state == "ignored"
    told = why.explain("acme", "kay", env=world.env)
    assert {story.value for story in told.fields if story.field == "CB Customer ID"} == {"kay"}
    assert link_of("bob").last["email"] == "bob@x.co"


def test_what_was_under_way_goes_on_and_nobody_is_made_twice(migrated: Path, world: World) -> None:
    there = [sorted(row["id"] for row in rows()) for rows in (world.crm.persons, world.crm.deals)]
    world.sandbox.requests.clear()
    run = world.go_on(Run.objects.get(state="running"))
    assert (run.state, run.counts["created"]) == ("done", 0)
    assert [m for m, _ in writes(world) if m == "POST"] == []
    again = [sorted(row["id"] for row in rows()) for rows in (world.crm.persons, world.crm.deals)]
    assert again == there
    world.billing.edit_customer("bob", phone="+4930901877")
    world.billing.add_customer(id="dan", first_name="Dan", email="dan@x.co")
    world.clock.advance(3600)
    later = world.run(run.connection, "sync")
    assert (later.state, later.counts["created"], later.counts["updated"]) == ("done", 1, 1)
    assert link_of("dan").reason == "made"
    assert not Change.objects.filter(state__in=Change.UNFINISHED, run=later).exists()


def test_what_was_written_before_is_taken_back(migrated: Path, world: World) -> None:
    full = Run.objects.get(kind="full")
    Run.objects.filter(state="running").update(state="cancelled")
    undone = world.run(Connection.objects.get(), "undo", about=full)
    assert undone.state == "done"
    names = {row["name"] for row in world.crm.persons()}
    assert {"Kay", "Two", "Too"} <= names
    # Whose deal is of a later run stays, as always.
    assert ("bob" in names) == Link.objects.filter(source_key="subscription:sub-bob").exists()


def test_a_backup_of_that_version_is_restored(file: Path, tmp_path: Path) -> None:
    store = tmp_path / "store" / "chargepipe.sqlite3"
    with copies.using(store):
        restored = restore(file)
        assert (restored.connections, restored.locked) == (("acme",), ())
        assert Connection.objects.get().barred == ""


@pytest.mark.parametrize("by", ["phone", "email"])
def test_of_phone_numbers_the_mirror_keeps_how_they_end(by: str):
    world = World(customers=0, people_before=0.0)
    for id, phone in (("ada", "+49 30 901820"), ("bo", None)):
        world.billing.add_customer(id=id, phone=phone, email=f"{id}@x.co")
    connection = world.connect(f'match_key = {{ chargebee = "{by}", pipedrive = "{by}" }}')
    world.run(connection, "validate")
    wanted = dict(Record.objects.values_list("source_id", "match_key"))
    old = {"phone": "+4930901820", "email": "ada@x.co"}[by]
    Record.objects.filter(source_id="ada").update(match_key=old)
    step = import_module("chargepipe.store.migrations.0011_nulls_and_ends")
    step.keep_ends(apps, None)
    assert dict(Record.objects.values_list("source_id", "match_key")) == wanted
