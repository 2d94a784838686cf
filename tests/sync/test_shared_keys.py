"""Rule 3: customers that share a match key, under each policy."""

from typing import Any

import pytest

from chargepipe.store.models import Link
from chargepipe.sync.doubles import doubles
from people import code_of, later, link_of, open_errors, person_of, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def add(world: World, name: str, email: str = "both@x.co", **more: Any) -> str:
    made = world.billing.add_customer(email=email, first_name=name, **more)["id"]
    world.clock.advance(60)
    return made


def linked() -> set[str]:
    return set(Link.objects.filter(kind="person").values_list("source_key", flat=True))


def test_by_default_they_write_one_person_in_turn(world: World):
    connection = world.connect()
    old, new = add(world, "Old"), add(world, "New")
    run = world.run(connection, "full")
    assert (run.counts["created"], run.counts["updated"]) == (1, 1)
    assert (person_of(world, old)["name"], linked()) == ("New", {old, new})


def test_fail_makes_an_error_of_each(world: World):
    connection = world.connect('shared_keys = "fail"')
    both = sorted([add(world, "Old"), add(world, "New")])
    run = world.run(connection, "full")
    assert (run.counts["failed"], writes(world)) == (2, [])
    assert open_errors() == [("shared_key", each) for each in both]


def test_with_first_the_oldest_owns_the_person_and_the_others_are_skipped_in_words(world: World):
    connection = world.connect('shared_keys = "first"')
    old = add(world, "Old")
    add(world, "New")
    run = world.run(connection, "full")
    assert (run.counts["created"], run.counts["skipped"], open_errors()) == (1, 1, [])
    assert (person_of(world, old)["name"], linked()) == ("Old", {old})


def test_with_first_the_one_that_was_linked_first_owns_it_though_it_is_younger(world: World):
    connection = world.connect('shared_keys = "first"')
    old, young = add(world, "Old", "else@x.co"), add(world, "Young")
    world.run(connection, "trial", only=[young])
    world.billing.edit_customer(old, email="both@x.co")
    run = world.run(connection, "full")
    assert (run.counts["skipped"], linked()) == (1, {young})
    assert [p["name"] for p in world.crm.persons()] == ["Young"]


def test_with_first_customers_of_one_person_give_way_whatever_their_keys(world: World):
    connection = world.connect()
    first, second = add(world, "First"), add(world, "Second")
    world.run(connection, "full")
    connection = world.connect('organizations = true\nshared_keys = "first"')
    world.billing.edit_customer(second, first_name="Changed", email="own@x.co")
    run = later(world, connection)
    assert (run.counts["skipped"], writes(world)) == (1, [])
    world.billing.edit_customer(first, first_name="Once")
    later(world, connection)
    assert person_of(world, first)["name"] == "Once"


def test_the_next_one_owns_the_key_when_the_first_gives_it_up(world: World):
    connection = world.connect('shared_keys = "first"')
    old, new = add(world, "Old"), add(world, "New")
    world.run(connection, "full")
    world.billing.edit_customer(old, email="alone@x.co")
    later(world, connection)
    later(world, connection)
    assert {p["name"]: [e["value"] for e in p["emails"]] for p in world.crm.persons()} == {
        "Old": ["alone@x.co"],
        "New": ["both@x.co"],
    }
    assert link_of(old).pipedrive_id != link_of(new).pipedrive_id
    assert later(world, connection).counts["customers"] == 0


def test_a_living_customer_owns_the_person_before_a_deleted_one(world: World):
    connection = world.connect('shared_keys = "first"')
    old, new = add(world, "Old"), add(world, "New")
    world.run(connection, "full")
    world.billing.delete_customer(old)
    later(world, connection)
    assert link_of(new).pipedrive_id == link_of(old).pipedrive_id
    assert person_of(world, new)["name"] == "New"
    assert shown(world, "person", person_of(world, new), "CB Customer Status") == "Active"


def test_a_customer_that_may_not_sync_owns_nothing(world: World):
    connection = world.connect('shared_keys = "first"\ncustomers = "with_subscriptions"')
    add(world, "Old")
    new = add(world, "New")
    world.billing.add_subscription(new, status="active")
    world.run(connection, "full")
    assert linked() == {new}


