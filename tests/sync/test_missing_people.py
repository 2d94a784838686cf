"""Rule 4: a linked person that is missing is gone, merged or hidden."""

import pytest
from test_in_between import run_watched

from chargepipe.sandbox import Options
from chargepipe.store.models import Change, Link, Record
from people import (
    code_of,
    later,
    link_of,
    open_errors,
    people,
    person_of,
    reads_of_one,
    shown,
    writes,
)
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def add(world: World, email: str, **more: str) -> str:
    return world.billing.add_customer(email=email, **more)["id"]


def test_a_person_left_deleted_is_skipped_in_words_and_asked_for_once(world: World):
    connection = world.connect('deleted_persons = "leave"')
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.crm.delete_person(person_of(world, ada)["id"])
    run = later(world, connection)
    assert (run.counts["skipped"], reads_of_one(world)) == (1, 1)
    for kind in ("sync", "full"):
        run = later(world, connection, kind)
        assert (writes(world), reads_of_one(world)) == ([], 0)
    assert (run.counts["skipped"], people(world)) == (1, [])


def test_a_person_left_deleted_is_asked_for_again_when_its_customer_is_modified(world: World):
    connection = world.connect('deleted_persons = "leave"')
    ada = add(world, "a@x.co", first_name="Ada")
    world.run(connection, "full")
    gone = person_of(world, ada)["id"]
    world.crm.delete_person(gone)
    later(world, connection)
    world.billing.edit_customer(ada, first_name="Ida")
    run = later(world, connection)
    assert (run.counts["skipped"], reads_of_one(world), people(world)) == (1, 1, [])


def test_a_person_left_deleted_is_made_again_once_the_setting_says_so(world: World):
    connection = world.connect('deleted_persons = "leave"')
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.crm.delete_person(person_of(world, ada)["id"])
    later(world, connection)
    connection = world.connect('deleted_persons = "recreate"')
    run = later(world, connection)
    assert run.counts["created"] == 1
    assert people(world) == [link_of(ada).pipedrive_id]


def test_without_create_people_a_deleted_person_is_not_made_again(world: World):
    connection = world.connect("create_people = false")
    known = world.crm.add_person(name="K", emails=[{"value": "a@x.co"}])["id"]
    add(world, "a@x.co")
    world.run(connection, "full")
    world.crm.delete_person(known)
    run = later(world, connection)
    assert (run.counts["skipped"], people(world)) == (1, [])
    later(world, connection, "full")
    assert (reads_of_one(world), writes(world)) == (0, [])


