"""What a step is said to cost before it starts is never less than what it costs."""

import pytest

from chargepipe.actions import forecast
from chargepipe.actions.fields_needed import in_words, room_of
from chargepipe.actions.forecast import Forecast
from chargepipe.domain.settings import load
from chargepipe.store.models import Connection
from world import World

RICH = 'organizations = true\nsubscription_data = "person"\nextras = ["link", "overdue"]'
KINDS = {"validate": "validate", "trial": "trial", "all": "full"}


def said(world: World, connection: Connection, step: str) -> Forecast:
    connection.refresh_from_db()
    found = forecast.of_step(connection, step, world.clock.now())
    assert found is not None
    return found


@pytest.mark.parametrize("settings", ["", RICH])
@pytest.mark.parametrize("steps", [("validate", "trial", "all"), ("trial", "all")])
def test_no_step_costs_more_than_was_said(db: None, settings: str, steps: tuple[str, ...]) -> None:
    world = World(customers=40)
    connection = world.connect(settings)
    for step in steps:
        before = said(world, connection, step)
        run = world.run(connection, KINDS[step])
        run.refresh_from_db()
        assert run.tokens <= before.cost.tokens <= 1.8 * run.tokens, step
        assert before.writes is not None
        records = run.changes.filter(kind__in=("person", "organization"), state="written").count()
        assert records <= before.writes, step
        made = run.changes.filter(kind__endswith="_field", state="written").count()
        assert before.room is not None
        assert made == (0 if step == "validate" else before.room.missing)


def test_what_is_not_counted_yet_is_said(db: None) -> None:
    world = World(customers=20)
    connection = world.connect(RICH)
    before = said(world, connection, "all")
    assert before.customers is None
    assert before.writes is None
    assert before.uncounted == ("organizations",), "people were counted at connecting"
    world.run(connection, "validate")
    after = said(world, connection, "all")
    assert after.customers == connection.records.filter(kind="customer").count() == 20
    assert after.uncounted == ()
    assert after.writes
    assert after.writes > 20


def test_the_fields_of_other_settings_are_counted_before_they_are_saved(db: None) -> None:
    world = World(customers=5)
    connection = world.connect("")
    stands = room_of(connection, load(world.text("")).settings)
    other = room_of(connection, load(world.text(RICH)).settings)
    assert stands is not None
    assert other is not None
    assert (stands.needed, other.needed, other.there) == (4, 16, 0)
    assert "need 16 custom fields" in in_words(connection, load(world.text(RICH)).settings)
    account = connection.account
    assert account is not None
    account.fields = {}
    assert "are not known" in in_words(connection, load(world.text("")).settings)
