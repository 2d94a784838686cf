"""Deals from subscriptions: when they are made, and what they hold (settings 7; product.md 2.6)."""

import pytest

from chargepipe.store.models import Connection, Link, Record, Run, SyncError
from deals import ON, deal_of, quiet_world, settled
from people import code_of, later, open_errors, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return quiet_world()


def test_a_subscription_that_is_created_after_the_first_full_sync_gets_its_deal(world: World):
    world.billing.add_customer(id="ada", first_name="Ada", email="ada@x.co", company="Engines")
    connection = settled(world, "organizations = true\n" + ON)
    world.billing.add_subscription("ada", id="s1", status="active", activated_at=1_790_000_000)
    run = later(world, connection)
    assert (run.state, run.counts["objects"]["deal"]) == ("done", {"created": 1, "updated": 0})
    deal = deal_of(world, "s1")
    person = Link.objects.get(kind="person", source_key="ada").pipedrive_id
    organization = Link.objects.get(kind="organization").pipedrive_id
    assert (deal["person_id"], deal["org_id"]) == (person, organization)
    assert (deal["status"], deal["won_time"]) == ("won", "2026-09-21T14:13:20Z")
    assert (deal["value"], deal["currency"]) == (49, "USD")
    assert deal["title"].startswith("Engines - ")
    assert shown(world, "deal", deal, "CB Subscription ID") == "s1"
    assert shown(world, "deal", deal, "CB Subscription Status") == "Active"
    again = later(world, connection)
    assert not writes(world)
    assert again.counts["objects"]["deal"] == {"created": 0, "updated": 0}
    assert not SyncError.objects.exists()


def made(run: Run) -> int:
    return run.counts["objects"]["deal"]["created"]


def test_trial_and_first_full_sync_make_no_deals_and_the_hourly_one_none_for_what_was_there(
    world: World,
):
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_subscription("ada", id="old")
    world.clock.advance(60)
    connection = world.connect(ON)
    assert made(world.run(connection, "trial")) == 0
    assert made(world.run(connection, "full")) == 0
    assert made(later(world, connection)) == 0
    assert not writes(world)
    assert not Record.objects.filter(kind="subscription", dirty=True).exists()