def test_the_person_of_a_deleted_customer_is_not_made_again(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.billing.delete_customer(ada)
    later(world, connection)
    world.crm.delete_person(person_of(world, ada)["id"])
    run = later(world, connection)
    assert (run.counts["skipped"], people(world), writes(world)) == (1, [], [])


def test_a_link_follows_a_merge_to_the_winner_and_its_values_are_compared(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co", first_name="Ada")
    world.run(connection, "full")
    loser = person_of(world, ada)["id"]
    winner = world.crm.add_person(name="Winner", emails=[{"value": "w@x.co"}])["id"]
    world.crm.merge_persons(loser, winner)
    run = later(world, connection)
    assert (run.counts["updated"], run.counts["created"], people(world)) == (1, 0, [winner])
    link = link_of(ada)
    assert (link.pipedrive_id, link.state) == (winner, "")
    assert person_of(world, ada)["name"] == "Ada"
    assert {e["value"] for e in person_of(world, ada)["emails"]} == {"a@x.co", "w@x.co"}
    assert later(world, connection).counts["customers"] == 0


def test_our_email_is_still_known_as_ours_after_a_merge(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    winner = world.crm.add_person(name="Winner", emails=[{"value": "w@x.co"}])["id"]
    world.crm.merge_persons(person_of(world, ada)["id"], winner)
    world.billing.edit_customer(ada, email="new@x.co")
    later(world, connection)
    held = {e["value"] for e in world.crm.person(winner)["emails"]}
    assert held == {"new@x.co", "w@x.co"}


def test_an_id_field_that_holds_two_ids_leads_both_customers_to_the_winner(world: World):
    connection = world.connect()
    ada, bob = add(world, "a@x.co", first_name="Ada"), add(world, "b@x.co", first_name="Bob")
    world.run(connection, "full")
    mark = code_of(world, "person", "CB Customer ID")
    lost, winner = (person_of(world, each)["id"] for each in (ada, bob))
    world.crm.merge_persons(lost, winner)
    world.crm.edit_person(winner, emails=[], custom_fields={mark: f"{bob}, {ada}"})
    run = later(world, connection)
    assert (run.counts["created"], people(world)) == (0, [winner])
    assert {link_of(each).pipedrive_id for each in (ada, bob)} == {winner}
    person = world.crm.person(winner)
    assert shown(world, "person", person, "CB Customer ID") == ada
    assert person["name"] == "Ada"
    world.billing.edit_customer(bob, last_name="Builder")
    later(world, connection)
    assert shown(world, "person", world.crm.person(winner), "CB Customer ID") == bob
    assert people(world) == [winner]


def test_all_customers_that_shared_the_lost_person_go_with_it(world: World):
    connection = world.connect()
    first, second = add(world, "a@x.co"), add(world, "a@x.co")
    world.run(connection, "full")
    world.billing.edit_customer(first, email="moved@x.co")
    later(world, connection)
    lost = person_of(world, first)["id"]
    assert lost == person_of(world, second)["id"]
    winner = world.crm.add_person(name="Winner")["id"]
    world.crm.merge_persons(lost, winner)
    world.crm.edit_person(winner, emails=[])
    run = later(world, connection)
    assert (run.counts["created"], people(world)) == (0, [winner])
    assert {link_of(each).pipedrive_id for each in (first, second)} == {winner}


def test_a_comma_in_a_real_id_is_no_merge(world: World):
    connection = world.connect()
    world.billing.add_customer(id="one, two", email="both@x.co")
    world.run(connection, "full")
    world.billing.add_customer(id="one", email="one@x.co")
    run = later(world, connection)
    assert (run.counts["created"], len(people(world))) == (1, 2)


def test_a_merged_person_of_a_deleted_customer_is_still_flagged(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    winner = world.crm.add_person(name="Winner")["id"]
    world.crm.merge_persons(person_of(world, ada)["id"], winner)
    world.billing.delete_customer(ada)
    later(world, connection)
    assert shown(world, "person", world.crm.person(winner), "CB Customer Status") == "Deleted"


def hidden_world() -> World:
    return World(customers=0, people_before=0.0, options=Options(hidden="403"))


def test_a_hidden_person_is_an_error_and_no_second_one_is_made():
    world = hidden_world()
    connection = world.connect()
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    hidden = person_of(world, ada)["id"]
    world.crm.hide("person", hidden)
    for _ in range(2):
        run = later(world, connection)
        assert (run.counts["failed"], writes(world)) == (1, [])
    assert open_errors() == [("hidden_person", ada)]
    assert link_of(ada).pipedrive_id == hidden
    assert later(world, connection, "validate").counts["failed"] == 0
    assert open_errors() == [("hidden_person", ada)], "a validation reads no person"


def test_the_error_of_a_hidden_person_ends_when_it_is_seen_again():
    world = hidden_world()
    connection = world.connect()
    ada = add(world, "a@x.co", first_name="Ada")
    world.run(connection, "full")
    hidden = person_of(world, ada)["id"]
    world.crm.hide("person", hidden)
    world.billing.edit_customer(ada, first_name="Ida")
    later(world, connection)
    world.crm.show("person", hidden)
    run = later(world, connection)
    assert (run.counts["updated"], open_errors()) == (1, [])
    assert world.crm.person(hidden)["name"] == "Ida"
    assert link_of(ada).state == ""


def test_people_known_to_be_hidden_do_not_stop_the_run():
    world = hidden_world()
    connection = world.connect()
    ids = [add(world, f"c{n}@x.co") for n in range(8)]
    world.run(connection, "full")
    for each in ids[:6]:
        world.crm.hide("person", person_of(world, each)["id"])
    run = later(world, connection, approved=False)
    assert (run.state, run.counts["failed"]) == ("done", 6)


def test_a_customer_whose_key_leads_to_a_hidden_person_gets_no_second_one():
    world = hidden_world()
    connection = world.connect()
    known = world.crm.add_person(name="K", emails=[{"value": "k@x.co"}])["id"]
    add(world, "other@x.co")
    world.run(connection, "full")
    later(world, connection, "full")  # the index is walked anew for the mark
    world.crm.hide("person", known)
    kay = add(world, "k@x.co")
    run = world.run(connection, "trial", only=[kay])
    assert (run.counts["failed"], run.counts["created"]) == (1, 0)
    assert open_errors() == [("hidden_person", kay)]


def test_a_link_that_is_to_be_compared_anew_is_not_taken_for_missing(world: World):
    connection = world.connect()
    for number in range(8):
        add(world, f"c{number}@x.co")
    world.run(connection, "full")
    Link.objects.update(last={})
    Record.objects.update(settled=0)
    run = later(world, connection, approved=False)
    assert (run.state, writes(world)) == ("done", [])


def test_a_preview_moves_no_link(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co", first_name="Ada")
    world.run(connection, "full")
    loser = person_of(world, ada)["id"]
    winner = world.crm.add_person(name="Winner")["id"]
    world.crm.merge_persons(loser, winner)
    world.billing.edit_customer(ada, first_name="Ida")
    run = later(world, connection, "preview", of="sync")
    assert link_of(ada).pipedrive_id == loser
    planned = Change.objects.get(run=run, kind="person")
    assert (planned.action, planned.pipedrive_id) == ("update", winner)


@pytest.mark.parametrize("how", ["404", "400", "200"])
def test_every_way_in_which_pipedrive_says_deleted_is_understood(how: str):
    world = World(customers=0, people_before=0.0, options=Options(deleted=how))  # type: ignore[arg-type]
    connection = world.connect()
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    gone = person_of(world, ada)["id"]
    world.crm.delete_person(gone)
    assert later(world, connection).counts["created"] == 1
    assert people(world) != [gone]


def test_lists_that_tell_of_deleted_people_do_not_lead_back_to_them():
    tells = Options(lists_deleted=True)
    world = World(customers=0, people_before=0.0, options=tells)
    connection = world.connect()
    ada = add(world, "a@x.co", company="Acme")
    world.run(connection, "full")
    gone = person_of(world, ada)["id"]
    world.crm.delete_person(gone)
    (organization,) = world.crm.organizations()
    world.crm.delete_organization(organization["id"])
    run = later(world, connection)
    assert (run.state, run.counts["created"]) == ("done", 1)
    assert people(world) == [link_of(ada).pipedrive_id] != [gone]


def test_a_person_merged_away_while_the_run_writes_is_followed_in_the_same_run(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co", first_name="Ada")
    world.run(connection, "full")
    loser = person_of(world, ada)["id"]
    winner = world.crm.add_person(name="Winner")["id"]
    world.clock.advance(3600)
    world.billing.edit_customer(ada, first_name="Ida")

    def merge(method: str, path: str) -> None:
        if (method, path) == ("PATCH", f"/api/v2/persons/{loser}"):
            world.crm.merge_persons(loser, winner)

    run = run_watched(world, connection, "sync", merge)
    assert (run.counts["updated"], run.counts["created"], people(world)) == (1, 0, [winner])
    assert world.crm.person(winner)["name"] == "Ida"
    assert link_of(ada).pipedrive_id == winner
