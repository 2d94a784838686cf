"""An organization's change comes from customers whose own people may be right: it is never lost."""

from typing import Any

import pytest

from chargepipe.sandbox import Fault
from chargepipe.store.models import Connection, Run, SyncError
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

SETTINGS = 'organizations = true\nsubscription_data = "organization"'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


@pytest.fixture
def connection(world: World) -> Connection:
    """Everything is in; then a subscription gets another plan, which shows on the organization."""
    connection = world.connect(SETTINGS)
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    own = world.billing.add_subscription(
        ada, status="active", mrr=100, currency_code="USD", next_billing_at=1_800_000_000
    )
    world.run(connection, "full")
    world.clock.advance(3600)
    world.billing.edit_subscription(own["id"], next_billing_at=1_900_000_000)
    return connection


def next_billing(world: World) -> Any:
    (organization,) = world.crm.organizations()
    fields = world.crm.fields("organization")
    code = next(f["field_code"] for f in fields if f["field_name"] == "CB Next Billing")
    return organization["custom_fields"][code]


@pytest.mark.parametrize("asked", ["pause", "cancel"])
def test_when_a_run_stops_between_plan_and_apply(world: World, connection: Connection, asked: str):
    run = world.run(connection, "sync", asked="")
    assert next_billing(world) == "2030-03-17", "the plain case"
    world.clock.advance(3600)
    (own,) = world.billing.subscriptions()
    world.billing.edit_subscription(own["id"], next_billing_at=1_950_000_000)
    run = stop_after_planning(world, connection, asked)
    if asked == "pause":
        Run.objects.filter(pk=run.pk).update(state="queued")
        world.go_on(run)
    else:
        world.run(connection, "sync")
    assert next_billing(world) == "2031-10-17"


def stop_after_planning(world: World, connection: Connection, asked: str) -> Run:
    """The wish comes when the plan stands: before the first send, at the fresh look at fields."""
    run = Run.objects.create(connection=connection, kind="sync")
    wire = world.transport

    def transport(root: str) -> Any:
        return _Asking(wire(root), run, asked)

    from dataclasses import replace

    run = world.go_on(run, replace(world.env, transport=transport))
    assert run.state == ("paused" if asked == "pause" else "cancelled")
    return run


class _Asking:
    """Writes the wish when the plan reads its organization, so that the next page hears it."""

    def __init__(self, inner: Any, run: Run, asked: str) -> None:
        self._inner, self._run, self._asked = inner, run, asked

    async def handle_async_request(self, request: Any) -> Any:
        if "ids=" in str(request.url):
            import asyncio

            await asyncio.to_thread(self._ask)
        return await self._inner.handle_async_request(request)

    def _ask(self) -> None:
        from django.db import connection

        Run.objects.filter(pk=self._run.pk).update(asked=self._asked)
        connection.close()

    async def aclose(self) -> None:
        await self._inner.aclose()


def test_when_pipedrive_refuses_it_once(world: World, connection: Connection):
    world.faults.add(refusal(400, '{"success":false,"error":"no","code":"ERR"}'))
    run = world.run(connection, "sync")
    assert run.counts["errors_open"] == 1
    world.clock.advance(3600)
    run = world.run(connection, "sync")
    assert (run.counts["errors_open"], next_billing(world)) == (0, "2030-03-17")
    assert not SyncError.objects.filter(state="open").exists()


def test_when_it_seems_gone_at_the_moment_of_the_write(world: World, connection: Connection):
    world.faults.add(refusal(404, '{"success":false,"error":"not found"}'))
    run = world.run(connection, "sync")
    assert (run.state, next_billing(world)) == ("done", "2030-03-17")


def refusal(status: int, body: str) -> Fault:
    return Fault(
        service="pipedrive",
        method="PATCH",
        path="/organizations/",
        kind="status",
        status=status,
        body=body,
        content_type="application/json",
        times=1,
    )
