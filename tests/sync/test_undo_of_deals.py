"""Deals are taken back like people and organizations (rule 12)."""

from typing import Any, Literal

import pytest

from chargepipe.actions import undo
from chargepipe.sandbox import Options
from chargepipe.store.models import Connection, Link, Run
from deals import ON, deal_of, quiet_world, settled
from people import later, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
STAGES = """
organizations = true
[settings.subscription_deals]
enabled = true
[settings.subscription_deals.status]
active = { stage = "Proposal Made", status = "won" }
"""


@pytest.fixture
def world() -> World:
    return quiet_world()


def back(world: World, run: Run) -> Run:
    world.sandbox.requests.clear()
    done = world.go_on(undo.start(run.pk, confirmed=True))
    assert done.state == "done", done.message
    return done


def synced(world: World, **attributes: Any) -> tuple[Connection, Run]:
    """The run that made person, organization and deal of a new customer."""
    connection = settled(world, STAGES)
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    world.billing.add_subscription("ada", id="s1", **attributes)
    run = later(world, connection)
    assert run.counts["objects"]["deal"]["created"] == 1
    return connection, run


def test_what_a_run_made_goes_deal_before_person_before_organization(world: World):
    connection, run = synced(world)
    done = back(world, run)
    assert [p.rsplit("/", 2)[1] for m, p in writes(world)] == ["deals", "persons", "organizations"]
    assert not world.crm.deals()
    assert not list(world.crm.persons())
    assert not Link.objects.exists()
    assert done.counts["objects"]["deal"] == {"created": 0, "updated": 0, "deleted": 1}
    later(world, connection)
    assert not writes(world)
    world.billing.edit_subscription("s1", status="cancelled")
    world.billing.edit_customer("ada", first_name="Ada")
    assert later(world, connection).counts["objects"]["deal"]["created"] == 1


def test_a_deal_that_a_person_had_deleted_before_the_undo_is_not_made_again(world: World):
    connection, run = synced(world)
    world.crm.delete_deal(deal_of(world, "s1")["id"])
    back(world, run)
    world.billing.edit_subscription("s1", next_billing_at=1_800_000_000)
    world.billing.edit_customer("ada", first_name="Ada")
    counts = later(world, connection).counts
    assert (counts["created"], counts["objects"]["deal"]["created"]) == (1, 0)
    assert not world.crm.deals()


def test_an_undo_asks_with_the_number_of_deals(world: World):
    _, run = synced(world)
    asking = world.go_on(undo.start(run.pk))
    assert asking.state == "waiting"
    assert any(words.startswith("would delete 1 deal that") for words in asking.questions)


def test_a_deal_that_somebody_worked_on_stays_and_keeps_its_person(world: World):
    _, run = synced(world)
    deal = deal_of(world, "s1")
    world.crm.edit_deal(deal["id"], title="Mine now")
    done = back(world, run)
    assert deal_of(world, "s1")["title"] == "Mine now"
    kept = {change.kind: change.kept for change in done.changes.filter(state="skipped")}
    assert kept["deal"] == ["title"]
    assert "deals" in kept["person"]


def test_a_deal_that_somebody_archived_stays(world: World):
    _, run = synced(world)
    deal = deal_of(world, "s1")
    world.crm.archive_deal(deal["id"])
    done = back(world, run)
    (left,) = done.changes.filter(state="skipped", kind="deal")
    assert left.kept == ["archived"]


def test_products_on_a_deal_are_work(world: World):
    _, run = synced(world)
    world.crm.add_products(deal_of(world, "s1")["id"], [49])
    done = back(world, run)
    (left,) = done.changes.filter(state="skipped", kind="deal")
    assert "products" in left.kept


