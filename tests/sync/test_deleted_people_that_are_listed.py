"""Pipedrive's lists may show deleted people (assumption 11): they count as deleted."""

import pytest

from chargepipe.sandbox import Options
from chargepipe.store.models import IndexRecord, Link
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0, options=Options(lists_deleted=True))


def test_a_deleted_person_that_is_listed_is_no_match(world: World) -> None:
    connection = world.connect()
    world.billing.add_customer(email="other@x.co")
    old = world.crm.add_person(name="Old", emails=[{"value": "ada@x.co"}])["id"]
    world.run(connection, "full")
    assert IndexRecord.objects.filter(pipedrive_id=old).exists()
    world.crm.delete_person(old)
    ada = world.billing.add_customer(email="ada@x.co")["id"]
    world.clock.advance(3600)
    run = world.run(connection, "sync")
    assert (run.state, run.counts["created"]) == ("done", 1)
    assert Link.objects.get(source_key=ada).pipedrive_id != old
    assert not IndexRecord.objects.filter(pipedrive_id=old).exists()


def test_of_two_matches_the_one_that_is_listed_as_deleted_does_not_count(world: World) -> None:
    connection = world.connect()
    world.billing.add_customer(email="other@x.co")
    emails = [{"value": "ada@x.co"}]
    kept, old = (world.crm.add_person(name="Ada", emails=emails)["id"] for _ in range(2))
    world.run(connection, "full")
    world.crm.delete_person(old)
    ada = world.billing.add_customer(email="ada@x.co")["id"]
    world.clock.advance(3600)
    assert world.run(connection, "sync").counts["failed"] == 0
    assert Link.objects.get(source_key=ada).pipedrive_id == kept


def test_a_linked_person_that_is_listed_as_deleted_is_made_again(world: World) -> None:
    connection = world.connect()
    ada = world.billing.add_customer(email="ada@x.co")["id"]
    world.run(connection, "full")
    gone = Link.objects.get(source_key=ada).pipedrive_id
    world.crm.delete_person(gone)
    world.billing.edit_customer(ada, first_name="Ada")
    world.clock.advance(3600)
    assert world.run(connection, "sync").counts["created"] == 1
    assert [person["name"] for person in world.crm.persons()] == ["Ada"]
