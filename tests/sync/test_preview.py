"""Rule 10: a preview tells what the run then does, and what it costs."""

import pytest

from chargepipe.actions import plans
from chargepipe.store.models import Run
from deals import ON
from people import later, open_errors, person_of, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

BUCKETS = ("created", "updated", "unchanged", "skipped", "failed")


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def add(world: World, name: str, email: str = "both@x.co") -> str:
    return world.billing.add_customer(email=email, first_name=name)["id"]


def figures(run: Run) -> dict[str, int]:
    assert run.state == "done", run.message
    return {name: run.counts[name] for name in BUCKETS}


def test_of_customers_that_share_a_new_person_a_preview_counts_one_as_created(world: World):
    connection = world.connect()
    add(world, "Old")
    add(world, "New")
    add(world, "Ada", "a@x.co")
    preview = world.run(connection, "preview", of="full")
    assert (preview.counts["created"], preview.counts["updated"]) == (2, 1)
    assert figures(world.run(connection, "full")) == figures(preview)


def test_a_preview_of_a_sync_shows_that_a_deleted_person_will_be_made_again(world: World):
    connection = world.connect()
    ada = add(world, "Ada", "a@x.co")
    world.run(connection, "full")
    world.crm.delete_person(person_of(world, ada)["id"])
    preview = later(world, connection, "preview", of="sync")
    assert (preview.counts["created"], writes(world)) == (1, [])
    run = world.run(connection, "apply", about=preview)
    assert (run.counts["created"], run.counts["moved"]) == (1, 0)
    assert person_of(world, ada)["name"] == "Ada"


def test_who_will_not_sync_stands_in_the_error_list_before_the_first_write(world: World):
    connection = world.connect(ON)
    for name in ("A", "B"):
        world.crm.add_person(name=name, emails=[{"value": "a@x.co"}])
    ada = add(world, "Ada", "a@x.co")
    preview = world.run(connection, "preview", of="full")
    assert (preview.counts["failed"], preview.counts["errors_open"]) == (1, 1)
    assert (writes(world), open_errors()) == ([], [("ambiguous_person", ada)])
    world.billing.edit_customer(ada, email="ada@x.co")
    preview = later(world, connection, "preview", of="full")
    assert (preview.counts["failed"], open_errors()) == (0, [])


def test_the_tokens_of_a_preview_are_those_that_the_run_costs(world: World):
    connection = world.connect()
    customers = [add(world, f"C{n}", f"c{n}@x.co") for n in range(30)]
    world.run(connection, "full")
    for customer in customers[:3]:
        world.billing.edit_customer(customer, first_name="New")
    preview = later(world, connection, "preview", of="sync")
    promised = plans.totals(preview).tokens_in_all
    run = world.run(connection, "sync")
    assert run.tokens == pytest.approx(promised, rel=0.05)


RICH = 'organizations = true\nsubscription_data = "person"\nextras = ["link", "overdue"]'


@pytest.mark.parametrize("settings", ["", f"{RICH}\n{ON}"])
@pytest.mark.parametrize("begin", ["", "validate"])
def test_a_step_costs_what_its_preview_says(db: None, settings: str, begin: str):
    world = World(customers=60)
    connection = world.connect(settings)
    if begin:
        world.run(connection, begin)
    for step in ("trial", "full"):
        preview = later(world, connection, "preview", of=step)
        promised = plans.totals(preview).tokens_in_all
        run = later(world, connection, step)
        assert run.tokens == pytest.approx(promised, rel=0.05), step


@pytest.mark.parametrize("settings", ["", f"{RICH}\n{ON}"])
def test_a_plan_costs_what_its_preview_says(db: None, settings: str):
    world = World(customers=60)
    connection = world.connect(settings)
    preview = world.run(connection, "preview", of="full")
    promised = plans.totals(preview).tokens_in_all
    run = world.run(connection, "apply", about=preview)
    assert run.tokens == pytest.approx(promised, rel=0.05)
