"""What happens between two steps of a run: intents, late lists, a salesperson at work."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from django.db import connection as database

from chargepipe.sandbox import Fault
from chargepipe.store.models import Change, Connection, IndexRecord, IndexState, Link, Run
from chargepipe.sync import flow
from deals import deal_of, quiet_world, settled
from people import later
from world import PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/api/v2/persons"


class Watched(httpx2.AsyncBaseTransport):
    """Calls `look` before each request leaves; in a thread, as another process would."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, look: Callable[[str, str], None]) -> None:
        self._inner, self._look = inner, look

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await asyncio.to_thread(self._in_thread, request.method, request.url.path)
        return await self._inner.handle_async_request(request)

    def _in_thread(self, method: str, path: str) -> None:
        try:
            self._look(method, path)
        finally:
            database.close()


def run_watched(
    world: World, connection: Connection, kind: str, look: Callable[[str, str], None]
) -> Run:
    def transport(root: str) -> Any:
        wire = world.transport(root)
        return Watched(wire, look) if root == PIPEDRIVE else wire

    run = Run.objects.create(connection=connection, kind=kind, approved=True)
    return world.go_on(run, replace(world.env, transport=transport))


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def test_no_write_leaves_before_its_intent_is_on_the_disk(world: World):
    connection = world.connect()
    for number in range(3):
        world.billing.add_customer(email=f"c{number}@x.co", company="Acme")
    seen: list[str] = []

    def look(method: str, path: str) -> None:
        if method != "GET":
            kind = path.rsplit("/", 1)[1].removesuffix("s").lower().replace("fie", "_fie")
            seen.append(kind)
            intended = Change.objects.filter(state="intended", fence__isnull=False)
            assert kind.split("_")[0] in {c.kind.split("_")[0] for c in intended}, path

    assert run_watched(world, connection, "full", look).state == "done"
    assert len(seen) == 5 + 1 + 3


def test_a_person_made_by_hand_that_the_list_showed_late_is_still_found():
    world = World(customers=0, people_before=0.0)
    world.sandbox = type(world.sandbox)(
        customers=0, now=world.clock.timestamp, plan="ultimate", people_before=0.0, settle=60.0
    )
    world.billing, world.crm = world.sandbox.billing, world.sandbox.crm
    connection = world.connect()
    world.billing.add_customer(email="first@x.co")
    world.crm.add_person(name="By hand", emails=[{"value": "late@x.co"}])
    world.clock.advance(30)
    world.run(connection, "full")
    world.clock.advance(300)
    late = world.billing.add_customer(email="late@x.co")["id"]
    world.clock.advance(10)
    run = world.run(connection, "sync")
    assert (run.counts["created"], run.counts["updated"]) == (0, 1)
    assert Link.objects.get(source_key=late).reason == "key"


def test_an_email_added_by_a_salesperson_between_plan_and_write_stays(world: World):
    connection = world.connect()
    known = world.crm.add_person(
        name="K", emails=[{"value": "k@x.co"}], phones=[{"value": "+49 30 1234567"}]
    )["id"]
    world.billing.add_customer(email="k@x.co", phone="+49 30 7654321", company="Acme")

    def look(method: str, path: str) -> None:
        if method == "POST":
            world.clock.advance(11)  # slow, but no time-out; over a minute in all
        if (method, path) == ("POST", "/api/v2/organizations"):
            held = world.crm.person(known)["phones"]
            world.crm.edit_person(known, phones=[*held, {"value": "+49 30 5550000"}])

    assert run_watched(world, connection, "full", look).state == "done"
    phones = {phone["value"] for phone in world.crm.person(known)["phones"]}
    assert phones == {"+49 30 1234567", "+49 30 7654321", "+49 30 5550000"}


def test_a_customer_that_chargebees_list_showed_late_is_still_read(world: World):
    connection = world.connect()
    world.billing.add_customer(email="a@x.co")
    world.run(connection, "full")
    world.clock.advance(3600)
    then = int(world.clock.timestamp())
    world.billing.add_customer(email="b@x.co")
    world.run(connection, "sync")
    world.billing.add_customer(email="late@x.co", updated_at=then - 400, created_at=then - 400)
    world.clock.advance(3600)
    assert world.run(connection, "sync").counts["created"] == 1


def test_a_second_worker_sends_nothing_while_the_first_holds_the_account(world: World):
    connection = world.connect()
    world.billing.add_customer(email="a@x.co")
    other = Run.objects.create(connection=connection, kind="validate")
    answers: list[float | None] = []

    def look(method: str, _path: str) -> None:
        if method != "GET" and not answers:
            asked = len(world.sandbox.requests)
            answers.append(flow.advance(other.pk, replace(world.env, owner="second")))
            assert len(world.sandbox.requests) == asked

    assert run_watched(world, connection, "full", look).state == "done"
    assert answers == [flow.ASK_AGAIN_SECONDS]


@pytest.mark.parametrize("hours", [0.5, 2])
def test_a_walk_goes_on_after_a_break_whether_or_not_pipedrive_still_takes_its_cursor(
    world: World, hours: float
):
    connection = world.connect(settings="")
    world.billing.add_customer(email="last@x.co")
    for number in range(501):
        world.crm.add_person(name=f"P{number}", emails=[{"value": f"p{number}@x.co"}])
    held = world.crm.add_person(name="Last", emails=[{"value": "last@x.co"}])["id"]
    world.faults.add(Fault(path="/persons$", method="GET", skip=1, times=None))
    assert world.run(connection, "full").state == "failed"
    state = IndexState.objects.get(entity="person")
    assert state.cursor
    world.faults.clear()
    world.clock.advance(hours * 3600)
    before = len(world.sandbox.requests)
    assert world.run(connection, "full").state == "done"
    asked = [
        entry for entry in list(world.sandbox.requests)[before:] if entry[1:3] == ("GET", LIST)
    ]
    refused = [entry for entry in asked if entry[3] == 400]
    assert len(refused) == (hours > 1)
    assert IndexRecord.objects.filter(entity="person").count() == 502
    assert Link.objects.get().pipedrive_id == held


def test_products_that_come_just_before_the_write_lock_the_value_and_all_else_is_written():
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co", company="Engines")
    connection = settled(world)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    deal = deal_of(world, "s1")
    items = [{"item_price_id": "big", "item_type": "plan", "amount": 19900, "quantity": 1}]
    world.billing.edit_subscription("s1", subscription_items=items)
    world.clock.advance(3600)

    def look(method: str, path: str) -> None:
        if method == "PATCH" and not world.crm.products.of(deal):
            world.crm.add_products(deal["id"], [10, 20])

    run = run_watched(world, connection, "sync", look)
    assert (run.state, run.counts["errors_open"]) == ("done", 0)
    written = run.changes.get(kind="deal", state="written")
    assert ("value" in written.after, "title" in written.after) == (False, True)
    held = deal_of(world, "s1")
    assert (held["value"], held["title"]) == (30, "Engines - big")
