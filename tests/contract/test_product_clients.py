"""The product's own runs against the witnessed sandbox: every exchange is as described."""

import pytest

from actions.probe.probed import prepared
from chargepipe.actions.probe import probe
from chargepipe.domain.backfill import Window
from contract.descriptions import needed
from contract.witness import Witness
from deals import INVOICES, ON
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


def watch(world: World) -> Witness:
    """A witness of all that a world's two services are asked from now on."""
    needed()
    witness = Witness()
    witness.watch(world.sandbox)
    return witness


def test_every_exchange_of_a_full_run_is_as_described() -> None:
    world = World(customers=60)
    witness = watch(world)
    run = world.run(world.connect(), "full")
    assert run.state == "done"
    assert witness.asked("pipedrive", "POST") > 20
    witness.swear()


def test_every_exchange_of_the_runs_after_it_is_as_described() -> None:
    world = World(customers=60)
    connection = world.connect()
    world.run(connection, "full")
    witness = watch(world)
    customers = [row["id"] for row in world.billing.customers() if not row["deleted"]]
    world.billing.edit_customer(customers[0], first_name="Ada", last_name="Changed")
    world.billing.delete_customer(customers[1])
    world.billing.add_customer(first_name="Bo", email="bo@new.example", company="New and Co")
    world.crm.delete_person(next(world.crm.persons())["id"])
    world.clock.advance(600)
    for kind in ("validate", "preview", "sync", "full"):
        assert world.run(connection, kind).state == "done"
    assert witness.asked("pipedrive", "PATCH") > 0
    witness.swear()


def test_every_exchange_of_the_probe_is_as_described() -> None:
    world = prepared()
    witness = watch(world)
    assert probe("acme", world.env).findings
    witness.swear()


def test_every_exchange_of_runs_that_make_and_change_deals_is_as_described() -> None:
    world = World(customers=20)
    connection = world.connect(ON + INVOICES)
    world.run(connection, "full")
    witness = watch(world)
    world.clock.advance(600)
    ids = [row["id"] for row in world.billing.customers() if not row["deleted"]]
    own = [world.billing.add_subscription(ids[0], status=each) for each in ("in_trial", "active")]
    world.billing.add_subscription(ids[0], status="cancelled", cancel_reason_code="Too dear")
    world.billing.add_invoice(ids[0])
    made = world.run(connection, "sync")
    world.billing.edit_subscription(own[0]["id"], status="active", trial_end=1_800_000_000)
    world.clock.advance(600)
    window = Window(("active",)).as_json()
    for kind, more in (
        ("sync", {}),
        ("backfill", {"window": window}),
        ("reconcile", {}),
        ("undo", {"about": made}),
    ):
        assert world.run(connection, kind, **more).state == "done"
    assert witness.asked("pipedrive", "POST") > 3
    witness.swear()
