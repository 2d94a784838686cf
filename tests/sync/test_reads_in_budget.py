"""What runs read is held to their share of the tokens, too: walks pause between two pages."""

import pytest

from chargepipe.store.models import Account, Connection, Run
from people import later, link_of, people
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400
THERE = 3_000
"""People whom Pipedrive has before: a walk takes seven pages of 10 tokens."""
SHARE = 75


@pytest.fixture
def world() -> World:
    world = World(customers=0, people_before=0.0)
    for number in range(THERE):
        world.crm.add_person(name=f"P{number}", emails=[{"value": f"p{number}@y.co"}])
    world.billing.add_customer(id="ada", email="ada@x.co")
    world.billing.add_customer(id="bob", email="p2999@y.co")
    return world


def shared(world: World) -> Connection:
    return world.connect(f"budget_share = {world.share(SHARE)}")


def paused(run: Run, share: int = SHARE) -> Run:
    assert run.state == "paused"
    assert "tokens that runs may use today are spent" in run.message
    assert "still to come" not in run.message
    assert run.due_at is not None
    assert Account.objects.get().tokens_used <= share
    return run


def ends(world: World, run: Run) -> Run:
    """It goes on by itself; from its second day on it walks to the end, whatever that costs."""
    for _ in range(4):
        if run.state == "paused":
            assert run.due_at is not None
            world.clock.advance((run.due_at - world.clock.now()).total_seconds())
            run = world.go_on(run)
    assert run.state == "done", run.message
    return run


@pytest.mark.parametrize(
    ("kind", "more", "counted"),
    [
        ("validate", {}, {"unchanged": 2}),
        ("preview", {"of": "full"}, {"created": 1, "updated": 1}),
        ("full", {}, {"created": 1, "updated": 1}),
    ],
)
def test_a_walk_that_spends_the_share_pauses_and_is_carried_to_its_end_on_later_days(
    world: World, kind: str, more: dict[str, str], counted: dict[str, int]
):
    run = ends(world, paused(world.run(shared(world), kind, **more)))
    assert {bucket: run.counts[bucket] for bucket in counted} == counted


@pytest.mark.parametrize("kind", ["reconcile", "sync"])
def test_a_presence_check_is_held_to_the_share_as_well(world: World, kind: str):
    connection = world.connect("")
    spent = world.run(connection, "full").tokens
    world.crm.delete_person(link_of("ada").pipedrive_id)
    share = spent + 40
    world.connect(f"budget_share = {world.share(share)}")
    run = paused(later(world, connection, kind), share)
    assert run.tokens > 20, "the walk had begun"
    ends(world, run)
    assert len(people(world)) == THERE + 1


def test_without_tokens_nothing_is_read_but_who_asks(world: World):
    connection = shared(world)
    world.run(connection, "validate")
    world.sandbox.requests.clear()
    run = world.run(connection, "preview", of="full")
    assert run.state == "paused"
    asked = [path.partition("?")[0] for service, _, path, *_ in world.sandbox.requests]
    assert set(asked) == {"/api/v1/users/me"}
