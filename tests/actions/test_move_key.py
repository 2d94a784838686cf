"""The match key moved after a full sync: previewed, nothing written, then it holds for the new."""

from typing import Any

import pytest

from chargepipe.actions import connections, move_key
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import SettingsError
from chargepipe.store.models import Connection, Link, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


@pytest.fixture
def connection(world: World) -> Connection:
    """Four linked customers; Ada agrees, Bob differs, Cy has no value, Dan's person has none."""
    world.crm.add_field("person", field_name="Number", field_type="varchar")
    connection = world.connect()
    for name, number in (("ada", "1"), ("bob", "2"), ("cy", None), ("dan", "4")):
        more = {"cf_number": number} if number else {}
        world.billing.add_customer(id=name, email=f"{name}@x.co", **more)
    world.run(connection, "full")
    for name, number in (("ada", " 1 "), ("bob", "7"), ("cy", "3")):
        link = Link.objects.get(kind="person", source_key=name)
        world.crm.edit_person(link.pipedrive_id, custom_fields={code(world): number})
    return connection


def code(world: World) -> str:
    fields = world.crm.fields("person")
    return next(f["field_code"] for f in fields if f["field_name"] == "Number")


def preview(world: World, chargebee: str = "cf_number", pipedrive: str = "Number") -> Any:
    return move_key.preview("acme", chargebee, pipedrive, world.env)


def test_a_preview_counts_who_agrees_differs_or_lacks_the_key(world: World, connection: Connection):
    unlinked = world.billing.add_customer(email="new@x.co", cf_number="9")["id"]
    move = preview(world)
    assert (move.agree, move.differ, move.no_customer_value, move.no_person_value) == (1, 1, 1, 1)
    assert (move.unlinked, move.no_key) == (1, 0), unlinked
    assert any("1 differ" in line for line in move.lines())


def test_a_preview_foretells_who_would_match_several_people_or_share_one(
    world: World, connection: Connection
):
    for name in ("E", "F"):
        world.crm.add_person(name=name, custom_fields={code(world): "5"})
    for id, number in (("eve", "5"), ("gus", "2"), ("hal", "9")):
        world.billing.add_customer(id=id, email=f"{id}@x.co", cf_number=number)
    world.billing.delete_customer("hal")
    move = preview(world)
    assert (move.unlinked, move.several, move.shared) == (2, 1, 2), "Gus has the number of Bob"
    assert "  1 match several people: an error until one is picked" in move.lines()
    move_key.move(move)
    world.clock.advance(3600)
    connection.refresh_from_db()
    world.run(connection, "full")
    assert [error.source_key for error in connection.errors.filter(state="open")] == ["eve"]


def test_fields_that_everybody_has_are_looked_up_here(world: World, connection: Connection):
    world.sandbox.requests.clear()
    move = preview(world, "phone", "phone")
    assert (move.no_customer_value, len(world.sandbox.requests)) == (4, 0)


def test_a_move_writes_nothing_and_holds_for_customers_not_linked_yet(
    world: World, connection: Connection
):
    move_key.move(preview(world))
    there = world.crm.add_person(name="E", custom_fields={code(world): "5"})["id"]
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    connection.refresh_from_db()
    assert world.run(connection, "sync").state == "done"
    assert not [m for s, m, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]
    new = world.billing.add_customer(email="other@x.co", cf_number="5")["id"]
    world.run(connection, "sync")
    assert Link.objects.get(source_key=new).pipedrive_id == there
    assert Link.objects.filter(kind="person").count() == 5
    assert len(list(world.crm.persons())) == 5


def test_the_file_must_say_the_new_key_from_then_on(world: World, connection: Connection):
    move = preview(world)
    move_key.move(move)
    with pytest.raises(SettingsError, match="connection move-key"):
        connections.propose(world.text())
    said = move.in_file()
    key = said[said.index("match_key") : said.index(" into")]
    assert connections.propose(world.text(f"organizations = true\n{key}")).differences == ()


@pytest.mark.parametrize(
    ("chargebee", "pipedrive", "words"),
    [
        ("email", "email", "match key of acme already"),
        ("email", "phone", "never equals"),
        ("name", "email", "must be"),
        ("cf_number", "Nowhere", 'no text field "Nowhere"'),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    world: World, connection: Connection, chargebee: str, pipedrive: str, words: str
):
    with pytest.raises(Refused, match=words):
        preview(world, chargebee, pipedrive)


def test_before_the_first_full_sync_the_file_is_the_way(world: World):
    world.connect()
    with pytest.raises(Refused, match="change match_key in its file"):
        preview(world)


def test_a_run_under_way_stands_in_the_way(world: World, connection: Connection):
    move = preview(world)
    Run.objects.create(connection=connection, kind="sync")
    with pytest.raises(Refused, match="under way"):
        move_key.move(move)
