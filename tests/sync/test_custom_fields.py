"""Custom fields: made on first need, found again, made anew where people deleted them."""

from typing import Any

import pytest
from test_in_between import run_watched

from chargepipe.sandbox import Fault
from chargepipe.store.models import Connection, Link, SyncError
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

TIER = '[[settings.additional_fields]]\nfrom = "customer.cf_tier"\nto = "person.Tier"\n'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def field(world: World, entity: Any, name: str) -> dict[str, Any]:
    (found,) = [f for f in world.crm.fields(entity) if f["field_name"] == name]
    return found


def held(world: World, customer: str, name: str, connection: Connection | None = None) -> Any:
    """What the customer's person holds in a custom field; an option by its label."""
    links = Link.objects.filter(kind="person", source_key=customer)
    link = links.get(connection=connection) if connection else links.get()
    person = world.crm.person(link.pipedrive_id)
    row = field(world, "person", name)
    value = person["custom_fields"].get(row["field_code"])
    labels = {option["id"]: option["label"] for option in row["options"] or ()}
    return labels[value] if labels and value is not None else value


def names(world: World, entity: Any = "person") -> list[str]:
    return [f["field_name"] for f in world.crm.fields(entity) if f["is_custom_field"]]


def later(world: World, connection: Connection, kind: str = "sync") -> Any:
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    run = world.run(connection, kind)
    assert run.state == "done", run.message
    return run


def synced(world: World, settings: str = "", **customer: Any) -> tuple[Connection, str]:
    connection = world.connect(settings)
    ada = world.billing.add_customer(**{"email": "a@x.co", **customer})["id"]
    run = world.run(connection, "full")
    assert run.state == "done", run.message
    return connection, ada


def test_fields_are_made_once_and_only_when_something_is_written(world: World):
    connection = world.connect()
    assert world.run(connection, "full").state == "done"
    assert names(world) == []
    world.billing.add_customer(email="a@x.co")
    later(world, connection)
    made = names(world)
    assert len(made) == 4
    world.billing.add_customer(email="b@x.co")
    later(world, connection)
    assert names(world) == made


def test_a_field_deleted_in_pipedrive_is_made_again_in_the_same_run(world: World):
    connection, _ = synced(world)
    world.crm.delete_field("person", field(world, "person", "CB Customer MRR")["field_code"])
    ids = [world.billing.add_customer(email=f"c{n}@x.co")["id"] for n in range(3)]
    for customer in ids:
        world.billing.add_subscription(customer, status="active", mrr=500, currency_code="USD")
    run = later(world, connection)
    assert run.counts["created"] == 3
    assert not SyncError.objects.filter(state="open").exists(), "no error per customer"
    assert [held(world, one, "CB Customer MRR")["value"] for one in ids] == [5, 5, 5]


def test_a_field_deleted_in_pipedrive_is_no_hindrance_to_look_for_people_again(world: World):
    connection, ada = synced(world)
    world.crm.delete_field("person", field(world, "person", "CB Customer MRR")["field_code"])
    world.billing.edit_customer(ada, first_name="Ada")
    bob = world.billing.add_customer(email="b@x.co")["id"]
    counts = later(world, connection).counts
    assert (counts["created"], counts["updated"]) == (1, 1)
    assert [held(world, one, "CB Customer MRR")["value"] for one in (ada, bob)] == [0, 0]


def test_a_field_deleted_just_before_the_writes_is_made_again_and_they_go_once_more(world: World):
    connection, ada = synced(world)
    people = [ada, *(world.billing.add_customer(email=f"c{n}@x.co")["id"] for n in range(3))]
    later(world, connection)
    for person in people:
        world.billing.add_subscription(person, status="active", mrr=700, currency_code="USD")
    world.clock.advance(86_400)
    deleted: list[str] = []

    def look(method: str, path: str) -> None:
        if method == "PATCH" and not deleted:
            deleted.append(field(world, "person", "CB Customer MRR")["field_code"])
            world.crm.delete_field("person", deleted[0])

    run = run_watched(world, connection, "sync", look)
    assert (run.state, run.counts["updated"], run.counts["failed"]) == ("done", 4, 0)
    assert [held(world, one, "CB Customer MRR")["value"] for one in people] == [7] * 4
    assert field(world, "person", "CB Customer MRR")["field_code"] != deleted[0]


def test_an_option_deleted_just_before_the_write_is_made_again(world: World):
    connection, ada = synced(world)
    world.billing.delete_customer(ada)
    world.clock.advance(3600)
    deleted: list[int] = []

    def look(method: str, path: str) -> None:
        row = field(world, "person", "CB Customer Status")
        if method == "PATCH" and not deleted:
            deleted.extend(o["id"] for o in row["options"] if o["label"] == "Deleted")
            world.crm.delete_option("person", row["field_code"], deleted[0])

    run = run_watched(world, connection, "sync", look)
    assert (run.state, run.counts["updated"], run.counts["failed"]) == ("done", 1, 0)
    assert held(world, ada, "CB Customer Status") == "Deleted"


