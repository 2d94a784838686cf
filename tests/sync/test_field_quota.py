"""An account takes only so many custom fields: told before, stopped before the first write."""

from typing import Any

import pytest

from chargepipe.store.models import Account, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

MUCH = 'subscription_data = "person"\nextras = ["link", "overdue"]'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0, plan="lite")


def fill(world: World, number: int, entity: Any = "deal") -> None:
    for n in range(number):
        world.crm.add_field(entity, field_name=f"Other {n}", field_type="varchar")


def writes(world: World) -> list[tuple[str, str]]:
    return [(m, p) for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def run(world: World, kind: str, settings: str = MUCH, **more: Any) -> Run:
    connection = world.connect(settings)
    world.billing.add_customer(email="a@x.co")
    return world.run(connection, kind, **more)


@pytest.mark.parametrize(("kind", "of"), [("validate", ""), ("preview", "full")])
def test_validation_and_preview_say_what_is_needed_and_what_is_free(
    world: World, kind: str, of: str
):
    fill(world, 10)
    made = run(world, kind, of=of)
    assert made.state == "done"
    assert "need 15 custom fields, 0 are there; 20 of 30 are free" in made.message
    assert "(Lite)" in made.message
    assert writes(world) == []


def test_fields_that_do_not_fit_are_told_with_a_smaller_choice(world: World):
    fill(world, 17)
    made = run(world, "validate")
    assert made.state == "done"
    assert "2 do not fit" in made.message
    assert 'To fit, switch off: "overdue" of extras.' in made.message
    assert 'subscription_data = "person" (8)' in made.message


@pytest.mark.parametrize("approved", [True, False])
def test_a_run_whose_fields_do_not_fit_ends_before_its_first_write(world: World, approved: bool):
    fill(world, 17)
    made = run(world, "full", approved=approved)
    assert (made.state, writes(world)) == ("failed", [])
    assert "2 do not fit, so nothing is written" in made.message
    connection = world.connect('subscription_data = "person"\nextras = ["link"]')
    assert world.run(connection, "full").state == "done"


def test_fields_that_just_fit_are_made(world: World):
    fill(world, 15)
    assert run(world, "full").state == "done"


def test_an_account_that_tells_no_limit_is_not_guessed_at(world: World):
    world.sandbox.company.shows_limits = False
    made = run(world, "preview", of="full")
    assert Account.objects.get().burst is None
    assert "Pipedrive does not tell how many it allows" in made.message


def test_a_limit_that_is_met_all_the_same_ends_the_run_in_words(world: World):
    world.sandbox.company.shows_limits = False
    fill(world, 28)
    made = run(world, "full")
    assert made.state == "failed"
    assert "feature_capping_custom_fields_limit" in made.message
    assert "subscription_data" in made.message
    assert not any(path.endswith("/persons") for _, path in writes(world))


def test_a_field_freed_since_the_last_look_counts(world: World):
    fill(world, 17)
    assert run(world, "full").state == "failed"
    for row in [f for f in world.crm.fields("deal") if f["is_custom_field"]][:2]:
        world.crm.delete_field("deal", row["field_code"])
    connection = world.connect(MUCH)
    assert world.run(connection, "full").state == "done"
