"""A full disk: clear words, nothing half done, and it goes on when there is room again."""

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError

from apart import apart
from chargepipe.actions.explain import explain
from chargepipe.sandbox import Sandbox
from chargepipe.store import full, reach
from chargepipe.store.models import Change, Run
from full_store import give_free_pages_back, room_for, write_too_much
from served import Home, served
from world import World

QUICK = {"CHARGEPIPE_LEASE_SECONDS": "1.5", "CHARGEPIPE_SETTLE_SECONDS": "0.2"}
MARK = "CB Customer ID"
sqlite_alone = pytest.mark.skipif(
    os.environ.get("CHARGEPIPE_TESTS_ON") == "postgresql", reason="the limit is SQLite's own"
)
root_alone = pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can be made by root alone")


def fill_and_go_on(world: World, run: Run, pages: int) -> tuple[bool, str, dict[str, int]]:
    """Whether the disk was ever full, the state of the run at last, and how often each mark is."""
    was_full = False
    with room_for(pages):
        try:
            world.go_on(run)
        except OperationalError as error:
            was_full = full.is_full(error) and reach.is_out_of_reach(error)
    world.clock.advance(world.env.lease_seconds + world.env.settle_seconds + 1)
    run.refresh_from_db()
    before = run.state
    if was_full:
        assert before in ("queued", "running"), "it neither ends nor fails"
        assert not run.message
    world.go_on(run)
    assert not Change.objects.filter(state__in=("intended", "unknown")).exists()
    code = next(f["field_code"] for f in world.crm.fields("person") if f["field_name"] == MARK)
    marks = Counter(p["custom_fields"].get(code) for p in world.crm.persons())
    marks.pop(None, None)
    return was_full, run.state, dict(marks)


@sqlite_alone
@pytest.mark.django_db(transaction=True)
def test_wherever_the_disk_is_full_nothing_is_half_done_and_the_run_goes_on() -> None:
    world = World(customers=25)
    connected = world.connect()
    run = Run.objects.create(connection=connected, kind="full", approved=True)
    give_free_pages_back()
    _, state, all_of_them = apart(fill_and_go_on, world, run, 10_000)
    assert state == "done"
    full_at = 0
    for pages in (0, 1, 3, 6, 10, 15, 21, 28):
        was_full, state, marks = apart(fill_and_go_on, world, run, pages)
        assert state == "done", pages
        assert marks == all_of_them, pages
        full_at += was_full
    assert full_at >= 5


@sqlite_alone
@pytest.mark.django_db(transaction=True)
def test_who_waits_for_room_says_so_gives_up_when_told_and_looks_ever_more_seldom() -> None:
    assert [reach._pause(looks) for looks in (1, 2, 4, 7, 30)] == [1, 2, 8, 60, 60]
    run = Run.objects.create(connection=World(customers=3).connect(), kind="full")
    seen: list[bool] = []

    def give_up() -> bool:
        seen.append(full.waiting.is_set())
        return len(seen) > 1

    with pytest.raises(OperationalError) as stopped:
        reach.patiently(write_too_much, give_up)
    assert seen == [False, True, True][: len(seen)]
    assert not full.waiting.is_set()
    run.refresh_from_db()
    assert not run.message
    told = explain(stopped.value)
    assert told is not None
    assert told.lines == (full.WORDS,)
    assert not told.wrong_use


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), OSError(122, "Disk quota exceeded")]
)
def test_a_file_that_does_not_fit_is_the_same_trouble(error: OSError) -> None:
    wrapped = RuntimeError("of a library")
    wrapped.__cause__ = error
    assert full.is_full(wrapped)
    assert not full.is_full(OSError(2, "No such file"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@root_alone
@sqlite_alone
def test_a_command_on_a_full_disk_ends_in_words_and_the_next_one_goes_on(small_disk: Path) -> None:
    sandbox = Sandbox(seed=1, customers=30, plan="ultimate")
    with served(sandbox) as ports:
        home = Home(small_disk / "home", sandbox, QUICK)
        home.apply(ports)
        enough = sandbox.counts.total() + 30
        process = home.fork("full", "acme", "--yes")
        while process.poll() is None and sandbox.counts.total() < enough:
            time.sleep(0.001)
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file:
            left = shutil.disk_usage(small_disk).free
            while left > 0:
                left -= file.write(b"\0" * min(left, 65_536))
        out, err = process.communicate()
        assert process.returncode == 1, out + err
        assert err.splitlines()[-1].startswith("The disk is full: run 1 stops here")
        assert len(err.splitlines()) == 1, err
        again = home.run("full", "acme", "--yes")
        assert again.returncode == 1
        assert again.stderr.strip().startswith("The disk is full"), again.stderr
        filler.unlink()
        ended = home.json("full", "acme", "--yes")
        assert (ended["state"], ended["run"]) == ("done", 1)
        fields = list(sandbox.crm.fields("person"))
        code = next(f["field_code"] for f in fields if f["field_name"] == MARK)
        marks = Counter(p["custom_fields"].get(code) for p in sandbox.crm.persons())
        marks.pop(None, None)
        assert set(marks.values()) == {1}
