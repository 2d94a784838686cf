"""Rule 17: why does this person have this value, and when did it get it?"""

import json
from typing import Any

import pytest

from chargepipe.actions import record_json, standing, why
from chargepipe.actions.why import FieldStory, Story
from chargepipe.store.models import Account, Connection, Link, Run, SyncError
from world import CHARGEBEE, World

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = """
organizations = true
subscription_data = "person"
extras = ["link", "overdue"]
additional_fields = [{ from = "customer.cf_tier", to = "person.Tier" }]
"""


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def later(world: World, connection: Connection, kind: str = "sync", **more: Any) -> Run:
    world.clock.advance(3600)
    return world.run(connection, kind, **more)


def ada_of(world: World, **more: Any) -> str:
    row = {"first_name": "Ada", "email": "ada@x.co", "phone": "+4930901820", **more}
    return world.billing.add_customer(**row)["id"]


def story_of(world: World, key: str, **more: Any) -> Story:
    return why.explain("acme", key, env=world.env, **more)


def field(story: Story, name: str, kind: str = "person") -> FieldStory:
    (found,) = (f for f in story.fields if (f.kind, f.field) == (kind, name))
    return found


def person_id(customer: str) -> int:
    return Link.objects.get(kind="person", source_key=customer).pipedrive_id


def test_every_field_says_value_time_run_and_source(world: World):
    connection = world.connect(EVERYTHING)
    ada = ada_of(world, company="Acme", cf_tier="gold")
    first = world.billing.add_subscription(ada, status="active", mrr=4900, currency_code="EUR")
    run = world.run(connection, "full")
    story = story_of(world, ada)
    assert {f.run for f in story.fields if f.value != "-"} == {run.pk}
    assert all(f.since for f in story.fields if f.value != "-")
    assert all(":" in f.source for f in story.fields), "each names a record and an attribute"
    expected = {
        "name": ("Ada", f"customer {ada}: first_name and last_name"),
        "emails": ("ada@x.co", f"customer {ada}: email"),
        "phones": ("+4930901820", f"customer {ada}: phone"),
        "CB Customer ID": (ada, f"customer {ada}: id"),
        "Tier": ("gold", f"customer {ada}: cf_tier"),
        "CB Customer MRR": ("49 EUR", f"subscriptions {first['id']}: mrr"),
        "CB Subscription Status": (
            "Active",
            f"subscription {first['id']} (the leading one): status",
        ),
    }
    for name, (value, source) in expected.items():
        found = field(story, name)
        assert (found.value, found.source.split(";")[0]) == (value, source)
    status = field(story, "CB Status", "organization")
    assert (status.value, status.run) == ("Active", run.pk)
    assert status.source.startswith(f"customers {ada}: deleted")


def test_of_a_customer_that_moved_to_another_entity_the_living_copy_is_named(world: World):
    connection = world.connect('organizations = true\nbusiness_entities = ["be_main", "be_emea"]')
    world.billing.add_customer(
        id="zz", company="Acme", business_entity_id="be_main", email="z@x.co"
    )
    world.run(connection, "full")
    copy = world.sandbox.customers.transfer("zz", "be_emea")["id"]
    later(world, connection)
    story = story_of(world, copy)
    entity = field(story, "CB Business Entity", "organization")
    assert entity.value == "be_emea"
    assert entity.source.startswith(f"customer {copy} (the leading one): ")
    status = field(story, "CB Status", "organization")
    assert status.source.startswith(f"customers {copy}: deleted")


def test_a_value_dates_from_the_run_that_changed_it(world: World):
    connection = world.connect()
    ada = ada_of(world)
    full = world.run(connection, "full")
    world.clock.advance(3600)
    world.billing.edit_customer(ada, first_name="Ida")
    sync = later(world, connection)
    story = story_of(world, ada)
    assert (field(story, "name").run, field(story, "name").value) == (sync.pk, "Ida")
    assert field(story, "CB Customer ID").run == full.pk
    assert field(story, "name").since == sync.changes.get().written_at


def test_mrr_and_cmrr_show_their_working_as_of_the_write(world: World):
    connection = world.connect()
    ada = ada_of(world)
    add = world.billing.add_subscription
    rate = {"base_currency_code": "EUR", "exchange_rate": 0.5}
    paid = add(ada, status="active", mrr=4900, currency_code="EUR", **rate)["id"]
    dollars = add(ada, status="paused", mrr=1000, currency_code="USD", **rate)["id"]
    over = add(ada, status="cancelled", mrr=700, currency_code="EUR", **rate)["id"]
    ends = add(ada, status="non_renewing", mrr=100, currency_code="EUR", **rate)["id"]
    world.run(connection, "full")
    story = story_of(world, ada)
    mrr, cmrr = field(story, "CB Customer MRR"), field(story, "CB Customer CMRR")
    assert (mrr.value, cmrr.value) == ("55 EUR", "54 EUR")
    lines = {line.partition(":")[0]: line for line in mrr.working}
    assert lines[paid] == f"{paid}: 49 EUR (MRR as Chargebee tells it)"
    assert lines[dollars] == f"{dollars}: 10 USD = 5 EUR (MRR as Chargebee tells it)"
    assert lines[over] == f"{over}: not counted (status cancelled does not count)"
    assert f"{ends}: not counted (ends with its term)" in cmrr.working


