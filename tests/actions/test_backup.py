"""A store is backed up while it is used, and brought back without anybody made twice."""

import sqlite3
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database

from chargepipe.actions import restore as restoring
from chargepipe.actions.backup import backup
from chargepipe.actions.refusal import Refused
from chargepipe.actions.restore import restore
from chargepipe.engine.at_work import at_work
from chargepipe.store import copies, encrypted
from chargepipe.store.models import Change, Connection, Link, Run, Worker
from deals import ON, settled
from people import open_errors, shown
from stores import sqlite_alone
from world import World

pytestmark = [pytest.mark.django_db(transaction=True), sqlite_alone]


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path) -> Iterator[Path]:
    """A copy of the tests' store in a folder of its own: it is moved aside and replaced."""
    store = tmp_path / "store" / "chargepipe.sqlite3"
    store.parent.mkdir()
    copies.copy(Path(database.settings_dict["NAME"]), store)
    with copies.using(store):
        with database.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
        yield store


def connection_named(name: str) -> Connection:
    return Connection.objects.create(name=name, file={}, site="s")


def names() -> list[str]:
    return list(Connection.objects.order_by("name").values_list("name", flat=True))


def company(world: World, name: str) -> None:
    """A new customer of a company of its own, with a subscription."""
    customer = world.billing.add_customer(
        first_name=name, email=f"{name}@x.co".lower(), company=f"{name} Ltd"
    )["id"]
    world.billing.add_subscription(customer)


def marks(world: World) -> dict[str, Counter[str]]:
    """How many living records carry each mark: of people and deals their ids, else the name."""
    people = (shown(world, "person", row, "CB Customer ID") for row in world.crm.persons())
    deals = (shown(world, "deal", row, "CB Subscription ID") for row in world.crm.deals())
    companies = (row["name"] for row in world.crm.organizations())
    return {
        "people": Counter(filter(None, people)),
        "deals": Counter(filter(None, deals)),
        "companies": Counter(companies),
    }


def test_a_restored_older_backup_makes_nobody_twice_and_can_be_undone(tmp_path: Path) -> None:
    world = World(customers=6)
    connection = settled(world, "organizations = true\n" + ON)
    company(world, "Early")
    assert world.run(connection, "sync").state == "done"
    file = backup(tmp_path / "old.sqlite3")

    for name in ("Late", "Later"):
        company(world, name)
    world.clock.advance(3600)
    lost = world.run(connection, "sync")
    assert (lost.state, lost.counts["objects"]["deal"]["created"]) == ("done", 2)
    before, errors = marks(world), open_errors()
    assert {max(found.values()) for found in before.values()} == {1}

    restore(file, world.clock.now())
    assert Run.objects.order_by("-pk").values_list("pk", flat=True)[0] == lost.pk - 1
    world.clock.advance(3600)
    again = world.run(Connection.objects.get(), "sync")
    assert (again.state, open_errors()) == ("done", errors)
    assert marks(world) == before
    assert Link.objects.filter(kind="deal").count() == len(before["deals"])
    assert not again.changes.filter(action="create", state="written", adopted=False).exists()

    undone = world.run(again.connection, "undo", about=again)
    assert undone.state == "done"
    assert marks(world) == before  # who was only found again is not deleted

    earlier = Run.objects.get(kind="full")
    made = {c.source_key for c in earlier.changes.filter(kind="person", action="create")}
    assert world.run(again.connection, "undo", about=earlier).state == "done"
    assert not made & set(marks(world)["people"])


def test_what_was_under_way_may_settle_before_the_first_run(tmp_path: Path) -> None:
    world = World(customers=2)
    connection = world.connect()
    Worker.objects.create(executor="x", host="elsewhere", pid=1, seen_at=world.clock.now())
    file = backup(tmp_path / "old.sqlite3")
    Worker.objects.all().delete()
    restore(file, world.clock.now())
    assert not Worker.objects.exists()
    begun = world.clock.seconds
    assert world.run(connection, "validate").state == "done"
    assert world.clock.seconds - begun >= world.env.settle_seconds


def test_a_backup_is_of_one_moment_and_for_its_owner_alone(tmp_path: Path) -> None:
    connection_named("first")
    file = backup(tmp_path / "copy.sqlite3")
    connection_named("second")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("copy*")) == [file]
    with closing(sqlite3.connect(file)) as opened:
        rows = opened.execute("SELECT name FROM chargepipe_store_connection").fetchall()
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert rows == [("first",)]


