"""A yes to the brake covers what was shown: a run that does more asks once more (rule 11)."""

import pytest

from chargepipe.actions import runs
from chargepipe.store.models import Connection, Run
from deals import ON, quiet_world, settled
from people import later, people, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
DELETES = 'deleted_customers = "delete"\n'
BRAKE = "[brake]\ndeals = 20\n"
MANY = 30
DAY = 86_400


@pytest.fixture
def world() -> World:
    """Twenty customers, to be in sync."""
    world = quiet_world()
    for number in range(20):
        world.billing.add_customer(id=f"c{number}", email=f"c{number}@x.co")
    world.clock.advance(60)
    return world


def gone(world: World, *numbers: int) -> None:
    for number in numbers:
        world.billing.delete_customer(f"c{number}")
    world.clock.advance(60)


def subscribed(world: World, *numbers: int) -> None:
    for number in numbers:
        world.billing.add_subscription("c0", id=f"s{number}")
    world.clock.advance(60)


def yes(world: World, run: Run) -> Run:
    """Somebody approves the run an hour after it asked."""
    world.clock.advance(3600)
    return world.go_on(runs.approve(run.pk))


def leave_tokens(world: World, number: int) -> None:
    """Other tools use up the day's tokens but for these."""
    budget = world.sandbox._pipedrive.budget
    budget.spend(budget.left() - number)


def test_a_yes_to_one_deletion_is_no_yes_to_six(world: World):
    connection = settled(world, DELETES)
    gone(world, 0)
    run = later(world, connection, approved=False)
    assert run.questions == ["would delete 1 in Pipedrive"]
    gone(world, 1, 2, 3, 4, 5)
    run = yes(world, run)
    assert (run.state, writes(world)) == ("waiting", [])
    assert run.questions == ["would delete 6 in Pipedrive; the yes was to 1"]
    run = yes(world, run)
    assert (run.state, run.questions, len(people(world))) == ("done", [], 14)


def test_a_yes_to_deals_is_no_yes_to_a_deletion_which_alone_is_asked_for(world: World):
    connection = settled(world, DELETES + ON + BRAKE)
    subscribed(world, *range(MANY))
    run = later(world, connection, approved=False)
    assert run.questions == ["would make 30 deals, more than 20"]
    gone(world, 15)
    run = yes(world, run)
    assert run.questions == ["would delete 1 in Pipedrive"]
    assert yes(world, run).state == "done"


def test_the_same_plan_or_a_smaller_one_is_not_asked_for_twice(world: World):
    connection = settled(world, DELETES)
    gone(world, 0, 1, 2)
    run = later(world, connection, approved=False)
    world.crm.delete_person(people(world)[0])
    assert yes(world, run).state == "done"


def paused_among_its_deals(world: World, connection: Connection) -> Run:
    """A run that was allowed its 30 deals and has made some of them when the tokens end."""
    run = later(world, connection, approved=False)
    leave_tokens(world, 140)
    run = yes(world, run)
    assert (run.state, run.questions) == ("paused", [])
    assert 0 < made(run) < MANY
    world.clock.advance(DAY)
    return run


def made(run: Run) -> int:
    return run.changes.filter(kind="deal", action="create", state="written").count()


def test_a_run_that_pauses_goes_on_with_what_is_left_and_does_not_ask(world: World):
    connection = settled(world, ON + BRAKE)
    subscribed(world, *range(MANY))
    run = world.go_on(paused_among_its_deals(world, connection))
    assert (run.state, made(run)) == ("done", MANY)


def test_what_is_written_before_a_pause_counts_in(world: World):
    connection = settled(world, ON + BRAKE)
    subscribed(world, *range(MANY))
    run = paused_among_its_deals(world, connection)
    subscribed(world, MANY)
    run = world.go_on(run)
    assert run.questions == ["would make 31 deals, more than 20; the yes was to 30"]


def test_changed_people_that_were_written_before_a_pause_count_once(world: World):
    connection = settled(world, "")
    for number in range(20):
        world.billing.edit_customer(f"c{number}", first_name="Ada")
    run = later(world, connection, approved=False)
    assert run.questions == ["would change 20 of 20 linked people, more than 30 %"]
    leave_tokens(world, 50)
    run = yes(world, run)
    assert run.state == "paused"
    assert run.changes.filter(state="written").exists()
    world.clock.advance(DAY)
    for number in range(20):
        world.billing.edit_customer(f"c{number}", first_name="Bea")
    assert world.go_on(run).state == "done"
    assert {person["name"] for person in world.crm.persons()} == {"Bea"}


def test_who_says_yes_beforehand_says_it_to_all(world: World):
    connection = settled(world, DELETES)
    gone(world, 0)
    run = later(world, connection, approved=False)
    gone(world, 1, 2)
    assert runs.start("acme", "sync", confirmed=True).pk == run.pk
    assert world.go_on(run).state == "done"
    assert len(people(world)) == 17


def test_an_undo_that_comes_to_delete_more_asks_once_more(world: World):
    connection = world.connect("")
    full = world.run(connection, "full")
    first = next(iter(world.crm.persons()))
    world.crm.edit_person(first["id"], name="Ours no more")
    run = world.run(connection, "undo", about=full, approved=False)
    assert "would delete 19 people" in run.questions[0]
    world.crm.edit_person(first["id"], name=first["name"])
    run = yes(world, run)
    assert "would delete 20 people" in run.questions[0]
    assert run.questions[0].endswith("the yes was to 19")
    assert yes(world, run).state == "done"
    assert people(world) == []


def test_a_clear_that_pauses_does_not_ask_for_the_rest(world: World):
    connection = settled(world, "")
    run = world.run(connection, "clear", approved=False)
    leave_tokens(world, 50)
    run = yes(world, run)
    assert run.state == "paused"
    world.clock.advance(DAY)
    assert world.go_on(run).state == "done"


def test_people_that_a_run_has_linked_itself_are_none_that_it_changes(world: World):
    for number in range(20):
        email = {"value": f"c{number}@x.co", "primary": True}
        world.crm.add_person(name=f"Person {number}", emails=[email])
    connection = world.connect()
    leave_tokens(world, 165)
    run = world.run(connection, "full", approved=False)
    assert run.state == "paused", (run.questions, run.message)
    assert len(writes(world)) > 0
    world.clock.advance(DAY)
    run = world.go_on(runs.resume(run.pk))
    assert (run.state, run.questions) == ("done", [])
