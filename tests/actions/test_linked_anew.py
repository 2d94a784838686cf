"""Linked to another Pipedrive account, or another site: what was said of the old one is over."""

import pytest

from chargepipe.actions import connections, decide, errors, unlinking
from chargepipe.sandbox import Fault
from chargepipe.store.models import Connection, Link, SyncError
from deals import ON, quiet_world
from people import later, open_errors
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
COMPANIES = "organizations = true"


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def another_account(world: World, settings: str = "") -> Connection:
    """The connection is linked to another Pipedrive company, where nobody is."""
    unlinking.unlink("acme")
    for person in list(world.crm.persons()):
        world.crm.delete_person(person["id"])
    for organization in list(world.crm.organizations()):
        world.crm.delete_organization(organization["id"])
    world.crm.me["company_id"] = 4711
    return world.connect(settings)


def another_site(world: World) -> Connection:
    """The connection is linked to another site, which happens to have the same customers."""
    unlinking.unlink("acme")
    text = world.text("").replace('"acme-test"', '"other-test"')
    return connections.apply(connections.propose(text), world.env)[0]


def twins(world: World, email: str) -> None:
    for name in ("One", "Two"):
        world.crm.add_person(name=name, emails=[{"value": email}])


def names(world: World) -> list[str]:
    return sorted(person["name"] for person in world.crm.persons())


def test_what_an_undo_holds_is_made_in_the_new_account(world: World):
    connection = world.connect("")
    world.billing.add_customer(email="a@x.co", first_name="Ada")
    trial = world.run(connection, "trial")
    assert world.run(connection, "undo", about=trial).state == "done"
    connection = another_account(world)
    assert later(world, connection, "full").counts["created"] == 1


def test_what_was_decided_of_people_of_the_old_account_does_not_hold(world: World):
    connection = world.connect("")
    twins(world, "a@x.co")
    world.billing.add_customer(id="ada", email="a@x.co")
    world.run(connection, "full")
    decide.decide(SyncError.objects.get().pk, new=True, env=world.env)
    connection = another_account(world)
    there = world.crm.add_person(name="Ada", emails=[{"value": "a@x.co"}])["id"]
    later(world, connection, "full")
    assert Link.objects.get(source_key="ada").pipedrive_id == there


def test_what_was_decided_of_a_company_of_the_old_account_does_not_hold(world: World):
    connection = world.connect(COMPANIES)
    for name in ("Acme", "ACME"):
        world.crm.add_organization(name=name)
    world.billing.add_customer(email="a@x.co", company="Acme")
    world.run(connection, "full")
    decide.decide(SyncError.objects.get().pk, new=True, env=world.env)
    connection = another_account(world, COMPANIES)
    there = world.crm.add_organization(name="Acme")["id"]
    later(world, connection, "full")
    assert Link.objects.get(kind="organization").pipedrive_id == there


def test_an_error_of_the_old_account_is_over_and_one_of_chargebee_is_not(world: World):
    connection = world.connect("")
    twins(world, "a@x.co")
    world.billing.add_customer(id="ada", email="a@x.co")
    world.billing.add_customer(id="bob", email=None)
    world.run(connection, "full")
    errors.ignore("acme", None, "known")
    connection = another_account(world)
    states = dict(SyncError.objects.values_list("source_key", "state"))
    assert states == {"ada": "resolved", "bob": "ignored"}
    run = later(world, connection, "full")
    assert (run.counts["created"], open_errors()) == (1, [])


def test_a_deal_that_the_old_account_refused_waits_for_a_full_sync_of_the_new_one():
    world = quiet_world()
    connection = world.connect(ON)
    world.billing.add_customer(id="ada", email="a@x.co")
    world.billing.add_subscription("ada")
    world.run(connection, "full")
    world.faults.add(Fault(method="POST", path="/deals", status=400))
    later(world, connection, "full")
    assert [code for code, _ in open_errors()] == ["refused"]
    connection = another_account(world, ON)
    assert open_errors() == []
    for kind, made in (("full", 0), ("sync", 0), ("full", 1)):
        later(world, connection, kind)
        assert len(list(world.crm.deals())) == made


def test_no_error_of_another_site_stays(world: World):
    connection = world.connect("")
    world.billing.add_customer(id="ada", email=None)
    for name in ("bob", "bea"):
        world.billing.add_customer(id=name, email="b@x.co")
    world.run(connection, "validate")
    assert SyncError.objects.filter(state="warning").exists()
    assert open_errors() == [("no_match_key", "ada")]
    another_site(world)
    (error,) = SyncError.objects.all()
    assert (error.state, error.source_key) == ("resolved", "ada")
    assert error.resolved_at is not None


def test_the_same_accounts_again_keep_errors_decisions_and_holds(world: World):
    connection = world.connect("")
    twins(world, "a@x.co")
    world.billing.add_customer(id="ada", email="a@x.co")
    world.run(connection, "full")
    decide.decide(SyncError.objects.get().pk, new=True, env=world.env)
    unlinking.unlink("acme")
    connection = world.connect("")
    assert open_errors() == [("ambiguous_person", "ada")]
    assert later(world, connection).counts["created"] == 1
