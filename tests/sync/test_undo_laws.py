"""The laws of taking back, tried on whole worlds whose both sides are edited at random (rule 12).

Right after a run its undo brings every record back field for field, what is undone is held, and the
undo of the undo brings the written state back. What a person edited in between is never lost.
"""

import random
from typing import Any

import pytest
from test_undo import by_content, pictures, undo, writes

from chargepipe.store.models import Connection, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

SETTINGS = (
    "organizations = true",
    'organizations = true\nsubscription_data = "organization"\noverwrite = "append"',
    'subscription_data = "person"\nextras = ["link", "overdue"]\noverwrite = "fill_empty"',
    'organizations = true\ndeleted_customers = "delete"\nshared_keys = "first"',
)
EDITS = 8


def edit_billing(world: World, chance: random.Random) -> None:
    """What a day in Chargebee may bring."""
    living = [c for c in world.billing.customers() if not c.get("deleted")]
    chosen = chance.choice(living)["id"]
    number = chance.randrange(20)
    kind = chance.choice(["name", "company", "email", "money", "delete", "new"])
    if kind == "name":
        world.billing.edit_customer(chosen, last_name=f"Name {number}")
    elif kind == "company":
        world.billing.edit_customer(chosen, company=chance.choice(["Alpha", "Beta", "Gamma"]))
    elif kind == "email":
        world.billing.edit_customer(chosen, email=f"n{number}@x.co")
    elif kind == "money":
        world.billing.add_subscription(chosen, status="active", mrr=number, currency_code="USD")
    elif kind == "delete":
        world.billing.delete_customer(chosen)
    else:
        world.billing.add_customer(email=f"n{number}@x.co", company="Alpha", first_name="New")


def same(one: Any, other: Any) -> bool:
    return all(by_content(a) == by_content(b) for a, b in zip(one, other, strict=True))


def silent_sync(world: World, connection: Connection) -> bool:
    """A sync that writes nothing."""
    world.sandbox.requests.clear()
    return world.run(connection, "sync").state == "done" and not writes(world)


def begin(seed: int, settings: str) -> tuple[World, Connection, random.Random]:
    world = World(customers=30, seed=seed)
    connection = world.connect(settings)
    assert world.run(connection, "full").state == "done"
    return world, connection, random.Random(seed)


def a_day(world: World, connection: Connection, chance: random.Random) -> Run:
    world.clock.advance(3600 * chance.choice([1, 30]))
    for _ in range(EDITS):
        edit_billing(world, chance)
    run = world.run(connection, chance.choice(["sync", "full"]))
    assert run.state == "done", run.message
    return run


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_its_undo_and_the_undo_of_that(seed: int, settings: str):
    world, connection, chance = begin(seed, settings)
    for _ in range(2):
        before = pictures(world)
        run = a_day(world, connection, chance)
        written = pictures(world)
        undone = undo(world, run)
        assert same(pictures(world), before)
        assert silent_sync(world, connection)
        undo(world, undone)
        assert same(pictures(world), written)
        assert silent_sync(world, connection)


def edit_person(world: World, person: int, chance: random.Random) -> str:
    """What a salesperson may do; the word that the person, if it is there, must hold then."""
    number = chance.randrange(1000)
    row = world.crm.person(person)
    kind = chance.choice(["name", "emails", "deal"])
    if kind == "name":
        world.crm.edit_person(person, name=f"By hand {number}")
        return f"By hand {number}"
    if kind == "emails":
        world.crm.edit_person(
            person, emails=[*row["emails"], {"value": f"own{number}@x.co", "label": "home"}]
        )
        return f"own{number}@x.co"
    world.crm.add_deal(title="Big", person_id=person)
    return ""


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("seed", [3, 4])
def test_no_edit_of_a_person_is_lost(seed: int, settings: str):
    world, connection, chance = begin(seed, settings)
    run = a_day(world, connection, chance)
    written = list(run.changes.filter(kind="person", state="written").exclude(action="delete"))
    ids = sorted({change.pipedrive_id for change in written} - {None})
    edits = {pid: edit_person(world, pid, chance) for pid in chance.sample(ids, len(ids) // 2)}
    undone = undo(world, run)
    for pid, word in edits.items():
        assert word in repr(world.crm.person(pid)), (pid, word)
    listed = undone.changes.exclude(kept=[]).values_list("pipedrive_id", flat=True)
    assert run_made(run) & edits.keys() <= set(listed), "what was made and worked on is listed"
    assert silent_sync(world, connection)


def run_made(run: Run) -> set[int]:
    rows = run.changes.filter(kind="person", action="create", state="written")
    return {pid for pid in rows.values_list("pipedrive_id", flat=True) if pid is not None}
