"""Customers are found by what people know of them, and no longer by what was cleared."""

from typing import Any

import pytest
from django.test import Client

from chargepipe.domain.searching import MOST, search_text
from chargepipe.store.models import Connection, Link
from people import later
from world import World


@pytest.fixture
def world(db: None) -> World:
    return World(customers=0, people_before=0.0)


def found(client: Client, text: str) -> list[str]:
    page = client.get("/c/acme/records/", {"q": text})
    return [record.source_id for record, _ in page.context["rows"]]


def synced(world: World, **customer: Any) -> tuple[Connection, str]:
    id = world.billing.add_customer(**customer)["id"]
    world.billing.add_customer(email="somebody.else@x.co", first_name="Else")
    connection = world.connect()
    world.run(connection, "full")
    connection.refresh_from_db()
    return connection, id


def test_by_name_email_company_and_ids(world: World, admin: Client) -> None:
    name = {"first_name": "Özge", "last_name": "Straße", "company": "Ada & Söhne"}
    connection, id = synced(world, email="O@Example.com", **name)
    subscription = world.billing.add_subscription(customer_id=id)["id"]
    later(world, connection)
    person = Link.objects.get(kind="person", source_key=id).pipedrive_id
    for text in ("özge", "ÖZGE strasse", "o@example", "söhne", id, id.upper(), str(person)):
        assert found(admin, text) == [id], text
    assert found(admin, subscription) == [id]
    assert found(admin, "%") == []
    assert len(found(admin, "")) == 2


def test_a_new_name_is_found_and_the_old_one_is_not(world: World, admin: Client) -> None:
    connection, id = synced(world, email="a@x.co", first_name="Grace")
    world.billing.edit_customer(id, first_name="Radia")
    later(world, connection)
    assert (found(admin, "radia"), found(admin, "grace")) == ([id], [])


def test_a_text_is_not_longer_than_an_index_takes() -> None:
    text = search_text({"id": "c1", "company": "ß" * 900})
    assert len(text) == MOST
    assert text.startswith("c1 ss")


def test_who_was_undone_is_held_and_not_up_to_date(world: World, admin: Client) -> None:
    connection, id = synced(world, email="undone@x.co", first_name="Una")
    record = connection.records.get(kind="customer", source_id=id)
    record.held_version = record.version
    record.save()
    for page in (f"/c/acme/records/{id}", f"/c/acme/records/?q={id}"):
        shown = admin.get(page).content.decode()
        assert "undone and held" in shown
        assert ">up to date<" not in shown
