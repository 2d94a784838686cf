"""Taking over an account that the vendor's app has filled: no duplicate, nothing written twice."""

from typing import Any

import pytest

from chargepipe.store.models import Link
from people import later, link_of, open_errors, people, person_of, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
MONEY = {"value": 49, "currency": "USD"}


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


class Vendor:
    """The fields and people as the vendor's app leaves them."""

    def __init__(self, world: World) -> None:
        self.crm = world.crm
        self.mark = self.field("CB Customer ID", "varchar")
        self.mrr = self.field("CB Customer MRR", "monetary")
        self.cmrr = self.field("CB Customer CMRR", "monetary")
        status = self.crm.add_field(
            "person",
            field_name="CB Customer Status",
            field_type="enum",
            options=[{"label": "Active"}, {"label": "Deleted"}],
        )
        self.status, self.active = status["field_code"], status["options"][0]["id"]

    def field(self, name: str, kind: str) -> str:
        return self.crm.add_field("person", field_name=name, field_type=kind)["field_code"]

    def person(self, mark: str, name: str, email: str, **more: Any) -> int:
        fields = {
            self.mark: mark,
            self.status: self.active,
            self.mrr: MONEY,
            self.cmrr: MONEY,
            **more,
        }
        emails = [{"value": email, "primary": True}]
        return self.crm.add_person(name=name, emails=emails, custom_fields=fields)["id"]


def customer(world: World, id: str, name: str, email: str) -> str:
    world.billing.add_customer(id=id, first_name=name, email=email)
    world.billing.add_subscription(id, status="active", mrr=4900, currency_code="USD")
    return id


def test_people_are_linked_by_their_mark_and_what_is_right_is_not_written(world: World):
    vendor = Vendor(world)
    ids = [customer(world, f"c{n}", f"Name {n}", f"c{n}@x.co") for n in range(5)]
    there = {i: vendor.person(i, f"Name {n}", f"c{n}@x.co") for n, i in enumerate(ids)}
    connection = world.connect("")
    run = world.run(connection, "full")
    assert (run.counts["unchanged"], run.counts["created"], writes(world)) == (5, 0, [])
    linked = Link.objects.filter(kind="person").values_list("source_key", "pipedrive_id")
    assert dict(linked) == there
    assert {link_of(i).reason for i in ids} == {"mark"}
    assert later(world, connection).counts["customers"] == 0


def test_the_mark_wins_where_email_and_name_were_changed_by_salespeople(world: World):
    vendor = Vendor(world)
    ada = customer(world, "ada", "Ada", "a@x.co")
    marked = vendor.person("ada", "Dr. Ada", "private@x.co")
    twin = world.crm.add_person(name="Twin", emails=[{"value": "a@x.co"}])["id"]
    connection = world.connect("")
    run = world.run(connection, "full")
    assert (run.counts["updated"], people(world)) == (1, [marked, twin])
    assert {e["value"] for e in person_of(world, ada)["emails"]} == {"a@x.co", "private@x.co"}
    assert world.crm.person(twin)["name"] == "Twin"


def test_only_what_differs_is_written(world: World):
    vendor = Vendor(world)
    ada = customer(world, "ada", "Ada", "a@x.co")
    vendor.person("ada", "Ada", "a@x.co", **{vendor.mrr: {"value": 1, "currency": "USD"}})
    connection = world.connect("")
    run = world.run(connection, "full")
    (change,) = run.changes.filter(kind="person")
    assert (run.counts["updated"], list(change.after)) == (1, ["CB Customer MRR"])
    assert shown(world, "person", person_of(world, ada), "CB Customer MRR") == MONEY


def test_an_id_field_with_two_ids_stands_for_both_customers(world: World):
    vendor = Vendor(world)
    both = [customer(world, f"c{n}", "Same", f"c{n}@x.co") for n in (1, 2)]
    merged = vendor.person("c1, c2", "Same", "c1@x.co")
    connection = world.connect("")
    run = world.run(connection, "full")
    assert (run.counts["created"], people(world), open_errors()) == (0, [merged], [])
    assert [link_of(each).pipedrive_id for each in both] == [merged, merged]
    later(world, connection, "full")
    assert writes(world) == []


def test_two_people_with_one_mark_are_an_error_that_names_them(world: World):
    vendor = Vendor(world)
    customer(world, "ada", "Ada", "a@x.co")
    for name in ("Ada", "Ada again"):
        vendor.person("ada", name, f"{len(name)}@x.co")
    connection = world.connect("")
    run = world.run(connection, "full")
    assert (run.counts["failed"], writes(world)) == (1, [])
    assert open_errors() == [("duplicate_mark", "ada")]


def test_a_field_of_the_name_with_another_type_is_refused_before_anything_is_written(world: World):
    world.crm.add_field("person", field_name="CB Customer ID", field_type="double")
    customer(world, "ada", "Ada", "a@x.co")
    run = world.run(world.connect(""), "full")
    assert (run.state, writes(world)) == ("failed", [])
    assert "CB Customer ID" in run.message
