"""Undo (rule 12): what was made is gone, what was changed is as it was, and nobody's edit is lost.

Before and after are compared as Pipedrive shows them, with every field of the account.
"""

from typing import Any

import pytest

from chargepipe.store.models import Change, Connection, Link, Record, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
OWN_TIMES = ("update_time",)


@pytest.fixture
def world() -> World:
    return World(customers=30)


@pytest.fixture
def connection(world: World) -> Connection:
    return world.connect()


def small(**sandbox: Any) -> World:
    return World(customers=0, people_before=0.0, **sandbox)


def picture(rows: Any) -> dict[int, dict[str, Any]]:
    """Every record with every attribute and custom field that holds anything."""
    found = {}
    for row in rows:
        custom = {code: value for code, value in row["custom_fields"].items() if value is not None}
        plain = {key: row[key] for key in row if key not in OWN_TIMES}
        found[row["id"]] = plain | {"custom_fields": custom}
    return found


def pictures(world: World) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    return picture(world.crm.persons()), picture(world.crm.organizations())


def field_code(world: World, entity: Any, name: str) -> str:
    return next(f["field_code"] for f in world.crm.fields(entity) if f["field_name"] == name)


def held(world: World, person_id: int, name: str) -> Any:
    return world.crm.person(person_id)["custom_fields"][field_code(world, "person", name)]