def refusal(method: str, words: str) -> Fault:
    return Fault(
        method=method,
        path=r"/persons/\d+$",
        status=400,
        body=f'{{"success":false,"error":"{words}","code":"ERR_SCHEMA_VALIDATION_FAILED"}}',
        content_type="application/json",
        times=1,
    )


def test_a_value_that_pipedrive_refuses_twice_is_an_error_of_its_record(world: World):
    connection, ada = synced(world)
    for _ in range(2):
        world.faults.add(refusal("PATCH", "Validation failed: custom_fields: x: must be a date"))
    world.billing.edit_customer(ada, first_name="Ada")
    world.clock.advance(3600)
    run = world.run(connection, "sync")
    assert run.counts["failed"] == 1
    assert SyncError.objects.get(state="open").code == "refused"
    assert later(world, connection).counts["failed"] == 0


def test_values_of_a_deleted_field_come_back_with_a_full_sync(world: World):
    connection, ada = synced(world, TIER, cf_tier="gold")
    world.crm.delete_field("person", field(world, "person", "Tier")["field_code"])
    other = world.billing.add_customer(email="b@x.co", cf_tier="tin")["id"]
    later(world, connection)
    assert (held(world, other, "Tier"), held(world, ada, "Tier")) == ("tin", None)
    run = later(world, connection, "full")
    assert (held(world, ada, "Tier"), run.counts["updated"]) == ("gold", 1)


def test_a_field_renamed_in_pipedrive_stays_ours(world: World):
    connection, ada = synced(world)
    world.crm.rename_field("person", field(world, "person", "CB Customer MRR")["field_code"], "MRR")
    world.billing.add_subscription(ada, status="active", mrr=900, currency_code="USD")
    world.clock.advance(86_400)
    later(world, connection)
    assert held(world, ada, "MRR") == {"value": 9, "currency": "USD"}
    assert "CB Customer MRR" not in names(world)


def test_an_option_deleted_in_pipedrive_is_made_again(world: World):
    connection, ada = synced(world)
    row = field(world, "person", "CB Customer Status")
    (active,) = [o for o in row["options"] if o["label"] == "Active"]
    world.crm.delete_option("person", row["field_code"], active["id"])
    new = world.billing.add_customer(email="b@x.co")["id"]
    run = later(world, connection)
    assert (run.counts["created"], run.counts["failed"]) == (1, 0)
    assert held(world, new, "CB Customer Status") == "Active"
    later(world, connection, "full")
    assert held(world, ada, "CB Customer Status") == "Active"


def test_an_option_renamed_in_pipedrive_is_found_by_its_id(world: World):
    connection, ada = synced(world)
    row = field(world, "person", "CB Customer Status")
    renamed = [{"id": o["id"], "label": f"{o['label']} (de)"} for o in row["options"]]
    world.crm.field_set.rename_options("person", row["field_code"], renamed, 0.0)
    world.clock.advance(86_400)
    new = world.billing.add_customer(email="b@x.co")["id"]
    later(world, connection)
    assert held(world, new, "CB Customer Status") == "Active (de)"
    assert len(field(world, "person", "CB Customer Status")["options"]) == 2
    assert {m for s, m, *_ in world.sandbox.requests if s == "chargebee"} == {"GET"}
    later(world, connection, "full")
    writes = [p for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]
    assert writes == [], f"{ada} holds what it should"


def test_a_status_that_we_did_not_know_gets_its_option(world: World):
    connection, ada = synced(world, 'subscription_data = "person"')
    one = world.billing.add_subscription(ada, mrr=0, currency_code="USD")
    world.billing.book.change("subscription", one["id"], {"status": "half_open"})
    later(world, connection)
    assert held(world, ada, "CB Subscription Status") == "Half open"


def test_a_field_of_our_name_with_another_type_ends_the_run_in_words(world: World):
    connection = world.connect()
    world.crm.add_field("person", field_name="CB Customer MRR", field_type="varchar")
    world.billing.add_customer(email="a@x.co")
    for kind in ("validate", "full"):
        run = world.run(connection, kind)
        assert run.state == "failed"
        assert '"CB Customer MRR" has the type text' in run.message
    assert names(world) == ["CB Customer MRR"]


def test_a_field_of_another_type_that_was_deleted_stands_in_nobodys_way(world: World):
    connection = world.connect()
    wrong = world.crm.add_field("person", field_name="CB Customer MRR", field_type="varchar")
    assert world.run(connection, "full").state == "failed"
    world.crm.delete_field("person", wrong["field_code"])
    assert world.run(connection, "full").state == "done"


