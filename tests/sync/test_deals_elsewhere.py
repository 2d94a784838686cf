"""Exact plans, reconcile, explain, clearing and erasure know deals, too."""

import json
from typing import Any

import pytest

from chargepipe.actions import drift, plans, record_json, unlinking, why
from chargepipe.store.models import Change, Connection, Link, Run, SyncError
from deals import INVOICES, ON, deal_of, quiet_world, settled
from people import later, link_of, open_errors, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
BIG = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]


@pytest.fixture
def world() -> World:
    return quiet_world()


def with_deal(world: World, settings: str = ON, **attributes: Any) -> Connection:
    world.billing.add_customer(
        id="ada", first_name="Ada", last_name="Byron", email="ada@x.co", cf_tier="Gold"
    )
    connection = settled(world, settings)
    world.billing.add_subscription("ada", id="s1", **attributes)
    later(world, connection)
    return connection


def applied(world: World, preview: Run) -> Run:
    world.sandbox.requests.clear()
    return world.run(preview.connection, "apply", about=preview)


def test_a_preview_is_written_just_as_it_was_shown(world: World):
    connection = settled(world, "organizations = true\n" + ON)
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    world.billing.add_subscription("ada", id="s1")
    preview = later(world, connection, "preview", of="sync")
    totals = plans.totals(preview)
    assert ("create", "deal", 1) in [(p.action, p.kind, p.number) for p in totals.parts]
    run = applied(world, preview)
    assert (run.state, run.counts["moved"]) == ("done", 0)
    deal = deal_of(world, "s1")
    assert deal["person_id"] == link_of("ada").pipedrive_id
    later(world, connection)
    assert not writes(world)


def test_a_deal_that_moved_since_the_preview_is_left_out_in_words(world: World):
    connection = with_deal(world)
    world.billing.edit_subscription("s1", subscription_items=BIG)
    preview = later(world, connection, "preview", of="sync")
    world.crm.edit_deal(deal_of(world, "s1")["id"], title="Mine")
    run = applied(world, preview)
    (left,) = plans.moved(run)
    assert left.words == "changed in Pipedrive or Chargebee since the preview: title"
    assert deal_of(world, "s1")["value"] == 49


def test_a_record_that_was_modified_since_the_preview_is_left_out(world: World):
    connection = with_deal(world)
    world.billing.edit_subscription("s1", subscription_items=BIG)
    preview = later(world, connection, "preview", of="sync")
    world.clock.advance(400)
    world.billing.edit_subscription("s1", next_billing_at=1_800_000_000)
    world.clock.advance(400)
    run = applied(world, preview)
    deals = [change for change in plans.moved(run) if change.kind == "deal"]
    assert "modified in Chargebee since the preview" in deals[0].words


def test_reconcile_shows_what_differs_on_deals_and_repairs_it_on_request(world: World):
    connection = with_deal(world)
    deal = deal_of(world, "s1")
    world.crm.edit_deal(deal["id"], value=1)
    world.crm.move_deal(deal["id"], 4)
    run = later(world, connection, "reconcile")
    assert not writes(world)
    (row,) = drift.rows(run)
    assert (row.kind, row.field, row.holds, row.billing) == ("deal", "value", "1 USD", "49 USD")
    assert row.changed.startswith("not by us")
    repaired = later(world, connection, "reconcile", repair=True)
    assert repaired.state == "done", repaired.message
    deal = deal_of(world, "s1")
    assert (deal["value"], deal["stage_id"]) == (49, 4)
    assert not drift.rows(later(world, connection, "reconcile"))


def test_reconcile_reads_deals_from_its_walk_and_knows_what_products_lock(world: World):
    connection = with_deal(world)
    world.crm.add_products(deal_of(world, "s1")["id"], [10])
    run = later(world, connection, "reconcile")
    assert not drift.rows(run)
    reads = [p for s, m, p, *_ in world.sandbox.requests if "/deals?" in p and "ids=" in p]
    assert not reads


def test_reconcile_leaves_a_deleted_deal_and_follows_a_merged_one(world: World):
    connection = with_deal(world)
    world.billing.add_subscription("ada", id="s2", status="in_trial")
    later(world, connection)
    other = world.crm.add_deal(title="Theirs")
    world.crm.merge_deals(deal_of(world, "s1")["id"], other["id"])
    world.crm.delete_deal(deal_of(world, "s2")["id"])
    run = later(world, connection, "reconcile")
    assert run.state == "done", run.message
    assert deal_of(world, "s1")["id"] == other["id"]
    assert Link.objects.get(source_key="subscription:s2").state == "left"
    assert len(world.crm.deals()) == 1


