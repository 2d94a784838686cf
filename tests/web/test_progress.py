"""How far a run is: by kind of record, with a time left that is calm."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chargepipe.actions.progress import KNOWN, KNOWN_SECONDS, progress, roughly
from chargepipe.store.models import Change, Connection, Run


def writing(acme: Connection, seconds: float = 0, **numbers: tuple[int, int]) -> Run:
    """A run that has written so many of so many of each kind, since so many seconds."""
    total = sum(of for _, of in numbers.values())
    run = acme.runs.create(kind="full", state="running", total=total, started_at=timezone.now())
    begun = timezone.now() - timedelta(seconds=seconds)
    for kind, (done, of) in numbers.items():
        add(run, kind, "written", done, written_at=begun)
        add(run, kind, "planned", of - done)
    return run


def add(run: Run, kind: str, state: str, number: int, **more: object) -> None:
    account = run.connection.account
    assert account is not None
    rows = (
        Change(
            run=run,
            connection=run.connection,
            account=account,
            action="create",
            kind=kind,
            source_key=f"{state}-{each}",
            state=state,
            **more,
        )
        for each in range(number)
    )
    Change.objects.bulk_create(rows)


def test_each_kind_of_record_is_counted_for_itself(acme: Connection, admin: Client) -> None:
    run = writing(acme, person=(12, 40), organization=(5, 5), person_field=(2, 2))
    add(run, "deal", "failed", 1)
    add(run, "deal", "unknown", 2)
    add(run, "person", "stale", 7)
    words = (
        "18 of 48 changes written: people 12 of 40, organizations 5 of 5, deals 1 of 3; "
        "custom fields 2 of 2."
    )
    for page in (f"/c/acme/runs/{run.pk}/", "/c/acme/setup/all", "/c/acme/"):
        text = admin.get(page).content.decode()
        assert words in text, page
        assert '<progress max="48" value="18"' in text


def test_the_time_left_is_said_once_it_is_known(acme: Connection) -> None:
    def left(seconds: float, done: int) -> str:
        found = progress(writing(acme, seconds, person=(done, 100), person_field=(3, 3)))
        assert found is not None
        return found.left

    assert left(KNOWN_SECONDS + 1, KNOWN - 1) == ""
    assert left(KNOWN_SECONDS - 5, 50) == ""
    assert left(200, 50) == "about 4 min"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (60, "less than a minute"),
        (61, "about 2 min"),
        (600, "about 10 min"),
        (601, "about 15 min"),
        (3599, "about 1 h"),
        (4000, "about 1.5 h"),
        (50_000, "about 14 h"),
    ],
)
def test_a_time_left_is_coarse(seconds: float, words: str) -> None:
    assert roughly(seconds) == words


def test_a_pace_begins_with_what_was_written_first(acme: Connection) -> None:
    run = writing(acme, 20, person=(50, 100))
    first = run.changes.filter(state="written").order_by("-pk")[:10].values("pk")
    earlier = timezone.now() - timedelta(seconds=200)
    run.changes.filter(pk__in=list(first.values_list("pk", flat=True))).update(written_at=earlier)
    found = progress(run)
    assert found is not None
    assert found.left == "about 4 min"


def test_what_is_planned_anew_after_a_pause_is_not_a_full_bar(
    acme: Connection, admin: Client
) -> None:
    run = writing(acme, 200, person=(50, 100))
    run.changes.filter(state="planned").delete()
    run.done = 50
    run.save()
    assert progress(run) is None
    words = "Reading and planning what is left, 50 changes are written;"
    assert words in admin.get(f"/c/acme/runs/{run.pk}/").content.decode()
    run.done = run.total
    assert progress(run) is not None, "all is written"


def test_custom_fields_are_not_among_the_changes_of_a_run(acme: Connection) -> None:
    run = acme.runs.get()
    written = run.changes.filter(state="written")
    records = written.exclude(kind__endswith="_field")
    assert records.count() < written.count()
    assert (run.done, run.total) == (records.count(), records.count())


def test_a_run_that_writes_nothing_has_no_bar_of_writes(acme: Connection) -> None:
    assert progress(acme.runs.create(kind="validate", state="running")) is None
    assert progress(acme.runs.create(kind="full", state="done", total=3)) is None
