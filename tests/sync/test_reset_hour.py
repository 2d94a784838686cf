"""Pipedrive's day may begin at another hour than UTC's: a spent run waits until tokens are back."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chargepipe.actions import runs
from chargepipe.sandbox import Options
from chargepipe.store.models import Account, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


def spent(world: World) -> Run:
    """A run that began at 9:00 UTC and stopped for its share of the tokens."""
    connection = world.connect(f"budget_share = {world.share(130)}")
    for number in range(60):
        world.billing.add_customer(email=f"c{number}@x.co")
    run = world.run(connection, "full")
    assert run.state == "paused", run.message
    assert run.due_at is not None
    return run


def go_on(world: World, run: Run) -> tuple[datetime, int]:
    """Let the run go on when it is due; when that was, and what it cost."""
    assert run.due_at is not None
    world.clock.advance((run.due_at - world.clock.now()).total_seconds())
    tokens = run.tokens
    world.go_on(run)
    return world.clock.now(), run.tokens - tokens


@pytest.mark.parametrize("hour", [0, 3, 7])
def test_a_spent_run_goes_on_within_the_hour_in_which_tokens_are_back(hour: int):
    world = World(customers=0, people_before=0.0, plan="lite", options=Options(reset_hour=hour))
    run = spent(world)
    assert run.due_at is not None
    assert (run.due_at.hour, run.due_at.minute) == (0, 5)
    made = len(list(world.crm.persons()))
    moment = world.clock.now()
    while len(list(world.crm.persons())) == made:
        moment, tokens = go_on(world, run)
        if len(list(world.crm.persons())) == made:
            assert tokens <= 2, "while it waits it only asks who it is"
            assert run.state == "paused"
    assert moment.day == 3
    assert moment.hour == hour


def test_the_rest_that_is_left_to_others_is_not_touched_at_midnight():
    world = World(customers=0, people_before=0.0, plan="lite", options=Options(reset_hour=7))
    run = spent(world)
    left = Account.objects.get().tokens_left or 0
    go_on(world, run)
    assert left - (Account.objects.get().tokens_left or 0) <= 2


def test_where_pipedrive_itself_says_that_the_day_is_over_it_is_asked_every_hour():
    world = World(customers=0, people_before=0.0, plan="lite", options=Options(reset_hour=7))
    run = spent(world)
    world.sandbox._pipedrive.budget.spend(30_000)
    hours = [go_on(world, run)[0].hour for _ in range(8)]
    assert hours == [0, 1, 2, 3, 4, 5, 6, 7]


def test_who_asks_for_a_spent_run_again_once_it_is_due_has_it_go_on():
    world = World(customers=0, people_before=0.0, plan="lite")
    run = spent(world)
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() + timedelta(hours=1))
    early = runs.start(run.connection.name, "full", confirmed=True)
    assert (early.pk, early.state) == (run.pk, "paused")
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    due = runs.start(run.connection.name, "full", confirmed=True)
    assert (due.pk, due.state) == (run.pk, "queued")
