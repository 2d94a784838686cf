"""A deal follows its subscription, and leaves to the salesperson what is theirs (setting 13)."""

from typing import Any

import pytest

from chargepipe.store.models import Connection, Link
from deals import ON, deal_of, quiet_world, settled
from people import later, link_of, open_errors, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
STAGES = """
[settings.subscription_deals]
enabled = true
[settings.subscription_deals.status]
in_trial = { stage = "Demo Scheduled", status = "open" }
"""
DEMO, PROPOSAL = 3, 4


@pytest.fixture
def world() -> World:
    return quiet_world()


def with_deal(world: World, settings: str = ON, **attributes: Any) -> Connection:
    """A connection whose customer "ada" has the subscription "s1" with its deal."""
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    connection = settled(world, settings)
    world.billing.add_subscription("ada", id="s1", **attributes)
    later(world, connection)
    return connection


def after(world: World, connection: Connection, **changes: Any) -> dict[str, Any]:
    """The deal once the next sync has seen these changes of the subscription."""
    if changes:
        world.billing.edit_subscription("s1", **changes)
    run = later(world, connection)
    assert run.state == "done", run.message
    return deal_of(world, "s1")


def stands(deal: dict[str, Any]) -> tuple[Any, ...]:
    return deal["status"], deal["stage_id"], deal["expected_close_date"]


def test_a_subscription_goes_from_future_over_trial_and_sale_to_its_end(world: World):
    connection = with_deal(world, STAGES, status="future", start_date=1_800_000_000)
    deal = deal_of(world, "s1")
    assert (deal["status"], deal["stage_id"], deal["expected_close_date"]) == (
        "open",
        1,
        "2027-01-15",
    )
    deal = after(world, connection, status="in_trial", trial_end=1_801_000_000)
    assert stands(deal) == ("open", DEMO, "2027-01-26")
    deal = after(world, connection, status="active", activated_at=1_793_700_000)
    assert (deal["status"], deal["stage_id"]) == ("won", DEMO)
    assert deal["won_time"] == "2026-11-03T10:00:00Z"
    for status in ("non_renewing", "paused", "active"):
        deal = after(world, connection, status=status)
        assert (deal["status"], deal["won_time"]) == ("won", "2026-11-03T10:00:00Z")
    words = {"cancelled_at": 1_793_800_000, "cancel_reason_code": "Too dear"}
    deal = after(world, connection, status="cancelled", **words)
    assert (deal["status"], deal["lost_reason"]) == ("lost", "Too dear")
    assert deal["lost_time"] == "2026-11-04T13:46:40Z"
    deal = after(world, connection, status="active", activated_at=1_793_900_000)
    assert (deal["status"], deal["won_time"]) == ("won", "2026-11-05T17:33:20Z")
    assert shown(world, "deal", deal, "CB Subscription Status") == "Active"


def test_a_plan_change_changes_value_title_and_plan_in_one_write(world: World):
    connection = with_deal(world)
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    deal = after(world, connection, subscription_items=items)
    assert (deal["value"], deal["title"]) == (199, "Engines - big")
    assert shown(world, "deal", deal, "CB Plan") == "big"
    assert len([path for _, path in writes(world) if "/deals/" in path]) == 1


def test_mrr_that_chargebee_works_out_later_reaches_the_deal(world: World):
    settings = ON + 'value = "arr"\n'
    connection = with_deal(world, settings, mrr=None)
    assert deal_of(world, "s1")["value"] == 0
    world.billing.edit_mrr("s1", 4900)
    world.clock.advance(86_400)
    assert after(world, connection)["value"] == 588


def test_a_renamed_customer_renames_its_deal(world: World):
    connection = with_deal(world)
    world.billing.edit_customer("ada", company="Engines and Sons")
    assert after(world, connection)["title"].startswith("Engines and Sons - ")


def test_a_subscription_that_goes_to_another_customer_takes_its_deal_along(world: World):
    connection = with_deal(world)
    world.billing.add_customer(id="bo", email="bo@x.co", company="Mills")
    deal = after(world, connection, customer_id="bo")
    assert deal["person_id"] == link_of("bo").pipedrive_id
    assert deal["title"].startswith("Mills - ")


def test_a_person_that_is_made_again_gets_the_deals_of_its_customer(world: World):
    connection = with_deal(world)
    world.crm.delete_person(link_of("ada").pipedrive_id)
    deal = after(world, connection)
    assert deal["person_id"] == link_of("ada").pipedrive_id
    after(world, connection)
    assert not writes(world)