def test_a_backup_is_taken_while_another_holds_a_write_transaction(tmp_path: Path) -> None:
    connection_named("committed")
    with closing(sqlite3.connect(database.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE chargepipe_store_connection SET name = 'not yet'")
        file = backup(tmp_path / "copy.sqlite3")
    with copies.using(file):
        assert names() == ["committed"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("dear to me")
    with pytest.raises(Refused, match="nothing is written over"):
        backup(file)
    assert file.read_text() == "dear to me"


def test_a_folder_that_is_not_there_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be written: no such file or directory"):
        backup(tmp_path / "nowhere" / "x")


def _damage(file: Path) -> None:
    """Write over the pages behind the first ones."""
    with file.open("r+b") as opened:
        opened.seek(4096 * 3)
        opened.write(b"\xff" * 4096 * 20)


def _of_somebody_else(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("CREATE TABLE django_migrations (app, name)")


def _newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as opened:
        opened.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)",
            ("chargepipe_store", "9999_far_ahead", "2036-01-01"),
        )
        opened.commit()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_damage, "it is damaged|it cannot be read"),
        (lambda file: file.write_text("hello " * 2000), "no store of chargepipe"),
        (_of_somebody_else, "no store of chargepipe"),
        (_newer, "made by a newer chargepipe"),
        (Path.unlink, "no file"),
    ],
    ids=["damaged", "text", "another's", "newer", "none"],
)
def test_what_is_no_backup_is_refused_and_the_store_stays(
    spoil: object, words: str, tmp_path: Path, own_store: Path
) -> None:
    connection_named("here")
    file = backup(tmp_path / "copy.sqlite3")
    spoil(file)  # type: ignore[operator]
    with pytest.raises(Refused, match=words):
        restore(file)
    assert names() == ["here"]
    assert not list(own_store.parent.glob("before-restore-*"))
    assert not list(own_store.parent.glob("*.new*"))


def test_the_store_that_was_there_is_kept_aside(tmp_path: Path, own_store: Path) -> None:
    connection_named("old")
    file = backup(tmp_path / "copy.sqlite3")
    connection_named("young")
    restored = restore(file)
    assert (restored.connections, names()) == (("old",), ["old"])
    assert restored.kept is not None
    assert restored.kept.parent == own_store.parent
    with copies.using(restored.kept / own_store.name):
        assert names() == ["old", "young"]
    assert file.exists()


def test_a_damaged_store_is_replaced_and_kept_aside(tmp_path: Path, own_store: Path) -> None:
    connection_named("old")
    file = backup(tmp_path / "copy.sqlite3")
    database.close()
    own_store.write_bytes(b"rubbish" * 1000)
    restored = restore(file)
    assert names() == ["old"]
    assert restored.kept is not None
    assert (restored.kept / own_store.name).read_bytes().startswith(b"rubbish")


def test_a_damaged_store_is_not_backed_up(tmp_path: Path, own_store: Path) -> None:
    database.close()
    _damage(own_store)
    with pytest.raises(Refused, match="cannot be"):
        backup(tmp_path / "copy.sqlite3")
    assert not list(tmp_path.glob("copy*"))


def test_a_worker_that_is_alive_is_in_the_way(tmp_path: Path) -> None:
    file = backup(tmp_path / "copy.sqlite3")
    with at_work(), pytest.raises(Refused, match="worker is alive"):
        restore(file)
    restore(file)


def test_somebody_who_has_the_store_open_is_in_the_way(
    tmp_path: Path, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "PATIENCE", 0.05)
    connection_named("here")
    file = backup(tmp_path / "copy.sqlite3")
    with closing(sqlite3.connect(own_store)) as other:
        other.execute("SELECT * FROM chargepipe_store_connection").fetchall()
        with pytest.raises(Refused, match="The store is as it was"):
            restore(file)
    assert names() == ["here"]
    assert not list(own_store.parent.glob("before-restore-*"))


def test_secrets_that_do_not_open_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(customers=1)
    world.connect()
    file = backup(tmp_path / "copy.sqlite3")
    assert restore(file).locked == ()
    other = encrypted.MultiFernet([Fernet(Fernet.generate_key())])
    monkeypatch.setattr(encrypted, "_box", lambda: other)
    assert restore(file).locked == ("acme",)
    assert not Change.objects.exists()
