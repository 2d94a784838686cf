"""The doctor finds each fault that is really there, names it, and says what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection as database
from django.utils import timezone

from chargepipe.accounts.environment import Environment
from chargepipe.actions.doctor import Check, examine, machine
from chargepipe.engine import queue
from chargepipe.sandbox import Fault
from chargepipe.store import copies, disks, encrypted
from chargepipe.store.disks import disk_kind, trust
from chargepipe.store.models import Account, Change, Connection, Run, SyncError, Worker
from stores import sqlite_alone
from virtual_time import VirtualClock
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
server:/export /data nfs4 rw 0 0
/dev/vdb1 /data/local ext4 rw 0 0
//nas/share /my\\040share cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/me", "ext4"),
        ("/data/chargepipe", "nfs4"),
        ("/data/local/x", "ext4"),
        ("/my share/x", "cifs"),
    ],
)
def test_a_folder_lies_on_the_nearest_mount(place: str, kind: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert disk_kind(Path(place), mounts) == kind


@pytest.mark.parametrize(
    ("kind", "thought"),
    [
        ("ext4", "local"),
        ("", "local"),
        ("overlay", "local"),
        ("fuseblk", "local"),
        ("fuse.fuse-overlayfs", "local"),
        ("nfs", "network"),
        ("smb3", "network"),
        ("fuse.sshfs", "network"),
        ("fuse.something", "unsure"),
        ("9p", "unsure"),
    ],
)
def test_a_network_disk_is_known_by_its_kind(kind: str, thought: str) -> None:
    assert trust(kind) == thought


@pytest.fixture
def world() -> World:
    """A connection that is in sync, and a worker that is alive."""
    world = World(customers=0, people_before=0.0)
    world.sandbox.site.domain = "acme-test"
    world.connect("organizations = true")
    change(full_done_at=timezone.now(), next_sync_at=timezone.now() + timedelta(minutes=20))
    beat()
    return world


def synced(world: World) -> Run:
    """The same with a customer whose person was really made."""
    world.billing.add_customer(first_name="Ada", email="ada@x.co")
    run = world.run(Connection.objects.get(), "full")
    assert run.state == "done"
    change(next_sync_at=timezone.now() + timedelta(minutes=20))
    return run


def beat(**more: Any) -> None:
    row = {"executor": "x", "host": "elsewhere", "pid": 1, "seen_at": timezone.now(), **more}
    Worker.objects.create(**row)


def found(world: World, env: Environment | None = None) -> dict[str, Check]:
    """All checks by name; who asks has only looked."""
    checks = list(examine(env or world.env))
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def only(world: World, name: str, env: Environment | None = None, state: str = "fail") -> Check:
    """The check of this name; it is the only one that is not ok."""
    checks = found(world, env)
    assert {n: c.words for n, c in checks.items() if c.state != "ok"}.keys() == {name}
    assert checks[name].state == state
    return checks[name]


def change(**values: Any) -> None:
    Connection.objects.update(**values)


def test_all_is_well_for_few_tokens(world: World) -> None:
    used = Account.objects.get().tokens_used
    world.sandbox.requests.clear()
    assert {check.state for check in found(world).values()} == {"ok"}
    assert Account.objects.get().tokens_used - used == 22
    assert sum(s == "pipedrive" for s, *_ in world.sandbox.requests) == 3
    assert {m for _, m, *_ in world.sandbox.requests} == {"GET"}


JSON = "application/json"


@pytest.mark.parametrize(
    ("fault", "name", "words"),
    [
        (
            Fault(path="/users/me", status=401, body="{}", content_type=JSON),
            "Pipedrive",
            "connect Pipedrive again",
        ),
        (
            Fault(path="/users/me", status=402, body="{}", content_type=JSON),
            "Pipedrive",
            "not open",
        ),
        (Fault(path="/users/me", status=403, kind="html"), "Pipedrive", "blocks our traffic"),
        (
            Fault(service="chargebee", status=401, code="api_authentication_failed"),
            "Chargebee",
            "connect Chargebee again",
        ),
        (
            Fault(
                service="chargebee",
                path="/subscriptions",
                status=403,
                code="api_authorization_failed",
            ),
            "Chargebee",
            "Read-only: All",
        ),
        (
            Fault(service="chargebee", status=404, code="site_not_found"),
            "Chargebee",
            "no site of this name",
        ),
    ],
)
def test_a_key_that_opens_nothing_is_told(
    fault: Fault, name: str, words: str, world: World
) -> None:
    world.faults.add(fault)
    check = only(world, f"acme: {name}")
    assert words in check.words
    assert check.connection == "acme"


def test_a_user_who_is_no_admin_any_more_is_told(world: World) -> None:
    world.crm.me["access"] = [{"app": "sales", "admin": False}]
    assert "no admin" in only(world, "acme: Pipedrive").words


def test_a_service_that_does_not_say_who_is_admin_is_a_warning(world: World) -> None:
    world.crm.me.pop("access")
    world.crm.me.pop("is_admin", None)
    assert "does not say" in only(world, "acme: Pipedrive", state="warn").words


def test_the_token_of_another_company_is_told(world: World) -> None:
    Account.objects.update(company_id=4711)
    assert "another company" in only(world, "acme: Pipedrive").words


class Off(VirtualClock):
    """Five minutes ahead of the services."""

    def __init__(self, true: VirtualClock) -> None:
        super().__init__()
        self._true = true

    def now(self) -> datetime:
        return self._true.now() + timedelta(seconds=300)


def test_a_clock_that_is_off_is_told_against_both_services(world: World) -> None:
    checks = found(world, replace(world.env, clock=Off(world.clock)))
    for name in ("Chargebee", "Pipedrive"):
        assert checks[f"acme: {name}"].state == "fail"
        assert "clock is 300 s off" in checks[f"acme: {name}"].words
        assert "NTP" in checks[f"acme: {name}"].todo


def test_a_custom_field_that_was_deleted_is_told(world: World) -> None:
    synced(world)
    field = next(f for f in world.crm.fields("person") if f["field_name"] == "CB Customer MRR")
    world.crm.delete_field("person", field["field_code"])
    check = only(world, "acme: fields")
    assert '"CB Customer MRR" (person)' in check.words
    assert "chargepipe full acme" in check.todo


def test_a_custom_field_of_another_type_is_told() -> None:
    world = World(customers=0, people_before=0.0)
    world.connect("")
    world.crm.add_field("person", field_name="CB Customer ID", field_type="double")
    assert "has the type number" in found(world)["acme: fields"].words


def test_a_plan_without_room_for_the_fields_is_told() -> None:
    world = World(customers=0, people_before=0.0, plan="lite")
    for number in range(28):
        world.crm.add_field("deal", field_name=f"F{number}", field_type="varchar")
    world.connect('subscription_data = "person"\n[settings.subscription_deals]\nenabled = true')
    check = found(world)["acme: fields"]
    assert (check.state, "do not fit" in check.words) == ("fail", True)


def test_tokens_that_are_spent_are_told(world: World) -> None:
    today = world.clock.now().date()
    Account.objects.update(tokens_day=today, tokens_used=10**7, tokens_left=0)
    check = only(world, "acme: tokens")
    assert "spent" in check.words
    assert "look again at" in check.todo


def test_open_deals_that_do_not_fit_are_told(world: World) -> None:
    SyncError.objects.create(
        connection=Connection.objects.get(),
        kind="deal",
        source_key="",
        code="deals_capped",
        words="",
        opened_at=timezone.now(),
    )
    assert "no more open deals" in only(world, "acme: state").words


@pytest.mark.parametrize(
    ("values", "state", "words", "todo"),
    [
        ({"barred": "Pipedrive answered 402."}, "fail", "answered 402", ""),
        ({"next_sync_at": None}, "fail", "no time for its next sync", "schedule acme on"),
        ({"full_done_at": None}, "ok", "still to come", "full acme"),
    ],
)
def test_how_a_connection_stands_is_told(
    values: dict[str, Any], state: str, words: str, todo: str, world: World
) -> None:
    change(**values)
    check = found(world)["acme: state"]
    assert (check.state, words in check.words, todo in check.todo) == (state, True, True)


def test_a_connection_that_does_not_sync_by_itself_is_a_warning(world: World) -> None:
    file = Connection.objects.get().file
    change(file={**file, "schedule": {"automatic": False, "every": "1h"}}, next_sync_at=None)
    assert "automatic sync is off" in only(world, "acme: state", state="warn").words


def test_a_run_that_failed_is_told(world: World) -> None:
    Run.objects.create(
        connection=Connection.objects.get(), kind="sync", state="failed", message="The disk is full"
    )
    assert "The disk is full" in only(world, "acme: state").words


def test_an_unlinked_connection_is_a_warning(world: World) -> None:
    change(account=None)
    assert "unlinked" in only(world, "acme", state="warn").words


@pytest.mark.parametrize(
    ("worker", "late", "state", "words"),
    [
        (None, False, "warn", "None is alive"),
        (None, True, "fail", "acme waits since"),
        ("dead", False, "warn", "died at"),
        ("alive", True, "fail", "does not start the sync of acme"),
    ],
)
def test_a_worker_that_is_missing_is_told(
    worker: str | None, late: bool, state: str, words: str, world: World
) -> None:
    Worker.objects.all().delete()
    if worker:
        beat(seen_at=timezone.now() - timedelta(minutes=5 if worker == "dead" else 0))
    ahead = timedelta(minutes=-20 if late else 20)
    change(next_sync_at=timezone.now() + ahead)
    assert words in only(world, "workers", state=state).words


@pytest.mark.parametrize("alive", [True, False])
def test_a_run_that_nobody_moves_is_told(alive: bool, world: World) -> None:
    then = timezone.now() - timedelta(minutes=20)
    connection = Connection.objects.get()
    run = Run.objects.create(connection=connection, kind="sync", state="running", started_at=then)
    Account.objects.update(lease_owner="gone", lease_until=then)
    if not alive:
        Worker.objects.all().delete()
        change(next_sync_at=None)
    check = found(world)["queue"]
    assert (check.state, f"{run.pk} of acme" in check.words) == ("fail", True)
    Account.objects.update(lease_until=timezone.now() + timedelta(seconds=20))
    assert found(world)["queue"].state == "ok"


def test_a_run_that_waits_for_a_yes_is_a_warning(world: World) -> None:
    run = Run.objects.create(connection=Connection.objects.get(), kind="full", state="waiting")
    assert f"{run.pk} of acme" in only(world, "queue", state="warn").words


def test_writes_that_nobody_has_looked_up_are_told(world: World) -> None:
    run = synced(world)
    Change.objects.filter(kind="person").update(
        state="unknown", uncertain_at=timezone.now() - timedelta(hours=1)
    )
    check = only(world, "writes")
    assert f"run {run.pk} of acme" in check.words


@contextmanager
def another_store(folder: Path) -> Iterator[Path]:
    file = folder / "store.sqlite3"
    copies.copy(Path(database.settings_dict["NAME"]), file)
    with copies.using(file):
        yield file


def spoilt(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as opened:
        opened.execute(sql)
        opened.commit()


@sqlite_alone
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "DELETE FROM django_migrations WHERE name = "
            "(SELECT max(name) FROM django_migrations WHERE app = 'chargepipe_store')",
            "older version (00",
        ),
        (
            "UPDATE django_migrations SET name = '9999_later' WHERE name = '0001_initial'",
            "newer chargepipe (9999_later)",
        ),
    ],
)
def test_tables_of_another_version_are_told_and_not_read(
    sql: str, words: str, world: World, tmp_path: Path
) -> None:
    with another_store(tmp_path) as file:
        spoilt(file, sql)
        check = only(world, "database")
        assert words in check.words
        assert "acme: Pipedrive" not in found(world)


@sqlite_alone
def test_a_damaged_store_is_told(world: World, tmp_path: Path) -> None:
    with another_store(tmp_path) as file:
        with file.open("r+b") as opened:
            opened.seek(4096 * 2)
            opened.write(b"\xff" * 4096 * 30)
        assert only(world, "database").state == "fail"
        file.write_bytes(b"rubbish" * 1000)
        assert only(world, "database").state == "fail"


@sqlite_alone
def test_a_network_disk_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "disk_kind", lambda _: "nfs4")
    assert "network disk (nfs4)" in only(world, "disk").words
    monkeypatch.setattr(machine, "disk_kind", lambda _: "9p")
    assert "another system" in only(world, "disk", state="warn").words
    monkeypatch.setattr(disks, "disk_kind", lambda _: "nfs4")
    assert "PostgreSQL" in disks.why_not(Path("/data"))


@pytest.mark.parametrize(("free", "state"), [(50, "fail"), (300, "warn")])
def test_a_disk_that_is_nearly_full_is_told(
    free: int, state: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = machine.shutil.disk_usage("/")._replace(free=free * 2**20)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    assert f"{free} MB are free" in only(world, "disk", state=state).words


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home of its own, with the keys of the tests."""
    place = tmp_path / "home"
    place.mkdir(mode=0o700)
    before = settings.PROCESS
    keys = encrypted.key_file().read_text()
    settings.PROCESS = replace(before, home=place)
    (place / "keys").touch(mode=0o600)
    (place / "keys").write_text(keys)
    try:
        yield place
    finally:
        settings.PROCESS = before


