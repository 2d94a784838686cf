"""With what new records begin: owner, visibility, label (setting 15)."""

from typing import Any

import pytest

from chargepipe.store.models import Link
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def run(world: World, settings: str, kind: str = "full", **more: Any) -> Any:
    connection = world.connect(settings)
    world.billing.add_customer(email="new@x.co", company="New")
    return world.run(connection, kind, **more)


def writes(world: World) -> list[str]:
    return [p for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


@pytest.mark.parametrize(
    ("word", "number"), [("owner", 1), ("group", 3), ("subgroups", 5), ("company", 7)]
)
def test_new_people_and_organizations_are_visible_as_chosen(world: World, word: str, number: int):
    assert run(world, f'organizations = true\nvisibility = "{word}"').state == "done"
    rows = [*world.crm.persons(), *world.crm.organizations()]
    assert [row["visible_to"] for row in rows] == [number, number]


def test_by_default_pipedrive_decides(world: World):
    usual = world.crm.add_person(name="By hand")["visible_to"]
    run(world, "organizations = true")
    assert {row["visible_to"] for row in world.crm.persons()} == {usual}


def test_new_people_get_the_chosen_label_and_others_keep_theirs(world: World):
    label = world.crm.add_label("person", "Customer")["id"]
    known = world.crm.add_person(name="K", emails=[{"value": "k@x.co"}])["id"]
    world.billing.add_customer(email="k@x.co")
    assert run(world, 'label = "customer"').state == "done"
    made = Link.objects.get(reason="made").pipedrive_id
    assert world.crm.person(made)["label_ids"] == [label]
    assert world.crm.person(known)["label_ids"] == []


@pytest.mark.parametrize(
    ("kind", "of", "state"),
    [("validate", "", "done"), ("preview", "full", "done"), ("full", "", "failed")],
)
def test_a_label_that_is_not_there_is_told_before_anything_is_written(
    world: World, kind: str, of: str, state: str
):
    world.crm.add_label("person", "Hot")
    made = run(world, 'label = "Warm"', kind, of=of)
    assert made.state == state
    assert 'no label "Warm" for people. Labels that it has: "Hot"' in made.message
    assert writes(world) == []


@pytest.mark.parametrize("setting", ['label = "Warm"', 'owner = "nobody@x.co"'])
def test_a_run_that_makes_nobody_asks_for_neither_owner_nor_label(world: World, setting: str):
    world.crm.add_person(name="K", emails=[{"value": "new@x.co"}])
    assert run(world, setting).state == "done"


def test_a_label_made_since_the_last_look_is_found(world: World):
    assert run(world, 'label = "Warm"').state == "failed"
    world.crm.add_label("person", "Warm")
    assert world.run(world.connect('label = "Warm"'), "full").state == "done"


def test_an_owner_that_is_not_there_ends_the_run_before_its_first_write(world: World):
    made = run(world, 'owner = "nobody@x.co"')
    assert (made.state, writes(world)) == ("failed", [])