def test_the_record_page_says_why_a_deal_holds_what_it_holds(world: World):
    with_deal(world)
    story = why.explain("acme", "ada")
    of_deal = {field.field: field for field in story.fields if field.kind == "deal"}
    assert of_deal["value"].value == "49 USD"
    assert of_deal["stage"].value == "Sales, Qualified"
    assert of_deal["status"].value.startswith("won 2026-11-02T")
    assert of_deal["CB Subscription Status"].source == "subscription s1: status"
    filled = [field for field in of_deal.values() if field.value != "-"]
    assert len(filled) == 8
    assert all(field.source and field.run and not field.note for field in filled)
    page = record_json.as_json(story)
    assert json.dumps(page)
    assert [link["kind"] for link in page["links"]] == ["person", "deal"]
    assert {write["kind"] for write in page["writes"]} == {"person", "deal"}
    assert why.explain("acme", "s1").page.record.source_id == "ada"


def test_the_record_page_shows_what_pipedrive_holds_now(world: World):
    with_deal(world)
    world.crm.edit_deal(deal_of(world, "s1")["id"], title="Mine")
    story = why.explain("acme", "ada", now=True, env=world.env)
    moved = {(f.kind, f.field): f.now for f in story.fields if f.moved}
    assert moved == {("deal", "title"): "Mine"}


def test_the_record_page_says_why_there_is_no_deal(world: World):
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_subscription("ada", id="old")
    world.clock.advance(60)
    connection = settled(world, ON + INVOICES)
    world.billing.add_subscription("ada", id="gone", status="active")
    world.billing.add_invoice("ada", id="i0", total=0)
    later(world, connection)
    world.crm.delete_deal(deal_of(world, "gone")["id"])
    world.billing.edit_subscription("gone", status="paused")
    later(world, connection)
    words = " ".join(record_json.as_json(why.explain("acme", "ada"))["not_written"])
    assert "subscription old: it did not change since the first full sync" in words
    assert "was deleted in Pipedrive, and is not made again" in words
    assert "invoice i0: the invoice has a total of 0" in words


def test_unlink_clear_takes_our_fields_off_deals_and_leaves_the_rest(world: World):
    with_deal(world)
    run = world.go_on(unlinking.clear("acme", confirmed=True))
    assert run.state == "done", run.message
    deal = deal_of(world, "s1")
    assert not shown(world, "deal", deal, "CB Subscription ID")
    assert not shown(world, "deal", deal, "CB Subscription Status")
    assert (deal["value"], deal["status"]) == (49, "won")
    asked = unlinking.clear("acme")
    assert not world.go_on(asked).questions


TIER = ON + '[[settings.additional_fields]]\nfrom = "customer.cf_tier"\nto = "deal.Tier"\n'


@pytest.mark.parametrize("overwrite", ["always", "fill_empty"])
def test_cleared_personal_data_leave_the_deal_and_its_journal(world: World, overwrite: str):
    connection = with_deal(world, f'overwrite = "{overwrite}"\n{TIER}')
    assert deal_of(world, "s1")["title"].startswith("Ada Byron")
    assert shown(world, "deal", deal_of(world, "s1"), "Tier") == "Gold"
    world.billing.edit_customer(
        "ada", pii_cleared="cleared", first_name=None, last_name=None, email=None, cf_tier=None
    )
    later(world, connection)
    deal = deal_of(world, "s1")
    assert deal["title"].startswith("ada - ")
    assert shown(world, "deal", deal, "Tier") is None
    assert deal["value"] == 49
    assert not kept_of_her()
    later(world, connection)
    assert not writes(world)


def kept_of_her() -> list[str]:
    kept = [json.dumps([c.before, c.after, c.target, c.words]) for c in Change.objects.all()]
    kept += [json.dumps([link.last, link.ours]) for link in Link.objects.all()]
    kept += [json.dumps([e.words, e.candidates]) for e in SyncError.objects.all()]
    return [row for row in kept if "Byron" in row or "Gold" in row]


def test_a_deal_that_no_longer_follows_loses_the_cleared_name_too(world: World):
    rule = '[settings.subscription_deals.status]\npaused = { status = "none" }\n'
    connection = with_deal(world, ON + rule)
    world.billing.edit_subscription("s1", status="paused")
    later(world, connection)
    world.billing.edit_customer(
        "ada", pii_cleared="cleared", first_name=None, last_name=None, email=None
    )
    later(world, connection)
    deal = deal_of(world, "s1")
    assert deal["title"].startswith("ada - ")
    assert shown(world, "deal", deal, "CB Subscription Status") == "Active"
    assert not kept_of_her()
    assert not open_errors()