@pytest.mark.parametrize("null_links", ["clear", "refuse"])
@pytest.mark.parametrize("also", [{}, {"status": "cancelled"}])
def test_an_organization_that_a_deal_got_is_taken_off_where_pipedrive_lets_it(
    null_links: Literal["clear", "refuse"], also: dict[str, Any]
):
    world = quiet_world(options=Options(null_links=null_links))
    connection = settled(world, STAGES)
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    before = deal_of(world, "s1")
    assert before["org_id"] is None
    world.billing.edit_customer("ada", company="Engines")
    if also:
        world.billing.edit_subscription("s1", **also)
    run = later(world, connection)
    engines = deal_of(world, "s1")["org_id"]
    assert engines
    done = back(world, run)
    deal, change = deal_of(world, "s1"), done.changes.get(kind="deal")
    stays = null_links == "refuse"
    assert deal["org_id"] == (engines if stays else None)
    assert change.kept == (["organization"] if stays else [])
    still = {name: value for name, value in deal.items() if name not in ("org_id", "update_time")}
    assert still == {name: before[name] for name in still}


def test_an_update_goes_back_in_all_that_still_stands(world: World):
    connection, _ = synced(world, status="in_trial", trial_end=1_795_000_000)
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    before = deal_of(world, "s1")
    world.billing.edit_subscription(
        "s1", status="active", activated_at=1_793_700_000, subscription_items=items
    )
    run = later(world, connection)
    deal = deal_of(world, "s1")
    assert (deal["status"], deal["stage_id"], deal["value"]) == ("won", 4, 199)
    back(world, run)
    deal = deal_of(world, "s1")
    same = ("status", "won_time", "stage_id", "value", "title", "expected_close_date")
    assert {name: deal[name] for name in same} == {name: before[name] for name in same}
    later(world, connection)
    assert not writes(world)
    world.billing.edit_subscription("s1", next_billing_at=1_800_000_000)
    later(world, connection)
    deal = deal_of(world, "s1")
    assert (deal["status"], deal["stage_id"], deal["value"]) == ("won", 4, 199)


def test_what_a_person_changed_since_stays_and_is_listed(world: World):
    connection, _ = synced(world, status="in_trial")
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    world.billing.edit_subscription("s1", status="active", subscription_items=items)
    run = later(world, connection)
    world.crm.lose_deal(deal_of(world, "s1")["id"], "No")
    done = back(world, run)
    deal = deal_of(world, "s1")
    assert (deal["status"], deal["lost_reason"], deal["value"]) == ("lost", "No", 49)
    (change,) = done.changes.filter(kind="deal")
    assert change.kept == ["status"]


def test_a_date_that_pipedrive_cannot_empty_stays_and_is_listed(world: World):
    connection, _ = synced(world, status="future", start_date=None)
    world.billing.edit_subscription("s1", start_date=1_795_000_000)
    run = later(world, connection)
    assert deal_of(world, "s1")["expected_close_date"] == "2026-11-18"
    done = back(world, run)
    (change,) = done.changes.filter(kind="deal")
    assert (change.state, change.kept) == ("skipped", ["expected_close_date"])


def test_the_undo_of_an_undo_makes_the_deal_again_with_its_mark_and_place(world: World):
    connection, run = synced(world, activated_at=1_793_000_000)
    before = deal_of(world, "s1")
    undone = back(world, run)
    back(world, undone)
    deal = deal_of(world, "s1")
    same = ("title", "value", "status", "won_time", "stage_id")
    assert {name: deal[name] for name in same} == {name: before[name] for name in same}
    assert deal["person_id"] == Link.objects.get(kind="person").pipedrive_id
    assert deal["org_id"] == Link.objects.get(kind="organization").pipedrive_id
    assert shown(world, "deal", deal, "CB Subscription ID") == "s1"
    later(world, connection)
    assert not writes(world)


def test_of_one_customer_its_deals_are_taken_back_with_it(world: World):
    connection = settled(world, ON)
    for name in ("ada", "bo"):
        world.billing.add_customer(id=name, email=f"{name}@x.co")
        world.billing.add_subscription(name, id=f"of-{name}")
    run = later(world, connection)
    done = world.go_on(undo.start(run.pk, customers=["ada"], confirmed=True))
    assert done.state == "done"
    assert [link.source_key for link in Link.objects.filter(kind="deal")] == ["subscription:of-bo"]