def test_the_copy_that_a_transfer_left_behind_shares_nothing(world: World):
    connection = world.connect('shared_keys = "fail"')
    ada = world.billing.add_customer(email="a@x.co", business_entity_id="be_main")["id"]
    world.sandbox.customers.transfer(ada, "be_emea")
    run = world.run(connection, "full")
    assert (run.counts["created"], run.counts["skipped"], open_errors()) == (1, 1, [])


def test_with_first_a_merge_of_two_people_leaves_the_values_of_the_first(world: World):
    connection = world.connect('shared_keys = "first"')
    first, second = add(world, "First", "f@x.co"), add(world, "Second", "s@x.co")
    world.run(connection, "full")
    winner = person_of(world, first)["id"]
    mark = code_of(world, "person", "CB Customer ID")
    world.crm.merge_persons(person_of(world, second)["id"], winner)
    world.crm.edit_person(winner, custom_fields={mark: f"{first}, {second}"})
    run = later(world, connection)
    assert (run.counts["skipped"], writes(world)) == (1, [])
    assert "Skipped: 1 (shares its person" in run.message
    assert link_of(second).pipedrive_id == winner
    world.billing.edit_customer(second, last_name="Changed")
    assert later(world, connection).counts["skipped"] == 1
    assert world.crm.person(winner)["name"] == "First"


PHONES = ["+49 30 901820", "030 901820"]
BY_PHONE = 'match_key = { chargebee = "phone", pipedrive = "phone" }\n'


def add_phones(world: World) -> list[str]:
    """One with a code, and one of a German who writes it as people do there."""
    berlin = {"billing_address": {"country": "DE"}}
    return [
        add(world, "Old", "a@x.co", phone=PHONES[0]),
        add(world, "New", "b@x.co", phone=PHONES[1], **berlin),
    ]


def test_phones_that_are_written_in_two_ways_are_one_key(world: World):
    connection = world.connect(BY_PHONE + 'shared_keys = "fail"')
    both = sorted(add_phones(world))
    world.run(connection, "full")
    assert open_errors() == [("shared_key", each) for each in both]


def test_with_first_one_of_two_ways_to_write_a_phone_owns_the_person(world: World):
    connection = world.connect(BY_PHONE + 'shared_keys = "first"')
    old, _ = add_phones(world)
    run = world.run(connection, "full")
    assert (run.counts["created"], run.counts["skipped"], linked()) == (1, 1, {old})
    world.billing.edit_customer(old, phone="+49 30 111111")
    later(world, connection)  # its person has the number until now
    later(world, connection)
    assert len(linked()) == 2  # the other one is free


def test_phones_that_only_end_alike_are_two_keys(world: World):
    connection = world.connect(BY_PHONE + 'shared_keys = "fail"')
    add(world, "Berlin", "a@x.co", phone="+49 30 9018200")
    add(world, "Hamburg", "b@x.co", phone="+49 40 9018200")
    run = world.run(connection, "full")
    assert (run.counts["created"], open_errors()) == (2, [])


def test_doubles_tell_phones_that_are_written_in_two_ways(world: World):
    connection = world.connect(BY_PHONE)
    add_phones(world)
    add(world, "Hamburg", "c@x.co", phone="+49 40 1901820")
    world.run(connection, "validate")
    (double,) = doubles(connection)
    assert (double.kind, [name for _, name in double.records]) == ("customer", ["Old", "New"])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("policy", ["overwrite", "first"])
def test_a_person_that_one_way_to_write_a_phone_finds_is_found_by_both(
    world: World, turned: bool, policy: str
):
    connection = world.connect(BY_PHONE + f'shared_keys = "{policy}"')
    there = world.crm.add_person(name="There", phones=[{"value": "030 901 820"}])["id"]
    berlin: dict[str, Any] = {"billing_address": {"country": "DE"}}
    ways: list[tuple[str, dict[str, Any]]] = [(PHONES[0], {}), (PHONES[1], berlin)]
    for number, (phone, more) in enumerate(reversed(ways) if turned else ways):
        add(world, "Ada", f"{number}@x.co", phone=phone, **more)
    world.run(connection, "full")
    assert [person["id"] for person in world.crm.persons()] == [there]
    assert len(linked()) == (1 if policy == "first" else 2)
