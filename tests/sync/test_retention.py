"""What is old is forgotten, but for what somebody may still ask for."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from chargepipe.actions import undo, why
from chargepipe.actions.refusal import Refused
from chargepipe.store.models import (
    Change,
    Connection,
    Invitation,
    Link,
    PullState,
    Record,
    Run,
    Session,
    SyncError,
)
from chargepipe.sync.retention import forget
from people import later, people, person_of, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = 400


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def customer(world: World, name: str = "Ada", **more: Any) -> str:
    row = {"first_name": name, "email": f"{name}@x.co".lower(), "phone": "+4930901820", **more}
    return world.billing.add_customer(**row)["id"]


def age(*runs: Run, days: int = DAYS + 1) -> None:
    """Let runs have ended so long ago."""
    for run in runs:
        Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(days=days))


def go(now: datetime | None = None) -> None:
    for _ in forget(now or timezone.now(), DAYS):
        pass


def written() -> list[tuple[int, str, str]]:
    rows = Change.objects.filter(state="written").order_by("pk")
    return list(rows.values_list("run_id", "kind", "source_key"))


def story(world: World, key: str) -> list[tuple[Any, ...]]:
    fields = why.explain("acme", key, env=world.env).fields
    return [(f.kind, f.field, f.value, f.since, f.run) for f in fields]


def test_the_newest_write_of_each_field_stays_and_what_was_written_over_goes(world: World) -> None:
    connection = world.connect("organizations = true")
    ada = customer(world, company="Acme")
    full = world.run(connection, "full")
    runs = [full]
    for phone in ("+4930901821", "+4930901822", "+4930901823"):
        world.billing.edit_customer(ada, phone=phone)
        runs.append(later(world, connection))
    told = story(world, ada)
    age(*runs)
    go()
    assert story(world, ada) == told
    kept = [run for run, kind, key in written() if (kind, key) == ("person", ada)]
    assert kept == [full.pk, runs[-1].pk]
    assert Run.objects.exclude(shortened_at=None).count() == len(runs) - 2
    assert not Run.objects.filter(pk__in=[runs[1].pk, runs[2].pk]).exists()
    assert later(world, connection).counts["updated"] == 0
    assert writes(world) == []


def test_what_a_later_write_has_made_idle_goes_with_it(world: World) -> None:
    connection = world.connect("")
    ada = customer(world)
    world.run(connection, "full")
    world.billing.edit_customer(ada, phone="+4930901821")
    first = later(world, connection)
    age(*Run.objects.all())
    go()
    assert first.pk in [run for run, _, key in written() if key == ada]
    world.billing.edit_customer(ada, phone="+4930901822")
    second = later(world, connection)
    go()
    assert first.pk in [run for run, _, key in written() if key == ada]
    age(second)
    go()
    assert first.pk not in [run for run, _, key in written() if key == ada]


def test_nothing_that_is_young_goes(world: World) -> None:
    connection = world.connect("")
    customer(world)
    run = world.run(connection, "full")
    age(run, days=DAYS - 1)
    before = written()
    go()
    assert written() == before
    assert Run.objects.get().shortened_at is None


def test_a_young_run_is_undone_as_if_nothing_had_been_forgotten(world: World) -> None:
    connection = world.connect("organizations = true")
    ada = customer(world, company="Acme")
    age(world.run(connection, "full"))
    before = person_of(world, ada)
    world.billing.edit_customer(ada, phone="+4930901899", first_name="Adelaide")
    young = later(world, connection)
    go()
    assert later(world, connection, "undo", about=young).state == "done"
    after = person_of(world, ada)
    assert (after["name"], after["phones"]) == (before["name"], before["phones"])


def test_an_undo_of_an_old_run_is_undone_and_brings_everybody_back(world: World) -> None:
    connection = world.connect("")
    ada = customer(world)
    full = world.run(connection, "full")
    back = later(world, connection, "undo", about=full)
    assert people(world) == []
    age(full)
    go()
    assert Change.objects.filter(run=full, kind="person").count() == 1
    assert later(world, connection, "undo", about=back).state == "done"
    assert person_of(world, ada)["name"] == "Ada"


def test_a_run_that_was_shortened_is_not_taken_back_by_halves(world: World) -> None:
    connection = world.connect("")
    ada = customer(world)
    full = world.run(connection, "full")
    age(full)
    go()
    with pytest.raises(Refused, match="too old"):
        undo.start(full.pk)
    full.refresh_from_db()
    assert not undo.is_possible(full)
    change = Change.objects.get(kind="person", source_key=ada)
    assert undo.start_change(change.pk).about == full


def test_a_record_with_an_error_keeps_its_journal_and_its_run(world: World) -> None:
    connection = world.connect("")
    ada = customer(world)
    full = world.run(connection, "full")
    world.billing.edit_customer(ada, phone="+4930901821")
    update = later(world, connection)
    world.billing.edit_customer(ada, phone="+4930901822")
    last = later(world, connection)
    SyncError.objects.create(
        connection=connection,
        run=update.pk,
        kind="customer",
        source_key=ada,
        code="refused",
        words="",
        opened_at=timezone.now() - timedelta(days=DAYS + 5),
    )
    age(full, update, last)
    go()
    assert update.pk in [run for run, _, key in written() if key == ada]
    error = SyncError.objects.get(code="refused")
    error.state, error.resolved_at = "resolved", timezone.now() - timedelta(days=DAYS + 1)
    error.save()
    go()
    assert not SyncError.objects.filter(code="refused").exists()


def test_runs_without_a_trace_go_but_for_the_last_of_their_kind(world: World) -> None:
    connection = world.connect("")
    age(*[Run.objects.create(connection=connection, kind="sync", state="done") for _ in range(5)])
    waiting = Run.objects.create(connection=connection, kind="sync", state="waiting")
    failed = Run.objects.create(connection=connection, kind="validate", state="failed")
    age(failed)
    go()
    left = Run.objects.values_list("pk", flat=True)
    assert set(left) == {waiting.pk, failed.pk}


def test_what_was_stopped_at_any_batch_goes_on_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargepipe.sync.retention.AT_ONCE", 2)
    connection = world.connect("organizations = true")
    ids = [customer(world, f"Ada{number}", company=f"Acme{number}") for number in range(4)]
    world.run(connection, "full")
    for id in ids:
        world.billing.edit_customer(id, phone="+4930901877")
    later(world, connection)
    age(*Run.objects.all())
    told = [story(world, id) for id in ids]
    for batches in range(40):
        for _ in itertools.islice(forget(timezone.now(), DAYS), batches):
            pass
    assert [story(world, id) for id in ids] == told
    assert not Run.objects.filter(shortened_at=None).exists()


def unlisted(connection: Connection, source_id: str, **more: Any) -> Record:
    """A record as a walk saw it long ago; Chargebee does not list it any more."""
    row = {"kind": "customer", "customer_id": source_id, "attributes": {"id": source_id}, **more}
    return Record.objects.create(connection=connection, source_id=source_id, updated_at=1, **row)


def test_a_deleted_customer_that_chargebee_has_forgotten_leaves_the_mirror_if_nothing_hangs_on_it(
    world: World,
) -> None:
    connection = world.connect("organizations = true")
    ada = customer(world)
    world.run(connection, "full")
    for name in ("gone", "linked", "failing"):
        unlisted(connection, name)
    of_acme = {"id": "member", "company": "Acme"}
    unlisted(connection, "member", company_key="acme", attributes=of_acme)
    unlisted(connection, "s1", kind="subscription", customer_id="gone")
    for kind, key in (("person", "linked"), ("organization", "acme")):
        Link.objects.create(
            connection=connection, kind=kind, source_key=key, pipedrive_id=99, reason="key"
        )
    Link.objects.filter(source_key="linked").update(pipedrive_id=person_of(world, ada)["id"])
    world.clock.advance(86_400)
    world.run(connection, "sync")
    SyncError.objects.create(
        connection=connection,
        kind="customer",
        source_key="failing",
        code="refused",
        words="",
        opened_at=timezone.now(),
    )
    now = world.clock.now()
    for _ in range(2):  # a customer goes after its subscriptions
        go(now)
    left = set(Record.objects.values_list("source_id", flat=True))
    assert {"linked", "failing", "member", ada} <= left
    assert not {"gone", "s1"} & left
    world.billing.delete_customer(ada)
    world.clock.advance(86_400)
    world.run(connection, "sync", approved=True)
    go(world.clock.now() + timedelta(days=DAYS + 10))
    assert Record.objects.filter(source_id=ada).exists()  # Chargebee still lists it


def test_an_invoice_that_was_deleted_long_ago_leaves_the_mirror_if_it_has_no_deal(
    world: World,
) -> None:
    connection = world.connect("[settings.invoice_deals]\nenabled = true")
    ada = customer(world)
    world.run(connection, "full")
    world.clock.advance(3600)
    for name in ("kept", "dealt", "failing", "gone", "young"):
        world.billing.add_invoice(ada, id=name, status="pending" if name == "gone" else "paid")
    later(world, connection)
    dealt = Link.objects.get(source_key="invoice:dealt")
    Link.objects.filter(kind="deal").exclude(pk=dealt.pk).delete()
    for name in ("dealt", "failing", "gone"):
        world.billing.delete_invoice(name)
    later(world, connection)
    long_after = world.clock.now() + timedelta(days=DAYS + 2)
    Run.objects.update(finished_at=timezone.now() - timedelta(days=DAYS + 1))
    world.clock.advance(timedelta(days=DAYS).total_seconds())
    world.billing.delete_invoice("young")
    later(world, connection)
    SyncError.objects.create(
        connection=connection,
        kind="deal",
        source_key="invoice:failing",
        code="refused",
        words="",
        opened_at=timezone.now(),
    )
    go(long_after)
    left = set(Record.objects.filter(kind="invoice").values_list("source_id", flat=True))
    assert left == {"kept", "dealt", "failing", "young"}
    # A full sync reads it anew, as deleted, and makes nothing of it.
    before = len(list(world.crm.deals()))
    world.run(connection, "full")
    assert len(list(world.crm.deals())) == before


def test_the_mirror_of_a_connection_that_was_unlinked_long_ago_goes_and_is_read_again(
    world: World,
) -> None:
    connection = world.connect("")
    ada = customer(world)
    world.run(connection, "full")
    account = connection.account
    Connection.objects.update(account=None, created_at=timezone.now() - timedelta(days=DAYS + 2))
    go()
    assert Record.objects.exists()
    Run.objects.update(created_at=timezone.now() - timedelta(days=DAYS + 1))
    go()
    assert not Record.objects.exists()
    assert not PullState.objects.exists()
    assert Link.objects.get(kind="person").source_key == ada
    Connection.objects.update(account=account)
    later(world, Connection.objects.get())
    assert (Record.objects.count(), writes(world)) == (1, [])


def test_sign_ins_and_invitations_that_are_over_go(db: None) -> None:
    now = timezone.now()
    for key, moment in (("old", now - timedelta(days=1)), ("new", now + timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=moment)
        Invitation.objects.create(token_hash=key, role="viewer", expires_at=moment)
    go()
    assert Session.objects.get().session_key == "new"
    assert Invitation.objects.get().token_hash == "new"
