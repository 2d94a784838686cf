"""Rule 4 for organizations: gone, merged or hidden."""

from typing import Any

import pytest

from chargepipe.sandbox import Options
from chargepipe.store.models import Link
from people import later, open_errors, person_of, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def hidden_world() -> World:
    return World(customers=0, people_before=0.0, options=Options(hidden="403"))


def organization_of(company_key: str) -> int:
    return Link.objects.get(kind="organization", source_key=company_key).pipedrive_id


def organizations(world: World) -> dict[int, str]:
    return {each["id"]: each["name"] for each in world.crm.organizations()}


def add(world: World, email: str, **more: Any) -> str:
    return world.billing.add_customer(email=email, **more)["id"]


def test_a_merged_organization_is_followed_to_where_its_people_are(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co", company="Acme")
    world.run(connection, "full")
    winner = world.crm.add_organization(name="Acme Holding")["id"]
    world.crm.merge_organizations(organization_of("acme"), winner)
    world.billing.edit_customer(ada, first_name="Ada")
    add(world, "b@x.co", company="ACME")
    run = later(world, connection)
    assert run.counts["failed"] == 0
    assert organizations(world) == {winner: "Acme Holding"}
    assert organization_of("acme") == winner
    assert {person["org_id"] for person in world.crm.persons()} == {winner}
    assert shown(world, "organization", world.crm.organization(winner), "CB Status") == "Active"
    later(world, connection, "full")
    assert writes(world) == []


def test_of_two_organizations_of_a_name_one_that_was_deleted_since_is_no_candidate(world: World):
    connection = world.connect()
    add(world, "a@x.co", company="Acme")
    one, other = (world.crm.add_organization(name="Brick")["id"] for _ in range(2))
    world.run(connection, "full")
    world.crm.delete_organization(one)
    bob = add(world, "b@x.co", company="Brick")
    assert later(world, connection).counts["failed"] == 0
    assert organization_of("brick") == person_of(world, bob)["org_id"] == other


def test_two_companies_of_ours_merged_in_pipedrive_share_the_winner(world: World):
    connection = world.connect()
    ada, bob = add(world, "a@x.co", company="Acme"), add(world, "b@x.co", company="Brick")
    world.run(connection, "full")
    lost, winner = organization_of("acme"), organization_of("brick")
    world.crm.merge_organizations(lost, winner)
    world.billing.edit_customer(ada, first_name="Ada")
    later(world, connection)
    assert organizations(world) == {winner: "Brick"}
    assert (organization_of("acme"), organization_of("brick")) == (winner, winner)
    assert person_of(world, ada)["org_id"] == person_of(world, bob)["org_id"] == winner


def test_two_companies_that_share_an_organization_are_written_in_one_run(world: World):
    connection = world.connect()
    ada, bob = add(world, "a@x.co", company="Acme"), add(world, "b@x.co", company="Brick")
    world.run(connection, "full")
    winner = organization_of("brick")
    world.crm.merge_organizations(organization_of("acme"), winner)
    world.billing.edit_customer(ada, first_name="Ada")
    later(world, connection)
    for each in (ada, bob):
        world.billing.delete_customer(each)
    run = later(world, connection)
    assert (run.state, run.message) == ("done", "")
    assert shown(world, "organization", world.crm.organization(winner), "CB Status") == "Deleted"


def test_a_deleted_organization_whose_people_went_different_ways_is_made_again(world: World):
    connection = world.connect()
    ada, bob = add(world, "a@x.co", company="Acme"), add(world, "b@x.co", company="Acme")
    world.run(connection, "full")
    gone = organization_of("acme")
    for each in (ada, bob):
        other = world.crm.add_organization(name=f"Other of {each}")["id"]
        world.crm.edit_person(person_of(world, each)["id"], org_id=other)
    world.crm.delete_organization(gone)
    for each in (ada, bob):
        world.billing.edit_customer(each, first_name="New")
    later(world, connection)
    again = organization_of("acme")
    assert organizations(world)[again] == "Acme"
    assert person_of(world, ada)["org_id"] == person_of(world, bob)["org_id"] == again


def test_all_people_of_a_company_join_the_organization_that_is_made_again(world: World):
    connection = world.connect()
    ada, bob = add(world, "a@x.co", company="Acme"), add(world, "b@x.co", company="Acme")
    world.run(connection, "full")
    world.crm.delete_organization(organization_of("acme"))
    world.billing.edit_customer(ada, first_name="New", company="Brick")
    cleo = add(world, "c@x.co", company="Acme")
    later(world, connection)
    again = organization_of("acme")
    assert person_of(world, bob)["org_id"] == person_of(world, cleo)["org_id"] == again
    later(world, connection)
    assert writes(world) == []


def test_all_join_in_the_same_run_the_one_that_is_found_by_its_name(world: World):
    connection = world.connect()
    ada, bob = add(world, "a@x.co", company="Acme"), add(world, "b@x.co", company="Acme")
    world.run(connection, "full")
    world.crm.delete_organization(organization_of("acme"))
    other = world.crm.add_organization(name="ACME")["id"]
    world.billing.edit_customer(ada, first_name="New")
    later(world, connection)
    assert [person_of(world, each)["org_id"] for each in (ada, bob)] == [other, other]
    later(world, connection)
    assert writes(world) == []


@pytest.mark.parametrize("bob_is_news", [False, True])
def test_who_shares_a_person_that_joins_another_organization_keeps_the_last_word(
    world: World, bob_is_news: bool
):
    connection = world.connect()
    add(world, "a@x.co", first_name="Ada", company="Acme")
    world.clock.advance(60)
    bob = add(world, "a@x.co", first_name="Bob", company="Brick")
    other = add(world, "c@x.co", company="Acme")
    world.run(connection, "full")
    world.crm.delete_organization(organization_of("acme"))
    world.billing.edit_customer(other, first_name="New")
    if bob_is_news:
        world.clock.advance(60)
        world.billing.edit_customer(bob, last_name="News")
    later(world, connection)
    assert person_of(world, bob)["name"] == ("Bob News" if bob_is_news else "Bob")
    assert person_of(world, bob)["org_id"] == organization_of("brick")
    assert not connection.records.filter(dirty=True).exists()
    later(world, connection)
    assert writes(world) == []


def test_a_hidden_organization_is_an_error_and_no_second_one_is_made():
    world = hidden_world()
    connection = world.connect()
    add(world, "a@x.co", company="Acme")
    world.run(connection, "full")
    hidden = organization_of("acme")
    world.crm.hide("organization", hidden)
    bob = add(world, "b@x.co", company="Acme")
    run = later(world, connection)
    assert (run.counts["failed"], writes(world)) == (1, [])
    assert open_errors() == [("hidden_organization", bob)]
    world.crm.show("organization", hidden)
    run = later(world, connection)
    assert (run.counts["created"], open_errors()) == (1, [])
    assert person_of(world, bob)["org_id"] == hidden
    assert organizations(world) == {hidden: "Acme"}


def test_what_a_hidden_one_should_hold_is_written_once_it_is_seen_again():
    world = hidden_world()
    connection = world.connect()
    ada = add(world, "a@x.co", company="Acme")
    world.run(connection, "full")
    hidden = organization_of("acme")
    world.crm.hide("organization", hidden)
    world.billing.delete_customer(ada)
    later(world, connection)
    assert open_errors() == [("hidden_organization", ada)]
    world.crm.show("organization", hidden)
    later(world, connection)
    (organization,) = world.crm.organizations()
    assert shown(world, "organization", organization, "CB Status") == "Deleted"
    assert not open_errors()


def test_the_person_of_a_deleted_customer_joins_none_where_none_is_made(world: World):
    connection = world.connect()
    found = world.crm.add_person(name="Ada", emails=[{"value": "a@x.co", "primary": True}])["id"]
    ada = add(world, "a@x.co", company="Acme")
    full = world.run(connection, "full")
    world.run(connection, "undo", about=full)
    world.billing.delete_customer(ada)
    later(world, connection)
    assert not open_errors()
    assert person_of(world, ada)["id"] == found
    assert shown(world, "person", person_of(world, ada), "CB Customer Status") == "Deleted"
    assert not list(world.crm.organizations())
    later(world, connection)
    assert writes(world) == []


def test_a_deleted_organization_of_which_there_are_two_now_is_an_error(world: World):
    connection = world.connect()
    add(world, "a@x.co", company="Acme")
    world.run(connection, "full")
    world.crm.delete_organization(organization_of("acme"))
    for _ in range(2):
        world.crm.add_organization(name="acme")
    bob = add(world, "b@x.co", company="Acme")
    run = later(world, connection)
    assert (run.counts["failed"], writes(world)) == (1, [])
    assert open_errors() == [("ambiguous_organization", bob)]


def test_a_deleted_organization_is_not_looked_for_where_a_shared_person_is(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co", company="Edge")
    add(world, "shared@x.co", company="Edge")
    world.clock.advance(5)
    cleo = add(world, "shared@x.co", company="Quux")
    world.run(connection, "full")
    quux = organization_of("quux")
    world.crm.delete_organization(organization_of("edge"))
    world.billing.edit_customer(ada, first_name="Anew")
    later(world, connection)
    later(world, connection)
    assert organization_of("edge") != quux == organization_of("quux")
    assert sorted(organizations(world).values()) == ["Edge", "Quux"]
    assert person_of(world, ada)["org_id"] == organization_of("edge")
    assert person_of(world, cleo)["name"]


def test_one_person_moved_by_hand_takes_no_company_along(world: World):
    connection = world.connect()
    ada, bob = add(world, "a@x.co", company="Edge"), add(world, "b@x.co", company="Edge")
    world.run(connection, "full")
    other = world.crm.add_organization(name="Other")["id"]
    world.crm.edit_person(person_of(world, bob)["id"], org_id=other)
    world.crm.delete_organization(organization_of("edge"))
    world.billing.edit_customer(ada, first_name="Anew")
    later(world, connection)
    later(world, connection)
    assert person_of(world, ada)["org_id"] == organization_of("edge") != other
