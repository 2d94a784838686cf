from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from chargepipe.actions import doctor
from chargepipe.actions.connections import stored_file
from chargepipe.actions.doctor import Check, disk_kind
from chargepipe.pipedrive import Me
from chargepipe.store.models import Connection, Run
from world import World

MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
server:/export /data nfs4 rw 0 0
/dev/vdb1 /data/local ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/home/me", "ext4"), ("/data/chargepipe", "nfs4"), ("/data/local/x", "ext4")],
)
def test_a_folder_lies_on_the_nearest_mount(place: str, kind: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert disk_kind(Path(place), mounts) == kind


def test_a_system_that_does_not_tell_its_mounts_is_believed(tmp_path: Path) -> None:
    assert disk_kind(Path("/data"), tmp_path / "nothing") == ""


def judged(company: int = 1, admin: bool | None = True, off: float = 0.0) -> Check:
    me = Me(7, "Ann", "ann@example.com", 1, "Acme", "acme", "USD", "UTC", admin)
    then = datetime.now(UTC) - timedelta(seconds=off)
    return doctor._judged("acme: Pipedrive", me, company, then)


@pytest.mark.parametrize(
    ("check", "state", "words"),
    [
        (judged(), "ok", "admin"),
        (judged(company=2), "fail", "another company"),
        (judged(admin=False), "fail", "no admin"),
        (judged(admin=None), "warn", "does not say"),
        (judged(off=300), "warn", "clock is 300 s off"),
    ],
)
def test_pipedrives_answer_is_judged(check: Check, state: str, words: str) -> None:
    assert (check.state, words in check.words) == (state, True)


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(name="acme", file={}, site="acme-test")


@pytest.mark.parametrize(
    ("state", "minutes", "found"),
    [("running", 5, "stand still"), ("running", 1, "No run"), ("waiting", 5, "wait for a yes")],
)
def test_runs_that_nobody_moves_are_told(
    state: str, minutes: int, found: str, connection: Connection
) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    Run.objects.create(connection=connection, kind="sync", state=state, started_at=then)
    assert found in doctor._queue().words


def test_an_unlinked_connection_is_a_warning(connection: Connection) -> None:
    checks = {check.name: check.state for check in doctor.examine()}
    assert checks["acme"] == "warn"
    assert checks["database"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_the_doctor_tells_of_custom_fields_without_asking_anybody() -> None:
    world = World(customers=3, plan="lite")
    connection = world.connect('subscription_data = "person"')

    def told() -> tuple[str, str]:
        connection.refresh_from_db()
        world.sandbox.requests.clear()
        check = doctor._fields(connection, stored_file(connection))
        assert not world.sandbox.requests
        return check.state, check.words

    assert told() == ("ok", "The account's custom fields are looked at by the first run.")
    for number in range(20):
        world.crm.add_field("deal", field_name=f"F{number}", field_type="varchar")
    world.run(connection, "validate")
    state, words = told()
    assert (state, "2 do not fit" in words) == ("warn", True)
    world.crm.add_field("person", field_name="CB MRR", field_type="varchar")
    world.clock.advance(86_400)
    world.run(connection, "validate")
    state, words = told()
    assert (state, "has the type text" in words) == ("fail", True)