def test_a_deal_that_changes_as_its_person_is_made_again_is_written_once(world: World):
    connection = with_deal(world, status="in_trial")
    world.crm.delete_person(link_of("ada").pipedrive_id)
    deal = after(world, connection, status="active")
    assert (deal["status"], deal["person_id"]) == ("won", link_of("ada").pipedrive_id)
    assert len([path for _, path in writes(world) if "/deals/" in path]) == 1


def test_deals_of_a_merged_person_stay_with_the_winner_without_a_write(world: World):
    connection = with_deal(world)
    other = world.crm.add_person(name="Ada again")
    loser = link_of("ada").pipedrive_id
    world.crm.merge_persons(loser, other["id"])
    later(world, connection)
    deal = after(world, connection)
    assert deal["person_id"] == other["id"] == link_of("ada").pipedrive_id
    after(world, connection)
    assert not writes(world)


def test_a_deleted_subscription_leaves_its_deal_and_says_so(world: World):
    connection = with_deal(world)
    deal_before = deal_of(world, "s1")
    world.crm.edit_deal(deal_before["id"], title="Mine")
    world.billing.delete_subscription("s1")
    deal = after(world, connection)
    assert shown(world, "deal", deal, "CB Subscription Status") == "Deleted"
    assert (deal["title"], deal["status"], deal["value"]) == ("Mine", "won", 49)
    after(world, connection)
    assert not writes(world)


def test_a_deleted_customer_leaves_its_deals_and_says_so(world: World):
    connection = with_deal(world)
    world.billing.delete_customer("ada")
    deal = after(world, connection)
    assert shown(world, "deal", deal, "CB Subscription Status") == "Deleted"
    assert deal["status"] == "won"


def test_a_deal_whose_status_is_set_to_none_is_left_alone(world: World):
    rule = '[settings.subscription_deals.status]\npaused = { status = "none" }\n'
    connection = with_deal(world, ON + rule)
    before = deal_of(world, "s1")
    assert after(world, connection, status="paused") == before
    assert after(world, connection, status="active")["status"] == "won"


def test_a_deal_that_a_person_moved_is_won_where_it_stands(world: World):
    connection = with_deal(world, STAGES, status="in_trial")
    world.crm.move_deal(deal_of(world, "s1")["id"], PROPOSAL)
    deal = after(world, connection, status="active")
    assert (deal["status"], deal["stage_id"]) == ("won", PROPOSAL)


def test_a_deal_that_was_moved_stays_a_persons_also_when_it_comes_back(world: World):
    connection = with_deal(world, STAGES, status="in_trial")
    deal = deal_of(world, "s1")["id"]
    world.crm.move_deal(deal, PROPOSAL)
    after(world, connection, status="active")
    world.crm.move_deal(deal, DEMO)
    assert after(world, connection, status="cancelled")["status"] == "lost"
    assert after(world, connection, status="in_trial")["status"] == "lost"


def test_a_deal_that_was_reopened_stays_a_persons_also_when_it_is_won_again(world: World):
    connection = with_deal(world)
    deal = deal_of(world, "s1")["id"]
    world.crm.reopen_deal(deal)
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    assert after(world, connection, subscription_items=items)["status"] == "open"
    world.crm.win_deal(deal)
    assert after(world, connection, status="in_trial")["status"] == "won"


def test_a_deal_that_a_person_lost_is_not_won_again(world: World):
    connection = with_deal(world, status="in_trial")
    world.crm.lose_deal(deal_of(world, "s1")["id"], "No budget")
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    deal = after(world, connection, status="active", subscription_items=items)
    assert (deal["status"], deal["lost_reason"], deal["value"]) == ("lost", "No budget", 199)
    assert shown(world, "deal", deal, "CB Subscription Status") == "Active"
    after(world, connection)
    assert not writes(world)


def test_a_deal_that_a_person_reopened_stays_open(world: World):
    connection = with_deal(world)
    world.crm.reopen_deal(deal_of(world, "s1")["id"])
    assert after(world, connection, status="cancelled")["status"] == "open"


def test_a_deal_that_a_person_won_before_billing_did_follows_again(world: World):
    connection = with_deal(world, status="in_trial")
    world.crm.win_deal(deal_of(world, "s1")["id"])
    won = deal_of(world, "s1")["won_time"]
    deal = after(world, connection, status="active")
    assert (deal["status"], deal["won_time"]) == ("won", won)
    assert after(world, connection, status="cancelled")["status"] == "lost"


