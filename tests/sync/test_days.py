"""A plan that costs more than a day's share: said beforehand, and carried on to its end."""

from datetime import date

import pytest
from django.utils import timezone

from chargepipe.actions import forecast, plans, runs
from chargepipe.cli.follow import cost_of
from chargepipe.store.models import Connection, Run
from people import people
from ticking import hours, the_time
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 150
A_DAY = 200
"""Tokens that runs may spend."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(customers=0, people_before=0.0)
    the_time(world, monkeypatch)
    for number in range(PEOPLE):
        world.billing.add_customer(first_name="Ada", email=f"ada{number}@x.co")
    return world


def started(connection: Connection) -> Run:
    """A first full sync as a person starts it."""
    return Run.objects.create(connection=connection, kind="full", approved=True)


def test_a_plan_of_days_says_so_pauses_and_ends_on_the_day_that_was_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = world.connect(f"budget_share = {world.share(A_DAY)}")
    preview = world.run(connection, "preview", of="full")
    said = plans.totals(preview).cost
    assert said.days >= 4
    assert said.ends
    assert f"{said.days} days, ends {said.ends}" in said.time
    begun = world.clock.now().date()

    run = started(connection)
    forecasts: list[date] = []
    for _ in range(said.days + 3):
        hours(world, 24, monkeypatch)
        run.refresh_from_db()
        if run.state == "done":
            break
        assert run.state == "paused"
        assert "still to come" in run.message
        forecasts.append(date.fromisoformat(run.message.partition("ends ")[2][:10]))
    assert run.state == "done"
    assert run.finished_at
    took = (run.finished_at.date() - begun).days + 1
    assert abs(took - said.days) <= 1
    assert all(abs((each - run.finished_at.date()).days) <= 1 for each in forecasts)
    assert len(people(world)) == PEOPLE
    assert run.counts["created"] == PEOPLE
    assert run.tokens <= took * A_DAY


def test_the_set_up_says_it_before_anything_is_planned(world: World) -> None:
    connection = world.connect(f"budget_share = {world.share(A_DAY)}")
    asks = runs.start("acme", "full")
    assert asks.state == "waiting"
    assert cost_of(asks) == "What it costs is said by: chargepipe preview acme full"
    world.run(connection, "validate")
    connection.refresh_from_db()
    known = forecast.of_step(connection, "all", timezone.now())
    assert known
    assert known.cost.days >= 4
    assert f"ends {known.cost.ends}" in str(known.cost)
    assert f"at most {PEOPLE} people: {known.cost}" in cost_of(runs.get(asks.pk))


def test_a_run_that_asks_after_it_planned_says_it(world: World) -> None:
    connection = world.connect(f"budget_share = {world.share(A_DAY)}")
    run = world.run(connection, "full")
    run.state, run.questions = "waiting", ["more than 30 % of linked people"]
    cost = plans.totals(run).cost
    assert cost.days >= 4
    assert f"about {cost.days} days, ends {cost.ends}" in cost_of(run)
    assert f"chargepipe run {run.pk}" in cost_of(run)