def test_a_home_that_others_may_read_is_told(world: World, home: Path) -> None:
    assert {check.state for check in found(world).values()} == {"ok"}
    home.chmod(0o755)
    assert "chmod 700" in only(world, "home", state="warn").todo


def test_a_home_that_cannot_be_written_is_told(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", full)
    assert "No space left on device" in only(world, "home").words


def test_keys_that_others_may_read_are_told(world: World, home: Path) -> None:
    (home / "keys").chmod(0o644)
    assert "chmod 600" in only(world, "keys").todo


def test_keys_that_are_gone_are_told_and_none_are_made(world: World, home: Path) -> None:
    (home / "keys").unlink()
    assert "is gone" in found(world)["keys"].words


def test_keys_that_do_not_open_the_secrets_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = encrypted.MultiFernet([Fernet(Fernet.generate_key())])
    monkeypatch.setattr(encrypted, "_box", lambda: other)
    check = found(world)["keys"]
    assert (check.state, "secrets of acme" in check.words) == ("fail", True)


@sqlite_alone
def test_a_queue_that_cannot_be_read_is_told(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run.objects.create(connection=Connection.objects.get(), kind="sync", state="done", attempt=1)
    assert found(world)["queue"].state == "ok"  # there is none yet
    (home / "queue.sqlite3").write_text("rubbish " * 1000)
    queue.client.cache_clear()
    try:
        assert only(world, "queue").state == "fail"
    finally:
        queue.client.cache_clear()
