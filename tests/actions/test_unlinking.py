"""Unlink and link again: nothing is lost, nothing is made twice; what we wrote can be cleared."""

from typing import Any

import pytest

from chargepipe.actions import connections, runs, unlinking
from chargepipe.actions.refusal import Refused
from chargepipe.store.models import Change, Connection, Link, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

ENTITIES = 'business_entities = ["be_1", "be_2"]\norganizations = true'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def writes(world: World) -> list[tuple[str, str]]:
    return [(m, p) for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def custom(world: World, entity: Any, row: dict[str, Any]) -> dict[str, Any]:
    """The filled custom fields of a record, by name."""
    names = {f["field_code"]: f["field_name"] for f in world.crm.fields(entity)}
    return {names[c]: v for c, v in row["custom_fields"].items() if v is not None and c in names}


def snapshot(world: World) -> list[Any]:
    """All that people and organizations hold, but for the time of their last change."""
    rows = [*world.crm.persons(), *world.crm.organizations()]
    return [{k: v for k, v in row.items() if k != "update_time"} for row in rows]


def three(world: World, **more: Any) -> list[str]:
    return [
        world.billing.add_customer(
            email=f"c{n}@x.co", company=f"Company {n}", phone="+49 30 123456", **more
        )["id"]
        for n in range(3)
    ]


def later(world: World, connection: Connection, kind: str, **more: Any) -> Run:
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    return world.run(connection, kind, **more)


def test_linked_again_a_sync_writes_nothing(world: World):
    connection = world.connect()
    three(world)
    world.run(connection, "full")
    unlinking.unlink("acme")
    connection = world.connect()
    run = later(world, connection, "sync")
    assert (run.state, writes(world)) == ("done", [])
    assert connection.field_suffix == ""


def test_without_links_people_are_found_by_their_mark(world: World):
    connection = world.connect()
    three(world)
    world.run(connection, "full")
    for person in world.crm.persons():
        world.crm.edit_person(person["id"], emails=[{"value": f"other{person['id']}@x.co"}])
    unlinking.unlink("acme", keep_links=False)
    later(world, world.connect(), "full")
    assert len(list(world.crm.persons())) == 3
    assert set(Link.objects.filter(kind="person").values_list("reason", flat=True)) == {"mark"}


def test_a_clear_asks_first_and_then_leaves_nothing_of_ours(world: World):
    connection = world.connect()
    kept = world.crm.add_person(
        name="Kay", emails=[{"value": "c0@x.co"}], phones=[{"value": "+49 40 777777"}]
    )["id"]
    three(world)
    world.run(connection, "full")
    world.sandbox.requests.clear()
    run = world.run(connection, "clear", approved=False)
    assert (run.state, writes(world)) == ("waiting", [])
    assert "off 3 people and 3 organizations" in run.questions[0]
    Run.objects.filter(pk=run.pk).update(state="queued", approved=True)
    assert world.go_on(run).state == "done"
    for person in world.crm.persons():
        assert custom(world, "person", person) == {}
        own = person["id"] == kept
        assert [e["value"] for e in person["emails"]] == (["c0@x.co"] if own else [])
        assert [p["value"] for p in person["phones"]] == (["+49 40 777777"] if own else [])
    assert all(custom(world, "organization", row) == {} for row in world.crm.organizations())
    assert len(list(world.crm.persons())) == 3, "nobody is deleted"


def test_what_a_person_changed_since_stays_when_we_clear(world: World):
    tier = '[[settings.additional_fields]]\nfrom = "customer.cf_tier"\nto = "person.Tier"'
    connection = world.connect(tier)
    ids = three(world, cf_tier="gold")
    world.run(connection, "full")
    first = Link.objects.get(kind="person", source_key=ids[0]).pipedrive_id
    code = next(f["field_code"] for f in world.crm.fields("person") if f["field_name"] == "Tier")
    world.crm.edit_person(first, emails=[{"value": "mine@x.co"}], custom_fields={code: "platinum"})
    world.run(connection, "clear")
    person = world.crm.person(first)
    assert [e["value"] for e in person["emails"]] == ["mine@x.co"]
    assert custom(world, "person", person) == {"Tier": "platinum"}


def test_a_clear_is_undone_like_any_run(world: World):
    connection = world.connect()
    three(world)
    world.run(connection, "full")
    before = snapshot(world)
    cleared = world.run(connection, "clear")
    assert snapshot(world) != before
    undo = world.run(connection, "undo", about=cleared)
    assert (undo.state, snapshot(world)) == ("done", before), undo.message


def test_who_takes_a_clear_back_has_the_sync_again(world: World):
    connection = world.connect()
    ids = three(world)
    world.run(connection, "full")
    cleared = world.run(connection, "clear")
    world.run(connection, "undo", about=cleared)
    world.billing.add_subscription(ids[0])
    assert later(world, connection, "sync").counts["updated"] == 1
    assert later(world, connection, "full").counts["skipped"] == 0
    assert writes(world) == []


def test_a_shared_person_holds_the_last_customer_again_after_its_clear_is_taken_back(world: World):
    connection = world.connect()
    for name in ("Old", "New"):
        world.billing.add_customer(email="both@x.co", first_name=name)
        world.clock.advance(60)
    world.run(connection, "full")
    before = snapshot(world)
    cleared = world.run(connection, "clear")
    world.run(connection, "undo", about=cleared)
    assert later(world, connection, "sync").state == "done"
    assert snapshot(world) == before


def test_what_was_cleared_after_a_question_stays_so(world: World):
    connection = world.connect()
    three(world)
    world.run(connection, "full")
    asked = world.run(connection, "clear", approved=False)
    assert asked.state == "waiting"
    runs.cancel(asked.pk)
    world.run(connection, "clear")
    before = snapshot(world)
    later(world, connection, "sync")
    assert (writes(world), snapshot(world)) == ([], before)


def test_a_cleared_connection_that_is_linked_again_fills_the_same_people(world: World):
    connection = world.connect()
    three(world)
    world.run(connection, "full")
    before = snapshot(world)
    world.run(connection, "clear")
    unlinking.unlink("acme")
    run = later(world, world.connect(), "full")
    assert (run.counts["created"], run.counts["updated"]) == (0, 3)
    assert snapshot(world) == before


def test_customers_that_share_a_person_are_cleared_together(world: World):
    connection = world.connect()
    for name in "AB":
        world.billing.add_customer(
            email="twin@x.co", first_name=name, phone=f"+49 30 99900{ord(name)}"
        )
    world.run(connection, "full")
    world.run(connection, "clear")
    (person,) = world.crm.persons()
    assert (person["emails"], person["phones"]) == ([], [])
    assert custom(world, "person", person) == {}
    assert later(world, connection, "clear").state == "done"
    assert writes(world) == []


def test_a_business_entity_is_left_and_what_we_wrote_stays_or_is_cleared(world: World):
    connection = world.connect(ENTITIES)
    kept = world.billing.add_customer(email="a@x.co", business_entity_id="be_1")["id"]
    left = world.billing.add_customer(email="b@x.co", business_entity_id="be_2")["id"]
    world.run(connection, "full")
    before = snapshot(world)
    connection = unlinking.leave("acme", ["be_2"])
    assert connections.stored_file(connection).settings.business_entities == ("be_1",)
    world.billing.edit_customer(left, first_name="New")
    run = later(world, connection, "sync")
    assert (run.counts["skipped"], snapshot(world)) == (1, before)
    run = later(world, connection, "clear", only=["be_2"])
    assert run.counts["updated"] == 1
    cleared = {c.source_key for c in Change.objects.filter(run=run, kind="person")}
    assert cleared == {left}
    person = world.crm.person(Link.objects.get(source_key=kept).pipedrive_id)
    assert "CB Customer ID" in custom(world, "person", person)


@pytest.mark.parametrize("last", ["left", "kept"])
def test_a_person_that_a_customer_of_a_chosen_entity_shares_is_left_to_that_one(
    world: World, last: str
):
    connection = world.connect(ENTITIES)
    more = {
        "left": {"business_entity_id": "be_2", "first_name": "Leo", "phone": "+4930901820"},
        "kept": {"business_entity_id": "be_1", "first_name": "Kay"},
    }
    for id in sorted(more, key=lambda each: each == last):
        world.billing.add_customer(id=id, email="both@x.co", **more[id])
        world.clock.advance(60)
    world.run(connection, "full")
    connection = unlinking.leave("acme", ["be_2"])
    later(world, connection, "clear", only=["be_2"])
    later(world, connection, "sync")
    (person,) = world.crm.persons()
    held = custom(world, "person", person)
    assert (held["CB Customer ID"], held["CB Business Entity"]) == ("kept", "be_1")
    assert [each["value"] for each in person["emails"]] == ["both@x.co"]
    assert (person["name"], person["phones"]) == ("Kay", [])


def test_an_organization_that_a_chosen_entity_shares_is_not_cleared(world: World):
    connection = world.connect(ENTITIES)
    for n, entity in enumerate(("be_1", "be_2")):
        world.billing.add_customer(email=f"{n}@x.co", company="Acme", business_entity_id=entity)
    world.billing.add_customer(email="z@x.co", company="Zeta", business_entity_id="be_2")
    world.run(connection, "full")
    unlinking.leave("acme", ["be_2"])
    connection.refresh_from_db()
    world.run(connection, "clear", only=["be_2"])
    held = {row["name"]: custom(world, "organization", row) for row in world.crm.organizations()}
    assert "CB Status" in held["Acme"]
    assert held["Zeta"] == {}


def test_only_the_entity_that_is_left_is_cleared_and_later_another(world: World):
    connection = world.connect("organizations = true")
    for n, entity in enumerate((None, "be_1", "be_2", "be_3")):
        world.billing.add_customer(
            email=f"{n}@x.co", company=f"Company {n}", business_entity_id=entity
        )
    world.run(connection, "full")
    world.connect('business_entities = ["be_1", "be_2"]\norganizations = true')
    unlinking.leave("acme", ["be_2"])
    run = world.go_on(unlinking.clear("acme", entities=["be_2"], confirmed=True))
    assert {c.after.get("CB Customer ID") for c in run.changes.filter(kind="person")} == {None}
    assert [c.source_key for c in run.changes.filter(kind="organization")] == ["company 2"]
    run = world.go_on(unlinking.clear("acme", entities=["be_3"], confirmed=True))
    assert run.counts["updated"] == 1
    marks = [custom(world, "person", row).get("CB Customer ID") for row in world.crm.persons()]
    assert sum(mark is None for mark in marks) == 2
    for entity, words in (("be_1", "still syncs"), ("be_9", "knows no customer")):
        with pytest.raises(Refused, match=words):
            unlinking.clear("acme", entities=[entity])


@pytest.mark.parametrize(
    ("settings", "entities", "words"),
    [
        ("", ["be_1"], "syncs all business entities"),
        (ENTITIES, ["be_3"], "does not sync the business entity be_3"),
        (ENTITIES, ["be_1", "be_2"], "unlink it altogether"),
    ],
)
def test_an_entity_that_cannot_be_left_is_refused(
    world: World, settings: str, entities: list[str], words: str
):
    world.connect(settings)
    with pytest.raises(Refused, match=words):
        unlinking.leave("acme", entities)


def test_a_run_under_way_stands_in_the_way(world: World):
    Run.objects.create(connection=world.connect(), kind="sync")
    with pytest.raises(Refused, match=r"Run \d+ of acme \(sync\) is queued.*run cancel"):
        unlinking.unlink("acme")


def test_a_suffix_is_kept_for_good_so_that_two_sites_never_meet(world: World):
    def suffix(name: str) -> str:
        return Connection.objects.get(name=name).field_suffix

    world.connect()
    unlinking.unlink("acme")
    world.connect(name="second")
    assert suffix("second") == "acme-test", "the unlinked one has the plain names still"
    world.connect()
    assert suffix("acme") == ""
    world.connect(name="third")
    assert suffix("third") == "third", "its site's name is taken"


def test_another_site_under_the_same_name_takes_fields_of_its_own(world: World):
    connection = world.connect()
    three(world)
    world.run(connection, "full")
    unlinking.unlink("acme")
    text = world.text().replace('"acme-test"', '"other-test"')
    connection, _ = connections.apply(connections.propose(text), world.env)
    assert (connection.field_suffix, connection.field_codes) == ("other-test", {})


def test_links_end_with_the_company_and_so_do_the_codes_of_its_fields(world: World):
    connection = world.connect()
    three(world)
    world.run(connection, "full")
    unlinking.unlink("acme")
    world.crm.me["company_id"] = 4711
    connection = world.connect()
    assert (connection.field_suffix, connection.field_codes) == ("", {})
    assert not Link.objects.exists()


def test_rules_changed_while_it_was_unlinked_are_applied_to_everything_by_a_full_sync(world: World):
    connection = world.connect('overwrite = "fill_empty"')
    ids = three(world, first_name="Ada")
    world.run(connection, "full")
    person = Link.objects.get(kind="person", source_key=ids[0]).pipedrive_id
    world.crm.edit_person(person, name="By hand")
    unlinking.unlink("acme")
    run = later(world, world.connect('overwrite = "always"'), "full")
    assert (run.counts["updated"], world.crm.person(person)["name"]) == (1, "Ada")
