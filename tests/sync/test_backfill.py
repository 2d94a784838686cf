"""Backfill: older records get their deals, closed with their real dates (rule 13)."""

from typing import Any

import pytest

from chargepipe.actions import plans, runs, undo
from chargepipe.actions.refusal import Refused
from chargepipe.domain.backfill import Window
from chargepipe.store.models import Connection, Link, Run
from chargepipe.sync import backfill
from deals import INVOICES, ON, deal_of, quiet_world, settled
from people import later, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
JANUARY, MARCH = 1_736_000_000, 1_741_000_000


@pytest.fixture
def world() -> World:
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    return world


def old(world: World, id: str, created: int, **attributes: Any) -> None:
    started = {"created_at": created, "started_at": created, "activated_at": created}
    world.billing.add_subscription("ada", id=id, **{**started, **attributes})


def filled(world: World, connection: Connection, window: Window, **more: Any) -> Run:
    return later(world, connection, "backfill", window=window.as_json(), **more)


def made(run: Run) -> int:
    assert run.state == "done", run.message
    return run.counts["objects"]["deal"]["created"]


def test_older_subscriptions_get_their_deals_won_and_lost_at_their_real_times(world: World):
    old(world, "won", JANUARY)
    old(world, "lost", JANUARY, status="cancelled", cancelled_at=MARCH, cancel_reason_code="Dear")
    old(world, "later", MARCH)
    world.clock.advance(60)
    connection = settled(world)
    window = Window(("active", "cancelled"), "2025-01-01", "2025-01-31")
    run = filled(world, connection, window)
    assert made(run) == 2
    assert (run.counts["customers"], run.counts["errors_open"]) == (0, 0)
    assert deal_of(world, "won")["won_time"] == "2025-01-04T14:13:20Z"
    lost = deal_of(world, "lost")
    assert (lost["lost_time"], lost["lost_reason"]) == ("2025-03-03T11:06:40Z", "Dear")
    assert len(world.crm.deals()) == 2
    assert made(filled(world, connection, window)) == 0
    assert made(filled(world, connection, Window(("paused",)))) == 0
    assert made(filled(world, connection, Window())) == 1


def test_a_backfill_takes_plans_and_invoices(world: World):
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    old(world, "small", JANUARY)
    old(world, "big", JANUARY, subscription_items=items)
    world.billing.add_invoice("ada", id="i1", date=JANUARY, paid_at=JANUARY)
    world.clock.advance(60)
    connection = settled(world, ON + INVOICES)
    assert made(filled(world, connection, Window(plans=("big",)))) == 1
    assert deal_of(world, "big")
    assert made(filled(world, connection, Window(("paid",), end="2025-12-31"))) == 1
    assert deal_of(world, "i1", "invoice")["won_time"] == "2025-01-04T14:13:20Z"


def test_a_capped_backfill_makes_the_oldest_and_keeps_to_it_when_it_goes_on(world: World):
    for number in range(5):
        old(world, f"s{number}", JANUARY + number)
    world.clock.advance(60)
    connection = settled(world)
    run = filled(world, connection, Window(most=2))
    assert made(run) == 2
    Run.objects.filter(pk=run.pk).update(state="queued")
    assert made(world.go_on(Run.objects.get(pk=run.pk))) == 2
    assert sorted(deal["title"] for deal in world.crm.deals()) == ["Engines - team-USD-monthly"] * 2
    assert made(filled(world, connection, Window(most=2))) == 2
    assert deal_of(world, "s3")


def test_a_capped_backfill_counts_only_records_that_make_a_deal(world: World):
    world.billing.add_customer(id="bo", email="")
    for number in range(3):
        at = JANUARY + number
        world.billing.add_invoice("ada", id=f"nothing{number}", total=0, date=at)
        world.billing.add_invoice("bo", id=f"waits{number}", date=at)
        world.billing.add_invoice("ada", id=f"paid{number}", date=at + 100, paid_at=at + 100)
    world.clock.advance(60)
    connection = settled(world, INVOICES)
    window = Window(most=2)
    preview = later(world, connection, "preview", of="backfill", window=window.as_json())
    totals = plans.totals(preview)
    run = filled(world, connection, window)
    assert made(run) == 2
    assert [p.number for p in totals.parts if p.kind == "deal"] == [2]
    assert run.message == (
        "No deal for: 3 (the invoice has a total of 0). "
        "Deals that wait: 3 (its customer has an error). "
    )
    assert preview.message.endswith(run.message)
    assert deal_of(world, "paid1", "invoice")
    assert made(filled(world, connection, window)) == 1
    assert made(filled(world, connection, window)) == 0


