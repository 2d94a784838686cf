"""Setting 4, deleted_customers = "delete"; and rule 18."""

from typing import Any

import pytest

from chargepipe.sandbox import Fault
from chargepipe.store.models import Change, Link, Run
from people import later, link_of, open_errors, people, person_of, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
DELETE = 'organizations = true\ndeleted_customers = "delete"'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def add(world: World, email: str, **more: Any) -> str:
    made = world.billing.add_customer(email=email, **more)["id"]
    world.clock.advance(60)
    return made


def yes(world: World, run: Run) -> Run:
    Run.objects.filter(pk=run.pk).update(state="queued", approved=True)
    return world.go_on(run)


def test_the_person_of_a_deleted_customer_is_deleted_after_a_yes(world: World):
    connection = world.connect(DELETE)
    ada = add(world, "a@x.co", company="Acme")
    bob = add(world, "b@x.co")
    world.run(connection, "full")
    gone, stays = person_of(world, ada)["id"], person_of(world, bob)["id"]
    world.billing.delete_customer(ada)
    run = later(world, connection, approved=False)
    assert (run.state, writes(world)) == ("waiting", [])
    assert "delete 1" in run.questions[0]
    run = yes(world, run)
    assert (run.state, run.counts["updated"], people(world)) == ("done", 1, [stays])
    assert not Link.objects.filter(kind="person", source_key=ada).exists(), "the link ends"
    change = Change.objects.get(run=run, kind="person", action="delete")
    assert (change.pipedrive_id, change.state) == (gone, "written")
    assert change.before["emails"][0]["value"] == "a@x.co"
    (organization,) = world.crm.organizations()
    assert shown(world, "organization", organization, "CB Status") == "Deleted"
    run = later(world, connection, "full", approved=False)
    assert (run.state, run.counts["skipped"], writes(world)) == ("done", 1, [])


def test_a_person_that_a_living_customer_shares_is_not_deleted(world: World):
    connection = world.connect(DELETE)
    old, new = add(world, "both@x.co", first_name="Old"), add(world, "both@x.co", first_name="New")
    world.run(connection, "full")
    shared = person_of(world, old)["id"]
    world.billing.delete_customer(new)
    run = later(world, connection, approved=False)
    assert (run.state, people(world)) == ("done", [shared])
    assert Link.objects.filter(kind="person").get().source_key == old
    later(world, connection, approved=False)
    person = world.crm.person(shared)
    assert (person["name"], shown(world, "person", person, "CB Customer ID")) == ("Old", old)
    world.billing.delete_customer(old)
    later(world, connection)
    assert people(world) == []


@pytest.mark.parametrize("copy_lives", [True, False])
def test_a_person_of_one_who_moved_goes_only_once_the_live_copy_is_deleted_too(
    world: World, copy_lives: bool
):
    connection = world.connect(DELETE)
    ada, moved = add(world, "a@x.co"), add(world, "a@x.co")
    world.run(connection, "full")
    copy = world.sandbox.customers.transfer(moved, "be_emea")["id"]
    world.sandbox.customers.clear_personal_data(copy)  # so it is never linked itself
    if not copy_lives:
        world.billing.delete_customer(copy)
    world.billing.delete_customer(ada)
    later(world, connection)
    assert len(people(world)) == int(copy_lives)


def test_two_deleted_customers_of_one_person_delete_it_once(world: World):
    connection = world.connect(DELETE)
    both = [add(world, "both@x.co") for _ in range(2)]
    world.run(connection, "full")
    for each in both:
        world.billing.delete_customer(each)
    run = later(world, connection)
    assert (run.state, people(world)) == ("done", [])
    assert Change.objects.filter(run=run, action="delete").count() == 1
    assert not Link.objects.filter(kind="person").exists()
    assert later(world, connection).counts["failed"] == 0


def test_a_customer_deleted_before_the_setting_is_deleted_by_the_next_full_sync(world: World):
    connection = world.connect()
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.billing.delete_customer(ada)
    later(world, connection)
    assert shown(world, "person", person_of(world, ada), "CB Customer Status") == "Deleted"
    connection = world.connect(DELETE)
    assert later(world, connection).counts["customers"] == 0, "a setting makes nothing dirty"
    later(world, connection, "full")
    assert people(world) == []


def test_a_person_that_is_gone_already_needs_no_deletion(world: World):
    connection = world.connect(DELETE)
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.crm.delete_person(person_of(world, ada)["id"])
    world.billing.delete_customer(ada)
    run = later(world, connection, approved=False)
    assert (run.state, run.counts["skipped"], writes(world)) == ("done", 1, [])


def test_a_customer_whose_person_is_deleted_has_no_error_any_more(world: World):
    connection = world.connect(DELETE)
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.billing.edit_customer(ada, first_name="Ada")
    world.faults.add(Fault(method="PATCH", path="/persons/", status=400))
    later(world, connection)
    assert open_errors() == [("refused", ada)]
    world.billing.delete_customer(ada)
    run = later(world, connection)
    assert (run.counts["updated"], people(world), open_errors()) == (1, [], [])


def test_a_declined_deletion_is_asked_for_again(world: World):
    connection = world.connect(DELETE)
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.billing.delete_customer(ada)
    assert later(world, connection, approved=False).state == "waiting"
    Run.objects.filter(state="waiting").update(state="cancelled")
    run = later(world, connection, approved=False)
    assert (run.state, len(people(world))) == ("waiting", 1)


def test_leave_does_not_touch_the_person(world: World):
    connection = world.connect('deleted_customers = "leave"')
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    world.billing.delete_customer(ada)
    run = later(world, connection)
    assert (run.counts["skipped"], writes(world)) == (1, [])
    assert shown(world, "person", person_of(world, ada), "CB Customer Status") == "Active"


def test_a_linked_customer_that_loses_its_last_subscription_keeps_syncing(world: World):
    connection = world.connect('customers = "with_subscriptions"')
    ada = add(world, "a@x.co", first_name="Ada")
    sub = world.billing.add_subscription(ada, status="active")["id"]
    poor = add(world, "p@x.co")
    world.run(connection, "full")
    assert open_errors() == [("no_subscription", poor)]
    world.billing.delete_subscription(sub)
    world.billing.edit_customer(ada, first_name="Ida")
    run = later(world, connection)
    assert (run.counts["updated"], run.counts["failed"]) == (1, 1)
    assert person_of(world, ada)["name"] == "Ida"
    world.billing.add_subscription(poor, status="cancelled")
    assert later(world, connection).counts["created"] == 1
    assert (open_errors(), link_of(poor).reason) == ([], "made")


@pytest.mark.parametrize("later_than", [True, False])
def test_a_person_that_a_living_customer_is_found_to_be_in_the_same_sync_is_not_deleted(
    world: World, later_than: bool
):
    connection = world.connect(DELETE)
    ada = add(world, "a@x.co")
    world.run(connection, "full")
    (person,) = people(world)
    emails = [{"value": value, "label": "work"} for value in ("a@x.co", "b@x.co")]
    world.crm.edit_person(person, emails=emails)
    bo = None if later_than else add(world, "b@x.co")
    world.clock.advance(60)
    world.billing.delete_customer(ada)
    world.clock.advance(60)
    bo = bo or add(world, "b@x.co")
    later(world, connection)
    assert (people(world), link_of(bo).pipedrive_id) == ([person], person)
    later(world, connection)
    assert people(world) == [person]
