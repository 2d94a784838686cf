"""What billing names no more is taken off the deal, where it is ours and Pipedrive lets it."""

from typing import Any, Literal

import pytest

from chargepipe.actions import undo
from chargepipe.sandbox import Options
from chargepipe.store.models import Connection
from deals import INVOICES, ON, deal_of, quiet_world, settled
from people import later, link_of, open_errors, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
TRIAL: dict[str, Any] = {"status": "in_trial", "trial_end": 1_801_000_000}
DAY = "2027-01-26"
Nulls = Literal["clear", "refuse"]
BOTH = pytest.mark.parametrize("null_links", ["clear", "refuse"])


def with_deal(null_links: Nulls, settings: str = "") -> tuple[World, Connection]:
    """A trial of "ada", who works for a company, with its deal; "bo" works for none."""
    world = quiet_world(options=Options(null_links=null_links))
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    world.billing.add_customer(id="bo", email="bo@x.co")
    connection = settled(world, "organizations = true\n" + settings + ON)
    world.billing.add_subscription("ada", id="s1", **TRIAL)
    later(world, connection)
    deal = deal_of(world, "s1")
    assert deal["org_id"]
    assert deal["expected_close_date"] == DAY
    return world, connection


def patches(world: World) -> int:
    return sum("/deals/" in path for _, path in writes(world))


@BOTH
def test_a_deal_is_expected_no_more_once_its_trial_is_over(null_links: Nulls):
    world, connection = with_deal(null_links)
    world.billing.edit_subscription("s1", status="active")
    run = later(world, connection)
    deal, refuses = deal_of(world, "s1"), null_links == "refuse"
    assert (deal["status"], deal["expected_close_date"]) == ("won", DAY if refuses else None)
    (change,) = run.changes.filter(kind="deal")
    assert change.kept == (["expected_close_date"] if refuses else [])
    assert (patches(world), open_errors()) == (2 if refuses else 1, [])
    for kind in ("sync", "full"):
        later(world, connection, kind)
        assert not writes(world)
    world.billing.edit_subscription("s1", next_billing_at=1_800_000_000)
    later(world, connection)
    assert patches(world) == 1  # a no counts for a day
    world.clock.advance(86_400)
    world.billing.edit_subscription("s1", next_billing_at=1_801_000_000)
    later(world, connection)
    assert patches(world) == (2 if refuses else 1)  # then it is tried with the next news


@BOTH
def test_a_deal_that_goes_to_a_customer_without_a_company_leaves_the_organization(
    null_links: Nulls,
):
    world, connection = with_deal(null_links)
    engines = deal_of(world, "s1")["org_id"]
    world.billing.edit_subscription("s1", customer_id="bo")
    later(world, connection)
    deal = deal_of(world, "s1")
    assert deal["person_id"] == link_of("bo").pipedrive_id
    assert deal["org_id"] == (engines if null_links == "refuse" else None)
    world.billing.edit_subscription("s1", customer_id="ada")
    later(world, connection)
    assert deal_of(world, "s1")["org_id"] == engines


@BOTH
@pytest.mark.parametrize("overwrite", ["always", "fill_empty"])
def test_what_a_person_put_there_stays(null_links: Nulls, overwrite: str):
    world, connection = with_deal(null_links, f'overwrite = "{overwrite}"\n')
    other = world.crm.add_organization(name="Theirs")["id"]
    theirs = {"expected_close_date": "2027-03-01", "org_id": other}
    world.crm.edit_deal(deal_of(world, "s1")["id"], **theirs)
    world.billing.edit_subscription("s1", status="active", customer_id="bo")
    later(world, connection)
    later(world, connection, "full")
    world.billing.edit_subscription("s1", status="paused")
    later(world, connection)
    deal = deal_of(world, "s1")
    assert {name: deal[name] for name in theirs} == theirs


def test_an_organization_that_a_person_gave_a_deal_without_one_is_never_ours():
    world, connection = with_deal("clear")
    world.billing.add_subscription("bo", id="s2", **TRIAL)
    later(world, connection)
    other = world.crm.add_organization(name="Theirs")["id"]
    world.crm.edit_deal(deal_of(world, "s2")["id"], org_id=other)
    for status in ("active", "paused", "active"):
        world.billing.edit_subscription("s2", status=status)
        later(world, connection)
        later(world, connection, "reconcile")
    assert deal_of(world, "s2")["org_id"] == other


@BOTH
def test_where_nothing_else_differs_the_record_is_settled_all_the_same(null_links: Nulls):
    world = quiet_world(options=Options(null_links=null_links))
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world, INVOICES)
    unpaid = {"status": "payment_due", "paid_at": None, "due_date": 1_801_000_000}
    world.billing.add_invoice("ada", id="i1", **unpaid)
    later(world, connection)
    world.billing.edit_invoice("i1", due_date=None)
    run = later(world, connection)
    left = deal_of(world, "i1", "invoice")["expected_close_date"]
    assert (run.state, left) == ("done", DAY if null_links == "refuse" else None)
    later(world, connection)
    assert not writes(world)


def test_one_refusal_speaks_for_the_rest_of_the_run():
    world, connection = with_deal("refuse")
    for number in range(20):
        world.billing.add_subscription("ada", id=f"more{number}", **TRIAL)
    later(world, connection)
    for number in range(20):
        world.billing.edit_subscription(f"more{number}", status="active")
    later(world, connection)
    assert patches(world) <= 20 + 8  # as many as are under way at once
    assert deal_of(world, "more19")["status"] == "won"


@BOTH
def test_a_preview_shows_it_and_it_is_written_as_shown(null_links: Nulls):
    world, connection = with_deal(null_links)
    world.billing.edit_subscription("s1", status="active")
    preview = later(world, connection, "preview", of="sync")
    (shown,) = preview.changes.filter(kind="deal")
    assert shown.after["expected_close_date"] is None
    run = later(world, connection, "apply", about=preview)
    assert (run.state, run.counts["moved"]) == ("done", 0)
    left = deal_of(world, "s1")["expected_close_date"]
    assert left == (DAY if null_links == "refuse" else None)
    later(world, connection)
    assert not writes(world)


@BOTH
def test_an_undo_brings_back_what_was_emptied(null_links: Nulls):
    world, connection = with_deal(null_links)
    before = deal_of(world, "s1")
    world.billing.edit_subscription("s1", status="active", customer_id="bo")
    run = later(world, connection)
    assert world.go_on(undo.start(run.pk, confirmed=True)).state == "done"
    deal = deal_of(world, "s1")
    same = ("status", "expected_close_date", "org_id", "person_id", "title")
    assert {name: deal[name] for name in same} == {name: before[name] for name in same}
    later(world, connection)
    assert not writes(world)