def test_what_was_there_before_us_is_told_from_what_we_wrote(world: World):
    connection = world.connect()
    emails = [{"value": "ada@x.co", "primary": True, "label": "work"}]
    world.crm.add_person(name="Ada", emails=emails)
    ada = ada_of(world)
    world.run(connection, "full")
    story = story_of(world, ada)
    assert (field(story, "name").run, field(story, "name").note) == (None, why.NEVER)
    assert field(story, "emails").note == why.NEVER
    assert field(story, "phones").run is not None


def test_now_shows_what_pipedrive_holds_and_that_somebody_moved_it(world: World):
    connection = world.connect()
    ada = ada_of(world, company="Acme")
    world.run(connection, "full")
    world.crm.edit_person(person_id(ada), name="Ada of sales", phones=[])
    world.sandbox.requests.clear()
    used = Account.objects.get().tokens_used
    story = story_of(world, ada, now=True)
    assert [(m, t) for s, m, _, _, t in world.sandbox.requests] == [("GET", 1), ("GET", 1)]
    assert Account.objects.get().tokens_used == used + 2
    moved = {f.field: f.now for f in story.fields if f.moved}
    assert moved == {"name": "Ada of sales", "phones": "-"}
    assert field(story, "emails").now == "ada@x.co"


def test_now_says_where_a_person_is_gone(world: World):
    connection = world.connect()
    ada = ada_of(world)
    world.run(connection, "full")
    world.crm.delete_person(person_id(ada))
    story = story_of(world, ada, now=True)
    assert len(story.gone) == 1
    assert "gone from Pipedrive" in story.gone[0]
    assert not any(f.moved for f in story.fields)


def test_it_says_why_nothing_is_written(world: World):
    connection = world.connect("create_people = false")
    ada = ada_of(world)
    world.run(connection, "full")
    assert standing.reasons(story_of(world, ada).page) == (
        "no person matches, and create_people is off",
    )


def test_a_person_who_is_another_customers_is_a_reason(world: World):
    connection = world.connect('shared_keys = "first"')
    ada, second = ada_of(world), ada_of(world)
    world.run(connection, "full")
    assert standing.reasons(story_of(world, ada).page) == ()
    (words,) = standing.reasons(story_of(world, second).page)
    assert "shares its person with another customer" in words


def test_an_ignored_error_is_a_reason(world: World):
    connection = world.connect()
    ada = ada_of(world)
    for name in ("A", "B"):
        world.crm.add_person(name=name, emails=[{"value": "ada@x.co"}])
    world.run(connection, "full")
    error = SyncError.objects.get(state="open")
    version = connection.records.get(source_id=ada).version
    SyncError.objects.update(state="ignored", version_ignored=version)
    words = standing.reasons(story_of(world, ada).page)
    assert words == (f"its error {error.pk} is ignored until the customer changes in Chargebee",)


def test_a_held_record_says_so(world: World):
    connection = world.connect()
    ada = ada_of(world)
    world.run(connection, "full")
    row = connection.records.get(source_id=ada)
    row.held_version = row.version
    row.save(update_fields=["held_version"])
    (words,) = standing.reasons(story_of(world, ada).page)
    assert f"chargepipe sync acme --customer {ada}" in words


def test_after_an_undo_it_says_which_emails_stand_again(world: World):
    connection = world.connect()
    ada = ada_of(world)
    world.run(connection, "full")
    world.billing.edit_customer(ada, email="new@x.co", phone="+4930901821")
    run = later(world, connection)
    assert later(world, connection, "undo", about=run).state == "done"
    story = story_of(world, ada)
    assert "ada@x.co" in field(story, "emails").value
    assert "+4930901820" in field(story, "phones").value


def test_a_customer_that_shares_the_person_is_named(world: World):
    connection = world.connect()
    ada = ada_of(world)
    world.clock.advance(10)
    bob = ada_of(world, first_name="Bob")
    world.run(connection, "full")
    found = field(story_of(world, ada), "name")
    assert found.value == "Bob"
    assert found.note == f"written for customer {bob}, who shares the person"


def test_what_was_erased_says_when_and_shows_nothing(world: World):
    connection = world.connect()
    ada = ada_of(world, first_name="Adalbertina")
    world.run(connection, "full")
    world.sandbox.customers.clear_personal_data(ada)
    world.clock.advance(86_400)
    later(world, connection)
    story = story_of(world, ada)
    text = json.dumps(record_json.as_json(story))
    assert "Adalbertina" not in text
    assert "ada@x.co" not in text
    assert "erased on" in field(story, "emails").note


def test_the_json_form_is_one_object_with_links_to_both_services(world: World):
    connection = world.connect()
    ada = ada_of(world)
    run = world.run(connection, "full")
    found = record_json.as_json(story_of(world, ada))
    assert json.loads(json.dumps(found)) == found
    assert found["chargebee"] == f"{CHARGEBEE}/d/customers/{ada}"
    assert found["links"][0]["pipedrive"].endswith(f"/person/{person_id(ada)}")
    assert {"field", "value", "since", "run", "source", "working"} <= set(found["fields"][0])
    assert found["writes"][0]["run"] == run.pk
