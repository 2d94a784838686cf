"""Rule 7: an ignored error stops its record until that record is modified in Chargebee."""

from typing import Any

import pytest

from chargepipe.actions import errors
from chargepipe.sandbox import Fault
from chargepipe.store.models import Record, SyncError
from people import later, open_errors, people, person_of, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def refusing(world: World, path: str, times: int = 1) -> None:
    world.faults.add(
        Fault(
            service="pipedrive",
            method="POST|PATCH",
            path=path,
            kind="status",
            status=400,
            body='{"success":false,"error":"Validation failed: name","code":"ERR_SCHEMA"}',
            content_type="application/json",
            times=times,
        )
    )


def lost(world: World, **more: Any) -> str:
    return world.billing.add_customer(first_name="No Email", **more)["id"]


def test_it_holds_back_person_and_organization_until_the_customer_is_modified(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    refusing(world, r"/persons$")
    world.run(connection, "full")
    errors.ignore("acme", None, "known")
    world.billing.add_subscription(ada, status="active")
    for kind in ("sync", "full"):
        run = later(world, connection, kind)
        assert (run.counts["skipped"], run.counts["errors_open"], writes(world)) == (1, 0, [])
    world.billing.edit_customer(ada, first_name="Ada")
    run = later(world, connection)
    assert (run.counts["created"], len(people(world))) == (1, 1)
    assert SyncError.objects.get().state == "resolved"


def test_of_two_ignored_errors_the_newer_one_still_holds(world: World):
    connection = world.connect()
    ada = lost(world)
    world.run(connection, "full")
    errors.ignore("acme", None)
    version = Record.objects.get(source_id=ada).version
    SyncError.objects.create(
        connection=connection,
        kind="customer",
        source_key=ada,
        code="refused",
        words="Pipedrive refused the write",
        state="ignored",
        version_ignored=version - 1,
        opened_at=world.clock.now(),
    )
    assert later(world, connection, "full").counts["skipped"] == 1


def test_an_error_that_comes_back_after_a_change_has_forgotten_why_it_was_ignored(world: World):
    connection = world.connect()
    ada = lost(world)
    world.run(connection, "full")
    errors.ignore("acme", None, "a test customer")
    world.billing.edit_customer(ada, last_name="Changed")
    later(world, connection)
    error = SyncError.objects.get()
    assert (error.state, error.reason, error.version_ignored) == ("open", "", None)


def test_an_ignored_organization_waits_for_a_change_of_one_of_its_customers(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    refusing(world, r"/organizations$")
    world.run(connection, "full")
    assert open_errors() == [("organization_failed", ada), ("refused", "acme")]
    errors.ignore("acme", [SyncError.objects.get(kind="organization").pk])
    later(world, connection)
    assert list(world.crm.organizations()) == []
    assert open_errors() == [("organization_failed", ada)]
    world.billing.edit_customer(ada, first_name="Ada")
    later(world, connection)
    (organization,) = world.crm.organizations()
    assert person_of(world, ada)["org_id"] == organization["id"]
    assert not SyncError.objects.exclude(state="resolved").exists()


def test_unignored_errors_are_back_and_their_customers_tried_again(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    refusing(world, r"/organizations$")
    world.run(connection, "full")
    assert errors.ignore("acme", None, "later") == 2
    later(world, connection)
    assert errors.unignore("acme", None) == 2
    run = later(world, connection)
    assert (run.counts["created"], open_errors()) == (1, [])
    assert person_of(world, ada)["org_id"] is not None


def test_one_or_chosen_errors_are_ignored_and_the_others_stay(world: World):
    connection = world.connect()
    for _ in range(3):
        lost(world)
    run = world.run(connection, "full")
    first, second, third = SyncError.objects.order_by("pk").values_list("pk", flat=True)
    errors.ignore("acme", [first])
    errors.ignore("acme", [second])
    run = later(world, connection)
    assert (run.counts["failed"], run.counts["errors_open"]) == (1, 1)
    assert SyncError.objects.get(state="open").pk == third


def test_a_customer_that_the_settings_pass_over_now_has_no_error_any_more(world: World):
    connection = world.connect()
    lost(world, business_entity_id="be_main")
    world.run(connection, "full")
    connection = world.connect('organizations = true\nbusiness_entities = ["be_emea"]')
    run = later(world, connection)
    assert (run.counts["skipped"], open_errors()) == (1, [])