def test_what_changes_while_the_first_full_sync_runs_gets_its_deal(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = world.connect(ON)
    run = Run.objects.create(connection=connection, kind="full", approved=False)
    waiting = world.go_on(run)
    if waiting.state == "waiting":
        Run.objects.filter(pk=run.pk).update(state="queued", approved=True)
    world.billing.add_subscription("ada", id="meanwhile")
    assert world.go_on(Run.objects.get(pk=run.pk)).state == "done"
    assert made(later(world, connection)) == 1


def test_an_older_subscription_gets_its_deal_when_it_changes_in_chargebee(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_subscription("ada", id="old")
    world.clock.advance(60)
    connection = settled(world)
    world.billing.edit_customer("ada", first_name="Ada")
    assert made(later(world, connection)) == 0
    world.billing.edit_subscription("old", next_billing_at=1_800_000_000)
    assert made(later(world, connection)) == 1


def test_a_later_full_sync_makes_the_missing_deals_under_the_brake(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    for number in range(3):
        world.billing.add_subscription("ada", id=f"s{number}")
    world.clock.advance(60)
    connection = settled(world, ON + "[brake]\ndeals = 2\n")
    asked = later(world, connection, "full", approved=False)
    assert (asked.state, asked.questions) == ("waiting", ["would make 3 deals, more than 2"])
    Run.objects.filter(pk=asked.pk).update(state="queued", approved=True)
    assert made(world.go_on(asked)) == 3
    assert made(later(world, connection, "full")) == 0


def test_deals_that_are_switched_on_later_make_no_flood(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world, "")
    world.billing.add_subscription("ada", id="before")
    later(world, connection)
    world.connect(ON)
    assert made(later(world, Connection.objects.get())) == 0
    world.billing.add_subscription("ada", id="after")
    assert made(later(world, Connection.objects.get())) == 1


def test_a_deal_waits_while_its_customer_has_an_error(world: World):
    connection = settled(world)
    world.billing.add_customer(id="ada", email="")
    world.billing.add_subscription("ada", id="s1")
    run = later(world, connection)
    assert (made(run), run.counts["failed"]) == (0, 1)
    assert open_errors() == [("no_match_key", "ada")]
    world.billing.edit_customer("ada", email="ada@x.co")
    assert made(later(world, connection)) == 1


def test_what_a_full_sync_came_by_stays_due_while_its_customer_has_an_error(world: World):
    world.billing.add_customer(id="ada", email="")
    world.billing.add_subscription("ada", id="old")
    world.clock.advance(60)
    connection = settled(world)
    assert made(later(world, connection, "full")) == 0
    assert made(later(world, connection)) == 0
    world.billing.edit_customer("ada", email="ada@x.co")
    assert made(later(world, connection)) == 1


def test_a_customer_without_a_person_has_no_deals_until_it_has_one(world: World):
    connection = settled(world, "create_people = false\n" + ON)
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_subscription("ada", id="s1")
    assert made(later(world, connection)) == 0
    world.crm.add_person(name="Ada", emails=[{"value": "ada@x.co"}])
    world.billing.edit_customer("ada", first_name="Ada")
    assert made(later(world, connection)) == 1


def test_syncing_a_customer_by_name_makes_its_young_deals_only(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_subscription("ada", id="old")
    world.clock.advance(60)
    connection = settled(world)
    world.billing.add_subscription("ada", id="young")
    assert made(later(world, connection, only=["ada"])) == 1
    assert deal_of(world, "young")


def test_a_currency_that_pipedrive_lacks_is_an_error_of_the_deal(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1", currency_code="XDR", status="cancelled")
    later(world, connection)
    assert open_errors() == [("currency_missing", "subscription:s1")]


def test_a_stage_that_is_not_there_holds_up_deals_and_nothing_else(world: World):
    rule = '[settings.subscription_deals.status]\nactive = { stage = "Gone", status = "won" }\n'
    connection = settled(world, ON + rule)
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_subscription("ada", id="s1")
    run = later(world, connection)
    assert (run.state, made(run), run.counts["created"]) == ("done", 0, 1)
    assert open_errors() == [("place_missing", "subscription_deals")]
    (error,) = SyncError.objects.all()
    assert 'has no stage "Gone"' in error.words
    world.connect(ON)
    assert made(later(world, Connection.objects.get())) == 1
    assert not open_errors()


def test_a_run_without_news_costs_nothing_for_deals(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    later(world, connection)
    asked = [(m, p.partition("?")[0]) for s, m, p, *_ in world.sandbox.requests if s == "pipedrive"]
    assert set(asked) == {("GET", "/api/v1/users/me"), ("GET", "/api/v2/persons")}


def test_a_preview_shows_the_deal_and_writes_nothing(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    run = later(world, connection, "preview", of="sync")
    assert not writes(world)
    kinds = [(c.kind, c.action) for c in run.changes.order_by("pk")]
    assert ("deal", "create") in kinds
    assert {kind for kind, _ in kinds} == {"person", "deal", "deal_field"}


def test_a_validation_says_that_a_stage_is_not_there(world: World):
    rule = '[settings.subscription_deals.status]\nactive = { stage = "Gone", status = "won" }\n'
    run = world.run(world.connect(ON + rule), "validate")
    words = 'The deals of subscription_deals wait: pipeline "Sales" has no stage "Gone"'
    assert words in run.message
    (warning,) = SyncError.objects.filter(kind="connection", code="place_missing")
    assert (warning.state, warning.source_key) == ("warning", "subscription_deals")


@pytest.mark.parametrize("name", ["CB Subscription ID", "CB Plan"])
def test_a_field_of_deals_that_was_deleted_is_made_and_filled_again(world: World, name: str):
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    world.crm.delete_field("deal", code_of(world, "deal", name))
    world.billing.add_subscription("ada", id="s2")
    world.billing.edit_subscription("s1", next_billing_at=1_800_000_000)
    run = later(world, connection)
    assert (run.state, made(run)) == ("done", 1), run.message
    for own in ("s1", "s2"):
        assert shown(world, "deal", deal_of(world, own), name)
    assert not open_errors()