TYPES = """
[[settings.additional_fields]]
from = "customer.cf_tier"
to = "person.Tier"
type = "option"
[[settings.additional_fields]]
from = "customer.cf_vip"
to = "person.VIP"
type = "yes_no"
[[settings.additional_fields]]
from = "customer.cf_seats"
to = "person.Seats"
type = "number"
[[settings.additional_fields]]
from = "customer.cf_since"
to = "person.Since"
type = "date"
[[settings.additional_fields]]
from = "customer.unbilled_charges"
to = "person.Unbilled"
[[settings.additional_fields]]
from = "customer.billing_address.city"
to = "person.City"
"""


def test_additional_fields_of_every_type_arrive(world: World):
    _, ada = synced(
        world,
        TYPES,
        cf_tier="gold",
        cf_vip=True,
        cf_seats="12",
        cf_since="2026-01-31",
        unbilled_charges=1234,
        preferred_currency_code="EUR",
        billing_address={"city": "Graz"},
    )
    found = {n: held(world, ada, n) for n in ("Tier", "VIP", "Seats", "Since", "Unbilled", "City")}
    assert found == {
        "Tier": "gold",
        "VIP": "Yes",
        "Seats": 12,
        "Since": "2026-01-31",
        "Unbilled": {"value": 12.34, "currency": "EUR"},
        "City": "Graz",
    }
    assert [o["label"] for o in field(world, "person", "VIP")["options"]] == ["Yes", "No"]


def test_a_single_option_grows_with_the_values_and_is_made_with_the_first(world: World):
    connection, ada = synced(world, TYPES)
    assert "Tier" not in names(world), "an option field needs an option"
    for tier in ("gold", "tin"):
        world.billing.edit_customer(ada, cf_tier=tier)
        later(world, connection)
        assert held(world, ada, "Tier") == tier
    assert [o["label"] for o in field(world, "person", "Tier")["options"]] == ["gold", "tin"]


def test_an_additional_field_may_be_one_that_people_made(world: World):
    world.crm.add_field("person", field_name="Tier", field_type="text")
    _, ada = synced(world, TIER, cf_tier="gold")
    assert held(world, ada, "Tier") == "gold"
    assert names(world).count("Tier") == 1


def test_values_that_do_not_fit_their_type_are_told_at_validation(world: World):
    connection = world.connect(TYPES)
    odd = world.billing.add_customer(email="a@x.co", cf_seats="many")["id"]
    world.billing.add_customer(email="b@x.co", cf_seats="3")
    run = world.run(connection, "validate")
    assert 'of 1 customers do not fit "person.Seats", for cf_seats is not a number' in run.message
    assert odd in run.message


def test_an_additional_field_with_another_type_is_told_at_preview(world: World):
    world.crm.add_field("person", field_name="Tier", field_type="double")
    connection = world.connect(TIER)
    world.billing.add_customer(email="a@x.co", cf_tier="gold")
    run = world.run(connection, "preview", of="full")
    assert run.state == "failed"
    assert "Tier" in run.message
    assert "Give the additional field that type" in run.message


def test_a_match_key_that_is_gone_ends_the_run_and_makes_nobody(world: World):
    key = 'match_key = {chargebee = "id", pipedrive = "External"}'
    world.crm.add_field("person", field_name="External", field_type="varchar")
    connection, _ = synced(world, key)
    code = field(world, "person", "External")["field_code"]
    world.crm.rename_field("person", code, "Outside")
    world.clock.advance(86_400)
    later(world, connection)
    world.crm.delete_field("person", code)
    world.billing.add_customer(email="b@x.co")
    world.clock.advance(86_400)
    run = world.run(connection, "sync")
    assert run.state == "failed"
    assert '"External" is not there' in run.message
    assert len(list(world.crm.persons())) == 1


def test_two_connections_on_an_account_keep_their_own_fields_whatever_people_do(world: World):
    first, ada = synced(world)
    second = world.connect(name="second")
    world.run(second, "full")
    mine = field(world, "person", "CB Customer MRR")["field_code"]
    theirs = field(world, "person", "CB Customer MRR (acme-test)")["field_code"]
    world.crm.rename_field("person", mine, "MRR")
    world.crm.delete_field("person", theirs)
    world.billing.add_subscription(ada, status="active", mrr=900, currency_code="USD")
    world.clock.advance(86_400)
    for connection in (first, second):
        connection.refresh_from_db()
        later(world, connection)
    money = {"value": 9, "currency": "USD"}
    assert held(world, ada, "MRR", first) == money
    assert held(world, ada, "CB Customer MRR (acme-test)", first) == money
    assert "CB Customer MRR" not in names(world)
    assert Connection.objects.get(pk=first.pk).field_codes["person/CB Customer MRR"] == mine
