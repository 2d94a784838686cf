"""Deals that are there already: found by their mark, or by person and amount after a yes."""

from typing import Any

import pytest

from chargepipe.actions import decide, errors
from chargepipe.actions.refusal import Refused
from chargepipe.store.models import Change, Connection, IndexRecord, Link, Record, Run, SyncError
from deals import INVOICES, ON, deal_of, quiet_world, settled
from people import code_of, later, link_of, open_errors, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    return world


def vendors_deal(world: World, **body: Any) -> dict[str, Any]:
    """A deal as the vendor's app leaves it: with the record's id in the field of that name."""
    names = [field["field_name"] for field in world.crm.fields("deal")]
    if "CB Subscription ID" not in names:
        world.crm.add_field("deal", field_name="CB Subscription ID", field_type="varchar")
    code = code_of(world, "deal", "CB Subscription ID")
    return world.crm.add_deal(**{"title": "Old", "custom_fields": {code: "s1"}, **body})


def made(run: Run) -> int:
    assert run.state == "done", run.message
    return run.counts["objects"]["deal"]["created"]


def test_a_deal_of_the_vendors_app_is_taken_over_where_it_stands(world: World):
    theirs = vendors_deal(world, stage_id=4, value=10, currency="USD")
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    assert made(later(world, connection)) == 0
    deal = deal_of(world, "s1")
    assert (deal["id"], deal["stage_id"], deal["status"]) == (theirs["id"], 4, "won")
    assert (deal["value"], deal["person_id"]) == (49, link_of("ada").pipedrive_id)
    assert Link.objects.get(kind="deal").reason == "mark"
    later(world, connection)
    assert not writes(world)


@pytest.mark.parametrize("archived", [False, True])
def test_a_lost_database_makes_no_second_deal(world: World, archived: bool):
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    (deal,) = world.crm.deals()
    if archived:
        world.crm.archive_deal(deal["id"])
    Link.objects.filter(kind="deal").delete()
    Record.objects.filter(kind="subscription").update(settled=0)
    assert made(later(world, connection)) == 0
    assert deal_of(world, "s1")["id"] == deal["id"]


def test_a_deleted_deal_with_the_mark_is_not_made_again(world: World):
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    world.crm.delete_deal(deal_of(world, "s1")["id"])
    Link.objects.filter(kind="deal").delete()
    Record.objects.filter(kind="subscription").update(settled=0)
    assert made(later(world, connection)) == 0
    assert (world.crm.deals(), Link.objects.get(kind="deal").state) == ([], "left")


def test_several_deals_with_the_mark_are_an_error_that_is_decided(world: World):
    first, second = vendors_deal(world), vendors_deal(world)
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    assert made(later(world, connection)) == 0
    (error,) = SyncError.objects.filter(state="open")
    assert (error.code, error.kind) == ("duplicate_mark", "deal")
    assert [each["id"] for each in error.candidates] == [first["id"], second["id"]]
    with pytest.raises(Refused, match="own mark"):
        decide.decide(error.pk, new=True, env=world.env)
    decided = decide.decide(error.pk, deal=second["id"], env=world.env)
    assert decided.customers == ("ada",)
    assert made(later(world, connection, only=list(decided.customers))) == 0
    assert deal_of(world, "s1")["id"] == second["id"]
    assert not open_errors()


def test_an_error_of_a_deal_that_gave_way_to_another_one_is_over(world: World):
    first, _ = vendors_deal(world), vendors_deal(world)
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1", currency_code="XDR", status="cancelled")
    later(world, connection)
    assert open_errors() == [("duplicate_mark", "subscription:s1")]
    world.crm.delete_deal(first["id"])
    later(world, connection)
    assert open_errors() == [("currency_missing", "subscription:s1")]


def alike(world: World, connection: Connection) -> tuple[SyncError, int]:
    person = link_of("ada").pipedrive_id
    deal = world.crm.add_deal(title="Big", person_id=person, value=49, currency="USD", stage_id=4)
    world.billing.add_subscription("ada", id="s1")
    assert made(later(world, connection)) == 0
    (error,) = SyncError.objects.filter(state="open")
    assert (error.code, error.source_key) == ("alike_deals", "subscription:s1")
    assert error.candidates == [{"id": deal["id"], "name": "Big"}]
    return error, deal["id"]