def writes(world: World) -> list[str]:
    return [m for s, m, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def undo(world: World, run: Run, **more: Any) -> Run:
    done = world.run(run.connection, "undo", about=run, **more)
    assert done.state == "done", done.message
    assert not Change.objects.filter(state__in=("planned", "intended", "unknown")).exists()
    return done


def some_person(run: Run, action: str) -> Change:
    return run.changes.filter(kind="person", action=action, state="written").order_by("pk")[0]


def person_of(customer: str) -> int:
    return Link.objects.get(kind="person", source_key=customer).pipedrive_id


def test_undo_right_after_a_full_sync_leaves_everything_as_it_was(
    world: World, connection: Connection
):
    before = pictures(world)
    full = world.run(connection, "full")
    assert full.counts["created"] > 5 < full.counts["updated"]
    undone = undo(world, full)
    assert pictures(world) == before
    assert undone.counts["kept"] == 0
    assert undone.counts["updated"] == full.counts["created"] + full.counts["updated"]
    assert undone.counts["objects"]["person"]["deleted"] > 5
    assert undone.counts["objects"]["organization"]["deleted"] > 0


def test_what_is_undone_is_held_and_a_sync_writes_nothing(world: World, connection: Connection):
    undo(world, world.run(connection, "full"))
    for kind in ("sync", "full", "sync"):
        world.clock.advance(3600 * 25)
        world.sandbox.requests.clear()
        run = world.run(connection, kind)
        assert run.state == "done"
        assert writes(world) == [], kind
    assert run.counts["created"] == run.counts["updated"] == 0


def test_a_held_customer_is_synced_again_once_it_is_modified_in_chargebee(
    world: World, connection: Connection
):
    full = world.run(connection, "full")
    chosen = some_person(full, "create")
    undo(world, full)
    world.clock.advance(3600)
    world.billing.edit_customer(chosen.source_key, last_name="Back")
    run = world.run(connection, "sync")
    assert run.counts["created"] + run.counts["updated"] == 1
    assert world.crm.person(person_of(chosen.source_key))["name"].endswith("Back")
    assert Record.objects.get(source_id=chosen.source_key).held_version is None


def test_sync_this_record_ends_the_hold(world: World, connection: Connection):
    full = world.run(connection, "full")
    chosen = some_person(full, "update")
    undo(world, full)
    run = world.run(connection, "sync", only=[chosen.source_key])
    assert run.counts["updated"] == 1
    assert held(world, chosen.pipedrive_id, "CB Customer ID") == chosen.source_key
    world.billing.add_subscription(chosen.source_key, status="active", mrr=777, currency_code="USD")
    world.clock.advance(3600)
    assert world.run(connection, "sync").counts["updated"] == 1, "it is held no longer"


def test_undo_of_an_undo_brings_the_written_state_back(world: World, connection: Connection):
    full = world.run(connection, "full")
    written = pictures(world)
    first = undo(world, full)
    second = undo(world, first)
    assert by_content(pictures(world)[0]) == by_content(written[0])
    assert by_content(pictures(world)[1]) == by_content(written[1])
    assert second.counts["created"] > 5
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    assert world.run(connection, "sync").state == "done"
    assert writes(world) == [], "what was written stands again, and is held no longer"
    third = undo(world, second)
    assert third.counts["kept"] == 0
    assert not Link.objects.filter(kind="person", reason="made").exists()


def by_content(rows: dict[int, dict[str, Any]]) -> list[str]:
    """Records without their ids: what was deleted stands again under a new one."""
    left_out = ("id", "add_time", "org_id")
    kept = ({key: row[key] for key in sorted(row) if key not in left_out} for row in rows.values())
    return sorted(map(repr, kept))


def test_after_an_undo_of_an_undo_people_are_in_their_organizations(
    world: World, connection: Connection
):
    full = world.run(connection, "full")
    names = companies_of_people(world)
    undo(world, undo(world, full))
    assert companies_of_people(world) == names


def companies_of_people(world: World) -> list[tuple[str, str]]:
    organizations = {row["id"]: row["name"] for row in world.crm.organizations()}
    return sorted((p["name"], organizations.get(p["org_id"], "")) for p in world.crm.persons())


def test_undo_of_a_trial(world: World, connection: Connection):
    before = pictures(world)
    trial = world.run(connection, "trial")
    undone = undo(world, trial)
    assert pictures(world) == before
    assert undone.counts["customers"] == 10


# A person's edit ------------------------------------------------------------------------------


def test_what_a_person_changed_since_stays_and_is_listed():
    world = small()
    connection = world.connect()
    person = world.crm.add_person(
        name="Ada of old",
        emails=[{"value": "ada@x.co", "label": "home"}],
        phones=[{"value": "+44 20 7946 0000", "label": "mobile"}],
    )
    world.billing.add_customer(
        id="ada", email="ada@x.co", first_name="Ada", last_name="King", phone="+44 20 7946 1111"
    )
    full = world.run(connection, "full")
    after = world.crm.person(person["id"])
    assert after["name"] == "Ada King"
    world.crm.edit_person(
        person["id"],
        name="Countess",
        phones=[*after["phones"], {"value": "+44 20 7946 2222", "label": "work"}],
    )
    undone = undo(world, full)
    now = world.crm.person(person["id"])
    assert now["name"] == "Countess"
    assert now["emails"] == person["emails"]
    assert [(p["value"], p["primary"]) for p in now["phones"]] == [
        ("+44 20 7946 0000", True),
        ("+44 20 7946 2222", False),
    ]
    assert held(world, person["id"], "CB Customer ID") is None
    (change,) = undone.changes.filter(kind="person")
    assert sorted(change.kept) == ["name", "phones"]
    assert undone.counts["kept"] == 1


def made_by_a_full_sync(world: World) -> tuple[Connection, Run, int]:
    connection = world.connect()
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada", company="Engines")
    full = world.run(connection, "full")
    return connection, full, person_of("ada")


def add_email(world: World, person: int) -> None:
    world.crm.edit_person(
        person, emails=[*world.crm.person(person)["emails"], {"value": "own@x.co"}]
    )


def add_deal(world: World, person: int) -> None:
    world.crm.add_deal(title="Big", person_id=person)


def add_label(world: World, person: int) -> None:
    world.crm.edit_person(person, label_ids=[1])


def give_away(world: World, person: int) -> None:
    world.crm.edit_person(person, owner_id=102)


def fill_a_field_of_their_own(world: World, person: int) -> None:
    code = world.crm.add_field("person", field_name="Segment", field_type="varchar")["field_code"]
    world.crm.edit_person(person, custom_fields={code: "A"})


@pytest.mark.parametrize(
    "work", [add_email, add_deal, add_label, give_away, fill_a_field_of_their_own]
)
def test_a_made_person_that_somebody_worked_on_stays_with_its_organization(work: Any):
    world = small()
    connection, full, person = made_by_a_full_sync(world)
    work(world, person)
    before = pictures(world)
    undone = undo(world, full)
    assert pictures(world) == before
    assert person_of("ada") == person
    stays = undone.changes.get(kind="person")
    assert (stays.state, bool(stays.kept)) == ("skipped", True)
    assert undone.changes.get(kind="organization").kept == ["people"]
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    world.run(connection, "sync")
    assert writes(world) == []


def test_a_made_organization_that_others_joined_stays():
    world = small()
    _, full, _ = made_by_a_full_sync(world)
    (organization,) = world.crm.organizations()
    world.crm.add_person(name="Colleague", org_id=organization["id"])
    undo(world, full)
    assert [o["name"] for o in world.crm.organizations()] == ["Engines"]
    assert [p["name"] for p in world.crm.persons()] == ["Colleague"]


def test_an_edit_between_the_plan_and_the_yes_is_seen():
    world = small()
    _, full, person = made_by_a_full_sync(world)
    run = world.run(full.connection, "undo", about=full, approved=False)
    assert run.state == "waiting"
    assert "would delete 1 person" in run.questions[0]
    assert str(person) in run.questions[0]
    add_email(world, person)
    Run.objects.filter(pk=run.pk).update(state="queued", approved=True)
    assert world.go_on(run).state == "done"
    assert world.crm.person(person)["name"] == "Ada"


def test_an_undo_asks_before_it_writes_anything(world: World, connection: Connection):
    full = world.run(connection, "full")
    world.sandbox.requests.clear()
    run = world.run(connection, "undo", about=full, approved=False)
    assert run.state == "waiting"
    assert writes(world) == []
    assert any("bring" in question for question in run.questions)
    assert run.changes.filter(state="planned").count() == run.total
    assert not Record.objects.filter(held_version__isnull=False).exists()


# Parts of a run -------------------------------------------------------------------------------


def test_undo_of_one_customer_leaves_the_others():
    world = small()
    connection = world.connect()
    for name in ("ada", "bob"):
        world.billing.add_customer(id=name, email=f"{name}@x.co", company="Engines")
    full = world.run(connection, "full")
    undo(world, full, only=["ada"])
    assert [p["emails"][0]["value"] for p in world.crm.persons()] == ["bob@x.co"]
    assert [o["name"] for o in world.crm.organizations()] == ["Engines"], "bob is still there"
    undo(world, full)
    assert list(world.crm.persons()) == list(world.crm.organizations()) == []


def test_undo_of_one_change():
    world = small()
    connection = world.connect()
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    world.run(connection, "full")
    world.clock.advance(3600)
    world.billing.edit_customer("ada", first_name="Augusta")
    sync = world.run(connection, "sync")
    change = sync.changes.get(kind="person")
    undo(world, sync, of=f"change {change.pk}")
    assert world.crm.person(person_of("ada"))["name"] == "Ada"


def test_runs_are_taken_back_one_after_the_other_newest_first():
    world = small()
    connection = world.connect()
    person = world.crm.add_person(name="Ada", emails=[{"value": "ada@x.co"}])["id"]
    before = pictures(world)
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada", last_name="King")
    full = world.run(connection, "full")
    world.clock.advance(3600)
    world.billing.edit_customer("ada", email="ada.king@x.co", last_name="Lovelace")
    sync = world.run(connection, "sync")
    middle = world.crm.person(person)
    assert middle["emails"][0]["value"] == "ada.king@x.co"
    undo(world, sync)
    assert world.crm.person(person)["name"] == "Ada King"
    undo(world, full)
    assert pictures(world) == before


def test_after_an_undo_our_own_email_of_before_is_still_ours():
    world = small()
    connection = world.connect()
    world.crm.add_person(name="Ada", phones=[{"value": "+44 20 7946 0000"}])
    world.billing.add_customer(id="ada", email="one@x.co", first_name="Ada")
    world.run(connection, "full")
    for email in ("two@x.co", "three@x.co"):
        world.clock.advance(3600)
        world.billing.edit_customer("ada", email=email)
        sync = world.run(connection, "sync")
        if email == "two@x.co":
            undo(world, sync)
            assert emails(world, "ada") == ["one@x.co"]
    assert emails(world, "ada") == ["three@x.co"], "one@x.co was ours, so it is replaced"


def emails(world: World, customer: str) -> list[str]:
    return [email["value"] for email in world.crm.person(person_of(customer))["emails"]]


# Shared people --------------------------------------------------------------------------------


def shared(world: World) -> tuple[Connection, Run]:
    connection = world.connect()
    for name in ("one", "two"):
        world.billing.add_customer(id=name, email="twin@x.co", first_name=name)
        world.clock.advance(5)
    return connection, world.run(connection, "full")


def test_a_shared_person_goes_back_to_its_own_organization():
    world = small()
    own = world.crm.add_organization(name="Own")["id"]
    world.crm.add_person(name="Pre", emails=[{"value": "twin@x.co"}], org_id=own)
    connection = world.connect()
    for company in ("Edge", "Quux"):
        world.billing.add_customer(email="twin@x.co", company=company)
        world.clock.advance(5)
    full = world.run(connection, "full")
    (person,) = world.crm.persons()
    assert person["org_id"] != own
    undo(world, full)
    (person,) = world.crm.persons()
    assert (person["name"], person["org_id"]) == ("Pre", own)


def test_a_made_person_that_two_customers_share_is_deleted_and_stands_again_for_both():
    world = small()
    _, full = shared(world)
    (before,) = world.crm.persons()
    first = undo(world, full)
    assert list(world.crm.persons()) == []
    assert not Link.objects.filter(kind="person").exists()
    undo(world, first)
    (after,) = world.crm.persons()
    assert {**after, "id": 0, "add_time": 0, "update_time": 0} == {
        **before,
        "id": 0,
        "add_time": 0,
        "update_time": 0,
    }
    assert person_of("one") == person_of("two") == after["id"]


def test_a_found_person_that_two_customers_share_is_as_before():
    world = small()
    world.crm.add_person(name="Twin", emails=[{"value": "twin@x.co", "label": "home"}])
    before = pictures(world)
    _, full = shared(world)
    undo(world, full)
    assert pictures(world) == before


def test_what_two_customers_wrote_in_turn_is_taken_back_and_stands_again_in_their_turn():
    world = small()
    connection, _ = shared(world)
    world.clock.advance(3600)
    for customer, name in (("two", "First"), ("one", "Second")):
        world.billing.edit_customer(customer, first_name=name)
        world.clock.advance(2)
    before = pictures(world)
    sync = world.run(connection, "sync")
    written = pictures(world)
    undone = undo(world, sync)
    assert pictures(world) == before
    again = undo(world, undone)
    assert pictures(world) == written
    assert not again.changes.exclude(kept=[]).exists()


def test_a_shared_person_of_which_only_one_customer_is_undone_stays():
    world = small()
    _, full = shared(world)
    maker = full.changes.get(kind="person", action="create")
    undone = undo(world, full, only=[maker.source_key])
    assert len(list(world.crm.persons())) == 1
    assert "a link of another" in undone.changes.get().kept


# What is gone, and what went wrong ------------------------------------------------------------


def test_a_made_person_that_somebody_deleted_already_is_not_made_again():
    world = small()
    connection, full, person = made_by_a_full_sync(world)
    world.crm.delete_person(person)
    undone = undo(world, full)
    assert undone.counts["updated"] == 1
    world.clock.advance(3600 * 25)
    world.run(connection, "full")
    assert list(world.crm.persons()) == []
    redone = undo(world, undone)
    assert list(world.crm.persons()) == []
    assert "gone" in redone.changes.get(kind="person").words


def test_an_undo_pauses_when_the_tokens_end_and_goes_on():
    world = small()
    connection = world.connect(f"organizations = true\nbudget_share = {world.share(200)}")
    for number in range(60):
        world.billing.add_customer(id=f"c{number}", email=f"c{number}@x.co")
    full = world.run(connection, "full")
    assert on_the_next_days(world, full) > 0
    run = world.run(connection, "undo", about=full)
    assert on_the_next_days(world, run) > 0
    assert list(world.crm.persons()) == []


def on_the_next_days(world: World, run: Run) -> int:
    """Go on with a run until it is done; how often it had to pause."""
    pauses = 0
    while run.state == "paused":
        pauses += 1
        world.clock.advance(3600 * 25)
        run = world.go_on(run)
    assert run.state == "done"
    return pauses


def test_undo_of_a_deletion_makes_the_person_again():
    world = small()
    connection = world.connect('deleted_customers = "delete"')
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    world.run(connection, "full")
    (before,) = world.crm.persons()
    world.clock.advance(3600)
    world.billing.delete_customer("ada")
    sync = world.run(connection, "sync")
    assert list(world.crm.persons()) == []
    assert sync.counts["objects"]["person"] == {"deleted": 1}
    undo(world, sync)
    (after,) = world.crm.persons()
    assert by_content({1: after | {"update_time": 0}}) == by_content(
        {1: before | {"update_time": 0}}
    )
    world.clock.advance(3600 * 25)
    world.run(connection, "sync")
    assert len(list(world.crm.persons())) == 1, "it is held"


def test_a_field_that_was_deleted_meanwhile_stays_deleted():
    world = small()
    world.crm.add_person(name="Ada", emails=[{"value": "ada@x.co"}])
    connection = world.connect()
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    full = world.run(connection, "full")
    world.crm.delete_field("person", field_code(world, "person", "CB Customer CMRR"))
    world.clock.advance(3600 * 25)
    undo(world, full)
    assert held(world, person_of("ada"), "CB Customer ID") is None


def test_the_undone_organization_of_several_customers_is_held():
    world = small()
    connection = world.connect()
    world.crm.add_organization(name="Engines")
    for name in ("ada", "bob"):
        world.billing.add_customer(id=name, email=f"{name}@x.co", company="Engines")
    world.run(connection, "full", only=["ada", "bob"])
    full = Run.objects.get(kind="full")
    change = full.changes.get(kind="organization")
    undo(world, full, of=f"change {change.pk}")
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    assert world.run(connection, "full").state == "done"
    assert writes(world) == []
    world.billing.edit_customer("bob", first_name="Bob")
    world.clock.advance(3600)
    world.run(connection, "sync")
    (organization,) = world.crm.organizations()
    code = field_code(world, "organization", "CB Status")
    assert organization["custom_fields"][code] is not None


def test_owner_and_label_that_we_gave_are_no_sign_of_work_and_come_again():
    world = small()
    label = world.crm.add_label("person", "Customer")["id"]
    colleague = next(user for user in world.crm.users if user["id"] != world.crm.me["id"])
    settings = f'owner = "{colleague["email"]}"\nlabel = "Customer"\nvisibility = "company"'
    connection = world.connect(settings)
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    full = world.run(connection, "full")
    (made,) = world.crm.persons()
    assert (made["owner_id"], made["label_ids"]) == (colleague["id"], [label])
    world.connect("create_people = true")  # the settings of today are other ones
    first = undo(world, full)
    assert list(world.crm.persons()) == []
    undo(world, first)
    (again,) = world.crm.persons()
    for name in ("owner_id", "label_ids", "visible_to"):
        assert again[name] == made[name]