def test_a_subscription_that_came_back_between_two_syncs_is_won_anew(world: World):
    connection = with_deal(world, activated_at=1_793_000_000)
    assert deal_of(world, "s1")["won_time"] == "2026-10-26T07:33:20Z"
    deal = after(world, connection, activated_at=1_793_700_000)
    assert deal["won_time"] == "2026-11-03T10:00:00Z"
    world.crm.edit_deal(deal["id"], won_time="2026-11-01T00:00:00Z")
    assert after(world, connection, activated_at=1_793_800_000)["won_time"] == (
        "2026-11-01T00:00:00Z"
    )


def test_an_archived_deal_is_not_closed_and_not_made_again(world: World):
    connection = with_deal(world, status="in_trial")
    deal = deal_of(world, "s1")
    world.crm.archive_deal(deal["id"])
    now = after(world, connection, status="active")
    assert (now["id"], now["status"], now["is_archived"]) == (deal["id"], "open", True)
    assert shown(world, "deal", now, "CB Subscription Status") == "Active"
    assert len(world.crm.deals()) == 1


def test_without_deal_care_billing_has_the_last_word(world: World):
    connection = with_deal(world, "deal_care = false\n" + STAGES, status="in_trial")
    deal = deal_of(world, "s1")
    world.crm.move_deal(deal["id"], PROPOSAL)
    world.crm.lose_deal(deal["id"], "No budget")
    deal = after(world, connection, trial_end=1_801_000_000)
    assert (deal["status"], deal["stage_id"]) == ("open", DEMO)


def test_a_value_that_products_lock_is_left_and_the_rest_is_written(world: World):
    connection = with_deal(world)
    world.crm.add_products(deal_of(world, "s1")["id"], [10, 20])
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    deal = after(world, connection, subscription_items=items)
    assert (deal["value"], deal["title"]) == (30, "Engines - big")
    assert not open_errors()
    after(world, connection)
    assert not writes(world)


def test_a_deleted_deal_is_not_made_again(world: World):
    connection = with_deal(world)
    world.crm.delete_deal(deal_of(world, "s1")["id"])
    world.billing.edit_subscription("s1", status="cancelled")
    for _ in range(2):
        run = later(world, connection)
        assert (run.state, run.counts["objects"]["deal"]["created"]) == ("done", 0)
    run = later(world, connection, "full")
    assert (world.crm.deals(), run.counts["errors_open"]) == ([], 0)
    assert Link.objects.get(kind="deal").state == "left"


def test_a_merged_deal_is_followed_by_its_mark(world: World):
    connection = with_deal(world)
    own = deal_of(world, "s1")
    other = world.crm.add_deal(title="Theirs", person_id=own["person_id"])
    world.crm.merge_deals(own["id"], other["id"])
    deal = after(world, connection, status="cancelled")
    assert deal["id"] == other["id"]


def test_fill_empty_leaves_a_title_and_value_that_a_person_wrote(world: World):
    connection = with_deal(world, 'overwrite = "fill_empty"\n' + ON)
    world.crm.edit_deal(deal_of(world, "s1")["id"], title="Mine")
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    deal = after(world, connection, subscription_items=items)
    assert (deal["title"], deal["value"]) == ("Mine", 199)


def test_additional_fields_of_customer_and_subscription_stand_on_the_deal(world: World):
    settings = ON + (
        '[[settings.additional_fields]]\nfrom = "subscription.cf_seats"\nto = "deal.Seats"\n'
        'type = "number"\n'
        '[[settings.additional_fields]]\nfrom = "customer.cf_tier"\nto = "deal.Tier"\n'
        'type = "option"\n'
    )
    world.billing.add_customer(id="ada", email="ada@x.co", cf_tier="Gold")
    connection = settled(world, settings)
    world.billing.add_subscription("ada", id="s1", cf_seats=12)
    later(world, connection)
    deal = deal_of(world, "s1")
    assert shown(world, "deal", deal, "Seats") == 12
    assert shown(world, "deal", deal, "Tier") == "Gold"
    world.billing.edit_customer("ada", cf_tier="Silver")
    assert shown(world, "deal", after(world, connection), "Tier") == "Silver"


def test_a_deal_that_went_with_its_merged_person_keeps_the_title_that_a_person_gave(world: World):
    connection = with_deal(world)
    deal, person = deal_of(world, "s1"), link_of("ada").pipedrive_id
    kept = world.crm.add_person(name="Ada L.", emails=[{"value": "other@x.co"}])["id"]
    world.crm.merge_persons(person, kept)
    world.crm.edit_deal(deal["id"], title="By hand")
    run = later(world, connection)
    assert run.state == "done"
    held = deal_of(world, "s1")
    assert (held["title"], held["person_id"]) == ("By hand", kept)
    assert not any("/deals/" in path for _, path in writes(world))
