"""Rule 15: links are repaired, drift is shown, and repaired only by wish."""

from typing import Any

import pytest

from chargepipe.actions import drift
from chargepipe.store.models import Connection, Link, Run, SyncError
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def later(world: World, connection: Connection, kind: str = "reconcile", **more: Any) -> Run:
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    run = world.run(connection, kind, **more)
    assert run.state in ("done", "waiting"), run.message
    return run


def writes(world: World) -> list[str]:
    return [m for s, m, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def person_of(world: World, customer_id: str) -> dict[str, Any]:
    return world.crm.person(Link.objects.get(kind="person", source_key=customer_id).pipedrive_id)


def named(world: World, *names: str, **more: Any) -> list[str]:
    add = world.billing.add_customer
    return [add(first_name=n, email=f"{n.lower()}@x.co", **more)["id"] for n in names]


def field_code(world: World, entity: Any, name: str) -> str:
    return next(f["field_code"] for f in world.crm.fields(entity) if f["field_name"] == name)


def test_without_drift_nothing_is_shown_and_nothing_written(world: World):
    connection = world.connect()
    named(world, "Ada", "Bob", company="Acme")
    world.run(connection, "full")
    run = later(world, connection)
    assert (drift.rows(run), writes(world)) == ([], [])
    assert (run.counts["customers"], run.counts["unchanged"]) == (2, 2)


def test_what_a_person_changed_is_shown_and_stays(world: World):
    connection = world.connect()
    ada, _ = named(world, "Ada", "Bob")
    world.run(connection, "full")
    first = person_of(world, ada)
    world.crm.edit_person(first["id"], name="Ada of sales")
    run = later(world, connection)
    assert (writes(world), run.counts["updated"]) == ([], 1)
    (row,) = drift.rows(run)
    assert (row.customer, row.pipedrive_id, row.field) == (ada, first["id"], "name")
    assert (row.holds, row.billing) == ("Ada of sales", "Ada")
    assert row.changed.startswith("not by us")
    assert person_of(world, ada)["name"] == "Ada of sales"


def test_what_billing_changed_since_our_write_is_told_from_it(world: World):
    connection = world.connect()
    (ada,) = named(world, "Ada")
    full = world.run(connection, "full")
    world.billing.edit_customer(ada, first_name="Ida")
    (row,) = drift.rows(later(world, connection))
    assert (row.holds, row.billing) == ("Ada", "Ida")
    assert row.changed.startswith(f"by us, run {full.pk}, ")


def test_repair_writes_what_billing_says(world: World):
    connection = world.connect()
    ada, _ = named(world, "Ada", "Bob", company="Acme")
    world.run(connection, "full")
    world.crm.edit_person(person_of(world, ada)["id"], name="Other")
    (organization,) = world.crm.organizations()
    code = field_code(world, "organization", "CB Status")
    world.crm.edit_organization(organization["id"], custom_fields={code: None})
    run = later(world, connection, repair=True)
    assert sorted(writes(world)) == ["PATCH", "PATCH"]
    assert person_of(world, ada)["name"] == "Ada"
    assert {(row.kind, row.field) for row in drift.rows(run)} == {
        ("person", "name"),
        ("organization", "CB Status"),
    }
    assert drift.rows(later(world, connection)) == []


def test_repair_asks_where_it_would_change_many(world: World):
    connection = world.connect()
    people = named(world, *(f"Name{n}" for n in range(12)))
    world.run(connection, "full")
    for customer in people:
        world.crm.edit_person(person_of(world, customer)["id"], name="X")
    run = later(world, connection, repair=True, approved=False)
    assert (run.state, writes(world)) == ("waiting", [])
    Run.objects.filter(pk=run.pk).update(state="queued", approved=True)
    assert world.go_on(run).counts["updated"] == 12


def test_a_person_that_is_gone_is_made_again_and_drift_only_shown(world: World):
    connection = world.connect()
    ada, bob = named(world, "Ada", "Bob")
    world.run(connection, "full")
    gone = person_of(world, ada)["id"]
    world.crm.delete_person(gone)
    world.crm.edit_person(person_of(world, bob)["id"], name="Rob")
    run = later(world, connection)
    assert writes(world) == ["POST"]
    assert person_of(world, ada)["id"] != gone
    assert [row.customer for row in drift.rows(run)] == [bob]
    assert (run.counts["created"], run.counts["updated"], run.counts["customers"]) == (1, 1, 2)


def test_a_person_that_is_gone_is_left_so_by_setting(world: World):
    connection = world.connect('deleted_persons = "leave"')
    (ada,) = named(world, "Ada")
    world.run(connection, "full")
    world.crm.delete_person(person_of(world, ada)["id"])
    run = later(world, connection)
    assert (writes(world), drift.rows(run)) == ([], [])


def test_a_merged_person_is_followed(world: World):
    connection = world.connect()
    (ada,) = named(world, "Ada")
    world.run(connection, "full")
    loser = person_of(world, ada)["id"]
    winner = world.crm.add_person(name="Ada")["id"]
    world.crm.merge_persons(loser, winner)
    later(world, connection)
    assert person_of(world, ada)["id"] == winner
    assert sum(1 for _ in world.crm.persons()) == 1


def test_an_organization_that_is_gone_is_made_again_and_its_people_join_it(world: World):
    connection = world.connect()
    ada, bob = named(world, "Ada", "Bob", company="Acme")
    world.run(connection, "full")
    (organization,) = world.crm.organizations()
    world.crm.delete_organization(organization["id"])
    run = later(world, connection)
    (made,) = world.crm.organizations()
    assert made["id"] != organization["id"]
    assert {person_of(world, each)["org_id"] for each in (ada, bob)} == {made["id"]}
    assert drift.rows(run) == []


def test_customers_that_share_a_person_show_the_drift_of_the_last(world: World):
    connection = world.connect()
    ids = [world.billing.add_customer(email="t@x.co", first_name=n)["id"] for n in ("A", "B")]
    world.clock.advance(10)
    world.billing.edit_customer(ids[0], first_name="Last")
    world.run(connection, "full")
    assert drift.rows(later(world, connection)) == []
    world.crm.edit_person(person_of(world, ids[0])["id"], name="X")
    (row,) = drift.rows(later(world, connection))
    assert (row.customer, row.billing) == (ids[0], "Last")


def test_of_customers_that_share_a_person_the_one_written_last_has_the_last_word(world: World):
    connection = world.connect()
    for name in ("older", "newer"):
        world.billing.add_customer(id=name, first_name=name, email="both@x.co")
        world.clock.advance(5)
    world.run(connection, "full")
    world.billing.add_subscription("older")
    later(world, connection, "sync")
    assert person_of(world, "older")["name"] == "older"
    later(world, connection, "full")
    run = later(world, connection)
    assert (drift.rows(run), writes(world)) == ([], [])
    later(world, connection, repair=True)
    assert writes(world) == []


def test_who_moved_away_does_not_speak_for_those_that_share_its_person(world: World):
    connection = world.connect()
    ids = [world.billing.add_customer(email="t@x.co", first_name=n)["id"] for n in ("A", "B")]
    world.clock.advance(10)
    world.billing.edit_customer(ids[1], first_name="Moved")
    world.run(connection, "full")
    world.billing.edit_customer(ids[1], active_id="elsewhere")
    world.crm.edit_person(person_of(world, ids[0])["id"], name="X")
    rows = drift.rows(later(world, connection))
    assert ("name", ids[0], "A") in [(row.field, row.customer, row.billing) for row in rows]


def test_where_nobody_is_linked_it_says_what_comes_first(world: World):
    connection = world.connect()
    named(world, "Ada")
    run = later(world, connection)
    assert "Nobody is linked yet" in run.message
    assert "chargepipe full acme" in run.message


def test_unlinked_customers_are_not_made(world: World):
    connection = world.connect()
    ada, _ = named(world, "Ada", "Bob")
    world.run(connection, "trial", only=[ada])
    run = later(world, connection)
    assert (writes(world), run.counts["customers"]) == ([], 1)


def test_people_are_read_by_the_walk_that_looks_for_them(transactional_db: None):
    """Measured: reading 1,000 linked people by id would cost 100 tokens more."""
    world = World(customers=1000, people_before=0.0)
    connection = world.connect()
    world.run(connection, "full")
    linked = Link.objects.count()
    assert linked > 900
    run = later(world, connection)
    persons = sum(1 for _ in world.crm.persons())
    organizations = sum(1 for _ in world.crm.organizations())
    walks = 10 * (persons // 500 + 1 + organizations // 500 + 1)
    assert run.tokens <= walks + 2, "the walks and the question who we are"
    assert drift.rows(run) == []


def test_a_hidden_person_is_an_error_and_never_made_again(world: World):
    from chargepipe.sandbox import Options

    world = World(customers=0, people_before=0.0, options=Options(hidden="403"))
    connection = world.connect()
    (ada,) = named(world, "Ada")
    world.run(connection, "full")
    world.crm.hide("person", person_of(world, ada)["id"])
    later(world, connection)
    assert writes(world) == []
    assert SyncError.objects.get(state="open").code == "hidden_person"
