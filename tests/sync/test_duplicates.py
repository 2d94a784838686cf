"""The duplicate report on both sides, before the first write."""

import csv
import io
from typing import Any

import pytest

from chargepipe.actions import duplicates
from chargepipe.actions.refusal import Refused
from people import later, writes
from world import PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def found(name: str = "acme") -> list[tuple[str, str, str, list[Any]]]:
    return [
        (double.kind, double.what, double.value, [each for each, _ in double.records])
        for double in duplicates.listing(name)
    ]


def person(world: World, name: str, email: str = "", **more: Any) -> int:
    emails = [{"value": email}] if email else []
    return world.crm.add_person(name=name, emails=emails, **more)["id"]


def test_a_validation_shows_what_stands_twice_on_both_sides_and_writes_nothing(world: World):
    connection = world.connect()
    ids = [world.billing.add_customer(email=e)["id"] for e in ("A@x.co", "a@x.co", "c@x.co")]
    people = [person(world, "X", "p@x.co"), person(world, "Y", "P@x.co")]
    person(world, "Z", "z@x.co")
    companies = [world.crm.add_organization(name=n)["id"] for n in ("Acme", "ACME ", "Other")]
    run = world.run(connection, "validate")
    assert writes(world) == []
    assert found() == [
        ("customer", "match key", "a@x.co", sorted(ids[:2])),
        ("person", "email", "p@x.co", people),
        ("organization", "name", "acme", companies[:2]),
    ]
    assert "1 match key shared by 2 customers" in run.message
    assert "1 email shared by 2 people; 1 name shared by 2 organizations" in run.message
    assert "chargepipe duplicates acme" in run.message


def test_linked_customers_do_not_keep_a_validation_from_looking_anew(world: World):
    connection = world.connect()
    world.billing.add_customer(email="a@x.co", company="Acme")
    world.run(connection, "full")
    assert found() == []
    person(world, "Late", "a@x.co")
    world.crm.add_organization(name="Acme")
    later(world, connection, "validate")
    assert [double[:3] for double in found()] == [
        ("person", "email", "a@x.co"),
        ("organization", "name", "acme"),
    ]


def test_people_with_the_same_mark_are_shown_also_where_a_merge_joined_two(world: World):
    code = world.crm.add_field("person", field_name="CB Customer ID", field_type="varchar")
    marks = ("cust", "cust", "one, two")
    ids = [person(world, m, custom_fields={code["field_code"]: m}) for m in marks]
    connection = world.connect()
    world.run(connection, "validate")
    assert found() == [("person", "CB Customer ID", "cust", ids[:2])]


def test_the_field_of_the_match_key_counts_and_deleted_customers_do_not(world: World):
    code = world.crm.add_field("person", field_name="Account No", field_type="varchar")
    ids = [person(world, v, custom_fields={code["field_code"]: v}) for v in ("A-1", "a-1 ")]
    connection = world.connect('match_key = {chargebee = "id", pipedrive = "Account No"}')
    for each in ("A-1", "a-1"):
        world.billing.add_customer(id=each)
    world.run(connection, "validate")
    assert [d for d in found() if d[0] == "person"] == [("person", "Account No", "a-1", ids)]
    assert [d for d in found() if d[0] == "customer"] == [
        ("customer", "match key", "a-1", ["A-1", "a-1"])
    ]
    world.billing.delete_customer("A-1")
    later(world, connection, "validate")
    assert [d for d in found() if d[0] == "customer"] == []


def test_one_phone_in_several_forms_is_told_of_once(world: World):
    connection = world.connect('match_key = {chargebee = "phone", pipedrive = "phone"}')
    for name in ("X", "Y"):
        world.crm.add_person(name=name, phones=[{"value": "4930901820"}])
    world.run(connection, "validate")
    assert [double[:2] for double in found()] == [("person", "phone")]


def test_the_report_as_csv_has_a_line_for_each_record_with_a_link(world: World):
    connection = world.connect()
    person(world, "=X", "p@x.co")
    person(world, "Y", "p@x.co")
    world.run(connection, "validate")
    text = "".join(duplicates.csv("acme")).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["where"], row["group"], row["name"]) for row in rows] == [
        ("Pipedrive", "1", "'=X"),
        ("Pipedrive", "1", "Y"),
    ]
    assert rows[0]["link"] == f"{PIPEDRIVE}/person/{rows[0]['id']}"


def test_an_account_without_doubles_has_an_empty_report(world: World):
    connection = world.connect()
    world.billing.add_customer(email="a@x.co")
    assert "Duplicates" not in world.run(connection, "validate").message
    assert found() == []
    with pytest.raises(Refused):
        duplicates.listing("nobody")
