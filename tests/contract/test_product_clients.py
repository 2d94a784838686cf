"""The product's own runs against the witnessed sandbox: every exchange is as described."""

import pytest

from actions.probe.probed import prepared
from chargepipe.actions.probe import probe
from contract.descriptions import needed
from contract.witness import Witness
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
