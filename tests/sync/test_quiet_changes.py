"""Rule 5: what moves in Chargebee without a new version is noticed by the daily complete walk."""

import pytest

from chargepipe.sandbox import Options
from chargepipe.store.models import PullState, Record
from people import later, link_of, person_of, shown
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400


@pytest.fixture
def world() -> World:
    quiet = Options(clearing_tells=False, merge_moves=False, mrr_moves=False)
    return World(customers=0, people_before=0.0, options=quiet)


def test_personal_data_cleared_without_a_trace_are_cleared_within_a_day(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", first_name="Ada", company="Acme")["id"]
    world.clock.advance(3600)
    world.billing.add_customer(email="newer@x.co")  # so that the overlap of lists leaves Ada out
    world.run(connection, "full")
    version = world.billing.customer(ada)["resource_version"]
    world.sandbox.customers.clear_personal_data(ada)
    assert world.billing.customer(ada)["resource_version"] == version
    assert later(world, connection).counts["customers"] == 0, "no list tells of it"
    world.clock.advance(DAY)
    later(world, connection)
    person = person_of(world, ada)
    assert (person["name"] == "Ada", person["emails"]) == (False, [])
    assert "a@x.co" not in str(Record.objects.get(source_id=ada).attributes)


def test_a_later_full_sync_walks_everything_at_once(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", first_name="Ada")["id"]
    world.run(connection, "full")
    world.sandbox.customers.clear_personal_data(ada)
    preview = world.run(connection, "preview", of="full")
    full = world.run(connection, "full")
    assert preview.changes.filter(kind="person").count() == full.counts["updated"] == 1
    assert person_of(world, ada)["emails"] == []


def test_subscriptions_moved_by_a_merge_of_customers_arrive_within_a_day(world: World):
    connection = world.connect()
    lost = world.billing.add_customer(email="l@x.co")["id"]
    kept = world.billing.add_customer(email="k@x.co")["id"]
    sub = world.billing.add_subscription(lost, status="active", mrr=900, currency_code="USD")["id"]
    world.run(connection, "full")
    world.sandbox.customers.merge(lost, kept)
    world.sandbox.travel(120)
    assert world.billing.subscription(sub)["customer_id"] == kept
    world.clock.advance(DAY)
    run = later(world, connection)
    assert run.counts["updated"] == 2
    mrr = [shown(world, "person", person_of(world, c), "CB Customer MRR") for c in (lost, kept)]
    assert [each and each["value"] for each in mrr] == [0, 9]
    assert Record.objects.get(source_id=sub).customer_id == kept


def test_a_customer_that_is_listed_no_more_counts_as_deleted_within_a_day(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co")["id"]
    world.run(connection, "full")
    Record.objects.filter(source_id=ada).update(walk=0)
    Record.objects.create(
        connection=connection,
        kind="customer",
        source_id="never listed",
        customer_id="never listed",
        attributes={"id": "never listed"},
        settled=1,
    )
    world.clock.advance(DAY)
    later(world, connection)
    assert Record.objects.get(source_id="never listed").deleted
    assert not Record.objects.get(source_id=ada).deleted


def test_an_attribute_that_an_additional_field_shows_may_be_emptied_quietly(world: World):
    more = '[[settings.additional_fields]]\nfrom = "customer.cf_tier"\nto = "person.Tier"'
    connection = world.connect(f"organizations = true\n{more}")
    ada = world.billing.add_customer(email="a@x.co", cf_tier="gold")["id"]
    world.run(connection, "full")
    world.billing.book.change_quietly("customer", ada, {"cf_tier": None})
    world.clock.advance(DAY)
    assert later(world, connection).counts["updated"] == 1
    assert shown(world, "person", person_of(world, ada), "Tier") is None


def test_a_complete_walk_without_a_change_makes_nobody_dirty(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    world.billing.add_subscription(ada, status="active")
    world.run(connection, "full")
    walks = dict(PullState.objects.values_list("kind", "walk"))
    world.clock.advance(DAY)
    assert later(world, connection).counts["customers"] == 0
    assert dict(PullState.objects.values_list("kind", "walk")) == {
        kind: walk + 1 for kind, walk in walks.items()
    }
    assert link_of(ada).state == ""


def test_a_further_attribute_of_an_address_makes_nobody_dirty(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(
        email="a@x.co", billing_address={"country": "DE", "city": "Berlin"}
    )["id"]
    world.run(connection, "full")
    more = (
        '[[settings.additional_fields]]\nfrom = "customer.billing_address.city"\nto = "person.City"'
    )
    connection = world.connect(f"organizations = true\n{more}")
    assert later(world, connection).counts["customers"] == 0
    world.billing.book.change_quietly(
        "customer", ada, {"billing_address": {"country": "DE", "city": "Bonn"}}
    )
    world.clock.advance(DAY)
    later(world, connection)
    assert shown(world, "person", person_of(world, ada), "City") == "Bonn"
