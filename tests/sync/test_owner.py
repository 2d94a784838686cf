"""Setting 15: the owner of new records."""

import pytest

from people import later, person_of, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
SAM = "organizations = true\nowner = "


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def asked_for_users(world: World) -> int:
    return sum(p.partition("?")[0].endswith("/users") for _, _, p, *_ in world.sandbox.requests)


def test_new_records_belong_to_the_chosen_user_and_found_ones_keep_theirs(world: World):
    connection = world.connect(f'{SAM}"SAM@sandbox.example"')
    known = world.crm.add_person(name="K", emails=[{"value": "k@x.co"}])["id"]
    kept = world.crm.person(known)["owner_id"]
    world.billing.add_customer(email="k@x.co")
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    world.run(connection, "full")
    sam = world.crm.users[1]["id"]
    (organization,) = world.crm.organizations()
    assert person_of(world, ada)["owner_id"] == organization["owner_id"] == sam != kept
    assert world.crm.person(known)["owner_id"] == kept
    assert asked_for_users(world) == 1
    later(world, connection)
    assert asked_for_users(world) == 0, "a run that makes nothing asks for nobody"


@pytest.mark.parametrize(
    ("email", "words"), [("who@x.co", "no user"), ("sam@sandbox.example", "no longer active")]
)
def test_an_unknown_or_inactive_owner_fails_the_run_before_it_writes(
    email: str, words: str, world: World
):
    world.crm.users[1]["active_flag"] = False
    connection = world.connect(f'{SAM}"{email}"')
    world.billing.add_customer(email="a@x.co", company="Acme")
    for kind, state in (("validate", "done"), ("full", "failed")):
        run = world.run(connection, kind)
        assert (run.state, writes(world)) == (state, [])
        assert words in run.message
        assert email not in run.message


def test_by_default_pipedrive_makes_the_connecting_user_the_owner(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co")["id"]
    world.run(connection, "full")
    assert person_of(world, ada)["owner_id"] == world.crm.me["id"]
    assert asked_for_users(world) == 0