def test_pages_of_a_capped_backfill_begin_with_the_oldest(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backfill, "PAGE", 2)
    for number in range(5):
        old(world, f"s{number}", JANUARY - number)
    world.clock.advance(60)
    connection = settled(world)
    assert made(filled(world, connection, Window(most=3))) == 3
    assert sorted(Link.objects.filter(kind="deal").values_list("source_key", flat=True)) == [
        "subscription:s2",
        "subscription:s3",
        "subscription:s4",
    ]


def test_a_backfill_asks_where_it_makes_many_and_is_taken_back_at_once(world: World):
    for number in range(3):
        old(world, f"s{number}", JANUARY)
    world.clock.advance(60)
    connection = settled(world, ON + "[brake]\ndeals = 2\n")
    asking = filled(world, connection, Window(), approved=False)
    assert (asking.state, asking.questions) == ("waiting", ["would make 3 deals, more than 2"])
    Run.objects.filter(pk=asking.pk).update(state="queued", approved=True)
    run = world.go_on(Run.objects.get(pk=asking.pk))
    assert made(run) == 3
    assert world.go_on(undo.start(run.pk, confirmed=True)).state == "done"
    assert not world.crm.deals()
    assert len(list(world.crm.persons())) == 1


def test_the_preview_of_a_backfill_counts_tokens_and_days_and_is_written_as_shown(world: World):
    for number in range(4):
        old(world, f"s{number}", JANUARY)
    world.clock.advance(60)
    connection = settled(world)
    window = Window(("active",)).as_json()
    preview = later(world, connection, "preview", of="backfill", window=window)
    world.connect(f"budget_share = {world.share(10)}\n{ON}")
    totals = plans.totals(Run.objects.get(pk=preview.pk))
    deals = [(part.action, part.number) for part in totals.parts if part.kind == "deal"]
    assert (deals, totals.tokens_a_day) == ([("create", 4)], 10)
    assert totals.cost.days == 1 - (totals.tokens_left - totals.tokens_in_all) // 10 > 1
    connection = world.connect(ON)
    preview = later(world, connection, "preview", of="backfill", window=window)
    assert not writes(world)
    assert plans.totals(preview).cost.days == 1
    run = later(world, connection, "apply", about=preview)
    assert (made(run), run.counts["moved"]) == (4, 0)


def test_a_record_that_a_sync_passed_by_and_that_waits_now_stays_due(world: World):
    world.billing.add_customer(id="bo", email="")
    world.billing.add_subscription("bo", id="of-bo", created_at=JANUARY)
    world.clock.advance(60)
    connection = settled(world)
    assert made(later(world, connection)) == 0
    assert made(filled(world, connection, Window())) == 0
    world.billing.edit_customer("bo", email="bo@x.co")
    assert made(later(world, connection)) == 1


def test_a_record_that_waits_for_its_customer_stays_due(world: World):
    world.billing.add_customer(id="bo", email="")
    world.billing.add_subscription("bo", id="of-bo", created_at=JANUARY)
    world.clock.advance(60)
    connection = settled(world)
    assert made(filled(world, connection, Window())) == 0
    world.billing.edit_customer("bo", email="bo@x.co")
    assert made(later(world, connection)) == 1


def test_a_window_that_cannot_be_is_refused_and_so_is_a_backfill_before_the_full_sync(
    world: World,
):
    world.connect(ON)
    with pytest.raises(Refused, match="no full sync yet"):
        runs.start("acme", "backfill", window=Window())
    settled(world)
    with pytest.raises(Refused, match="is no status"):
        runs.start("acme", "backfill", window=Window(("paid",)))
    first = runs.start("acme", "backfill", window=Window(("paused",)))
    assert runs.start("acme", "backfill", window=Window(("active",))).pk != first.pk
    assert runs.start("acme", "backfill", window=Window(("paused",))).pk == first.pk