def test_a_deal_of_the_same_person_and_amount_is_taken_only_after_a_yes(world: World):
    connection = settled(world)
    error, deal_id = alike(world, connection)
    assert [place.kind for place in errors.places(error)] == ["deal"]
    assert errors.source_url(error).endswith("/d/subscriptions/s1")
    assert made(later(world, connection)) == 0
    decided = decide.decide(error.pk, deal=deal_id, env=world.env)
    assert made(later(world, connection, only=list(decided.customers))) == 0
    deal = deal_of(world, "s1")
    assert (deal["id"], deal["stage_id"], deal["status"]) == (deal_id, 4, "won")
    assert not open_errors()


def test_or_a_new_one_is_made_after_a_no(world: World):
    connection = settled(world)
    error, deal_id = alike(world, connection)
    with pytest.raises(Refused, match="Name a deal"):
        decide.decide(error.pk, env=world.env)
    with pytest.raises(Refused, match="no candidate"):
        decide.decide(error.pk, deal=999, env=world.env)
    decided = decide.decide(error.pk, new=True, env=world.env)
    assert made(later(world, connection, only=list(decided.customers))) == 1
    assert deal_of(world, "s1")["id"] != deal_id
    assert not open_errors()


def test_a_deal_that_is_gone_cannot_be_picked(world: World):
    connection = settled(world)
    error, deal_id = alike(world, connection)
    world.crm.delete_deal(deal_id)
    with pytest.raises(Refused, match="no longer there"):
        decide.decide(error.pk, deal=deal_id, env=world.env)
    assert made(later(world, connection)) == 1
    assert not open_errors()


def test_our_own_deals_of_the_same_amount_are_no_candidates(world: World):
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    world.billing.add_subscription("ada", id="s2")
    assert made(later(world, connection)) == 1


def test_an_ignored_error_of_a_deal_holds_it_until_its_record_is_modified(world: World):
    connection = settled(world)
    error, deal_id = alike(world, connection)
    errors.ignore("acme", [error.pk])
    world.crm.delete_deal(deal_id)
    world.billing.edit_customer("ada", first_name="Ada")
    assert made(later(world, connection)) == 0
    world.billing.edit_subscription("s1", next_billing_at=1_800_000_000)
    assert made(later(world, connection)) == 1


def fill(world: World, room: int) -> None:
    """Open deals until there is room for so many more."""
    world.crm.open_deals = world.sandbox.company.deal_quota - room


def test_a_full_account_is_one_error_and_a_pause_of_open_deals(world: World):
    connection = settled(world, ON + INVOICES)
    for number in range(30):
        world.billing.add_subscription("ada", id=f"s{number:02}", status="in_trial")
    world.billing.add_subscription("ada", id="won")
    fill(world, 2)
    run = later(world, connection)
    assert run.state == "done", run.message
    assert open_errors() == [("deals_capped", "open deals")]
    refused = [s for _, m, p, s, *_ in world.sandbox.requests if (m, s) == ("POST", 403)]
    assert 1 <= len(refused) <= 8
    assert made(run) == 3
    assert deal_of(world, "won")["status"] == "won"
    again = later(world, connection)
    posts = [p for m, p in writes(world) if m == "POST"]
    assert (made(again), len(posts)) == (0, 1)
    fill(world, 1000)
    assert made(later(world, connection)) == 28
    assert not open_errors()
    assert len({d["title"] + str(d["id"]) for d in world.crm.deals()}) == 31
    assert not Change.objects.filter(state__in=Change.UNFINISHED).exists()


def test_the_index_knows_where_a_deal_is(world: World):
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    deal = deal_of(world, "s1")["id"]
    shelves = [("deal", lambda: None), ("archived deal", lambda: world.crm.archive_deal(deal))]
    shelves.append(("deleted deal", lambda: world.crm.delete_deal(deal)))
    for number, (shelf, move) in enumerate(shelves):
        world.billing.add_subscription("ada", id=f"n{number}")
        move()
        later(world, connection)
        held = IndexRecord.objects.filter(pipedrive_id=deal, entity__contains="deal")
        assert [row.entity for row in held] == [shelf]
        if shelf == "archived deal":
            world.crm.unarchive_deal(deal)
