"""Deals from one-time invoices (setting 8)."""

from typing import Any

import pytest

from chargepipe.sandbox import Options
from chargepipe.store.models import Connection, Link, Record
from deals import INVOICES, ON, deal_of, quiet_world, settled
from people import later, link_of, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
OPEN: dict[str, Any] = {"status": "payment_due", "paid_at": None, "amount_due": 10_000}


@pytest.fixture
def world() -> World:
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    return world


def made(world: World, connection: Connection, **more: Any) -> int:
    return later(world, connection, **more).counts["objects"]["deal"]["created"]


def test_a_one_time_invoice_gets_its_deal_and_the_deal_follows_it(world: World):
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1", due_date=1_795_000_000, **OPEN)
    assert made(world, connection) == 1
    deal = deal_of(world, "i1", "invoice")
    assert (deal["title"], deal["value"], deal["status"]) == ("Engines - i1", 100, "open")
    assert deal["expected_close_date"] == "2026-11-18"
    assert shown(world, "deal", deal, "CB Due") == {"value": 100, "currency": "USD"}
    world.billing.edit_invoice("i1", status="not_paid")
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    assert shown(world, "deal", deal, "CB Invoice Status") == "Not paid"
    world.billing.edit_invoice("i1", status="paid", paid_at=1_793_700_000, amount_due=0)
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    assert (deal["status"], deal["won_time"]) == ("won", "2026-11-03T10:00:00Z")
    assert shown(world, "deal", deal, "CB Due") == {"value": 0, "currency": "USD"}
    later(world, connection)
    assert not writes(world)


@pytest.mark.parametrize("moves", [True, False])
def test_a_merge_of_customers_takes_the_deals_of_their_invoices_along(moves: bool):
    world = quiet_world(options=Options(merge_moves=moves))
    for id in ("ada", "bo"):
        world.billing.add_customer(id=id, email=f"{id}@x.co")
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1")
    later(world, connection)
    world.sandbox.customers.merge("ada", "bo")
    world.clock.advance(86_400)
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    assert (deal["person_id"], deal["title"]) == (link_of("bo").pipedrive_id, "bo@x.co - i1")


def test_a_voided_invoice_loses_its_deal_with_the_reason(world: World):
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1", **OPEN)
    later(world, connection)
    world.billing.edit_invoice(
        "i1", status="voided", voided_at=1_793_700_000, void_reason_code="Mistake"
    )
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    assert (deal["status"], deal["lost_reason"]) == ("lost", "Mistake")
    assert deal["lost_time"] == "2026-11-03T10:00:00Z"


def test_a_credited_or_refunded_invoice_keeps_its_deal_and_shows_what_is_due(world: World):
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1", **OPEN)
    later(world, connection)
    world.billing.edit_invoice("i1", amount_due=4_000)
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    assert (deal["value"], deal["status"]) == (100, "open")
    assert shown(world, "deal", deal, "CB Due") == {"value": 40, "currency": "USD"}


def test_a_deleted_invoice_leaves_its_deal_and_says_so(world: World):
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1", **OPEN)
    later(world, connection)
    world.billing.delete_invoice("i1")
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    assert (deal["status"], deal["value"]) == ("open", 100)
    assert shown(world, "deal", deal, "CB Invoice Status") == "Deleted"


def test_only_one_time_invoices_are_kept_and_make_deals(world: World):
    connection = settled(world, INVOICES + ON)
    own = world.billing.add_subscription("ada", id="i3", status="transferred")
    world.billing.add_invoice("ada", id="i1", recurring=True, subscription_id=own["id"])
    world.billing.add_invoice("ada", id="i2", subscription_id=own["id"])
    world.billing.add_invoice("ada", id="i3")
    world.billing.add_invoice("ada", id="i4", status="pending")
    world.billing.add_invoice("ada", id="i5", total=0)
    assert made(world, connection) == 1
    kept = Record.objects.filter(kind="invoice").values_list("source_id", flat=True)
    assert sorted(kept) == ["i3", "i4", "i5"]
    assert [link.source_key for link in Link.objects.filter(kind="deal")] == ["invoice:i3"]
    world.billing.edit_invoice("i4", status="payment_due")
    assert made(world, connection) == 1


def test_a_subscription_and_an_invoice_of_one_id_have_each_their_deal(world: World):
    connection = settled(world, INVOICES + ON)
    world.billing.add_subscription("ada", id="7")
    world.billing.add_invoice("ada", id="7")
    assert made(world, connection) == 2
    assert deal_of(world, "7")["id"] != deal_of(world, "7", "invoice")["id"]


def test_invoices_are_not_read_without_the_setting(world: World):
    connection = settled(world, ON)
    later(world, connection)
    assert not [path for _, _, path, *_ in world.sandbox.requests if "/invoices" in path]


def test_invoices_from_before_they_were_switched_on_make_no_flood(world: World):
    connection = settled(world, ON)
    world.billing.add_invoice("ada", id="before")
    world.clock.advance(60)
    later(world, connection)
    world.clock.advance(60)
    world.connect(INVOICES)
    world.billing.add_invoice("ada", id="after")
    connection = Connection.objects.get()
    assert made(world, connection) == 1
    assert deal_of(world, "after", "invoice")
    assert made(world, connection, kind="full") == 1
    assert made(world, connection, kind="full") == 0


def test_a_deal_does_not_wait_for_an_organization_that_nobody_makes(world: World):
    settled(world, INVOICES)
    connection = world.connect("organizations = true\n" + INVOICES)
    world.billing.add_invoice("ada", id="i1", **OPEN)
    assert made(world, connection) == 1
    assert deal_of(world, "i1", "invoice")["org_id"] is None
    world.billing.edit_customer("ada", first_name="Ada")
    later(world, connection)
    later(world, connection)
    organization = Link.objects.get(kind="organization").pipedrive_id
    assert deal_of(world, "i1", "invoice")["org_id"] == organization
    later(world, connection)
    assert not writes(world)


def test_an_invoice_of_a_customer_that_went_to_another_entity_keeps_its_deal(world: World):
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1", **OPEN)
    later(world, connection)
    person = deal_of(world, "i1", "invoice")["person_id"]
    world.billing.add_customer(id="ada-new", email="ada@x.co", company="Engines")
    world.billing.edit_customer("ada", active_id="ada-new")
    world.billing.edit_invoice("i1", status="paid", paid_at=1_793_700_000, amount_due=0)
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    assert (deal["status"], deal["person_id"]) == ("won", person)


def test_a_deal_of_one_that_went_to_another_entity_joins_the_person_of_the_live_copy(world: World):
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1", **OPEN)
    later(world, connection)
    deal = deal_of(world, "i1", "invoice")
    world.crm.edit_deal(deal["id"], title="By hand")
    copy = world.sandbox.customers.transfer("ada", "be_emea")["id"]
    later(world, connection)
    world.crm.delete_person(deal["person_id"])
    later(world, connection, "full")
    joined = deal_of(world, "i1", "invoice")
    assert joined["person_id"] == link_of(copy).pipedrive_id != deal["person_id"]
    assert joined["title"] == "By hand"  # billing said nothing new of it


def test_a_bill_of_one_that_was_gone_before_it_was_linked_gets_its_deal(world: World):
    copy = world.sandbox.customers.transfer("ada", "be_emea")["id"]
    connection = settled(world, INVOICES)
    world.billing.add_invoice("ada", id="i1", **OPEN)
    later(world, connection)
    assert deal_of(world, "i1", "invoice")["person_id"] == link_of(copy).pipedrive_id
