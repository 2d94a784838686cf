"""Several organizations have a company's name: what is decided holds for all of its customers."""

from typing import Any

import pytest

from chargepipe.actions import decide, errors
from chargepipe.actions.refusal import Refused
from chargepipe.sandbox import Options
from chargepipe.store.models import Link, SyncError
from people import later, open_errors, person_of, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(customers=0, people_before=0.0, options=Options(hidden="403"))


def acme(world: World, *emails: str) -> tuple[list[str], list[int]]:
    """Customers of one company, of whose name there are two organizations."""
    found = [world.crm.add_organization(name=name)["id"] for name in ("Acme", "ACME")]
    customers = [world.billing.add_customer(email=e, company="Acme")["id"] for e in emails]
    return customers, found


def number(customer: str) -> int:
    return SyncError.objects.get(source_key=customer, state="open").pk


def organization() -> Link:
    return Link.objects.get(kind="organization", source_key="acme")


def names(world: World) -> list[str]:
    return sorted(each["name"] for each in world.crm.organizations())


def test_a_picked_organization_is_linked_for_all_customers_of_the_company(world: World):
    connection = world.connect()
    (ada, bob), (_, second) = acme(world, "a@x.co", "b@x.co")
    world.run(connection, "full")
    assert [code for code, _ in open_errors()] == ["ambiguous_organization"] * 2
    decided = decide.decide(number(ada), organization=second, env=world.env)
    assert decided.customers == tuple(sorted((ada, bob)))
    run = later(world, connection, only=list(decided.customers))
    assert (run.counts["created"], open_errors()) == (2, [])
    assert (organization().pipedrive_id, organization().reason) == (second, "decided")
    assert [person_of(world, each)["org_id"] for each in (ada, bob)] == [second, second]
    assert shown(world, "organization", world.crm.organization(second), "CB Status") == "Active"
    assert later(world, connection, "full").counts["unchanged"] == 2


def test_a_new_organization_is_made_though_others_have_the_name(world: World):
    connection = world.connect()
    (ada,), found = acme(world, "a@x.co")
    world.run(connection, "full")
    decide.decide(number(ada), new=True, env=world.env)
    later(world, connection)
    assert open_errors() == []
    assert organization().pipedrive_id not in found
    assert person_of(world, ada)["org_id"] == organization().pipedrive_id
    assert names(world) == ["ACME", "Acme", "Acme"]


def test_the_decision_for_a_new_one_stands_when_that_is_deleted(world: World):
    connection = world.connect()
    (ada,), _ = acme(world, "a@x.co")
    world.run(connection, "full")
    decide.decide(number(ada), new=True, env=world.env)
    later(world, connection)
    world.crm.delete_organization(organization().pipedrive_id)
    world.billing.add_customer(email="b@x.co", company="Acme")
    later(world, connection)
    assert (open_errors(), names(world)) == ([], ["ACME", "Acme", "Acme"])


def test_the_decision_for_a_new_one_does_not_go_along_to_another_company(world: World):
    connection = world.connect()
    (ada,), _ = acme(world, "a@x.co")
    world.run(connection, "full")
    decide.decide(number(ada), new=True, env=world.env)
    for name in ("Brick", "BRICK"):
        world.crm.add_organization(name=name)
    world.billing.edit_customer(ada, company="Brick")
    later(world, connection)
    assert open_errors() == [("ambiguous_organization", ada)]
    assert writes(world) == []


def test_what_a_preview_shows_of_a_decision_is_what_is_written(world: World):
    connection = world.connect()
    (ada,), _ = acme(world, "a@x.co")
    world.run(connection, "full")
    decide.decide(number(ada), new=True, env=world.env)
    preview = later(world, connection, "preview", of="sync")
    run = later(world, connection, "apply", about=preview)
    assert (run.counts["objects"]["organization"]["created"], open_errors()) == (1, [])


def test_one_that_is_ours_by_its_status_is_picked_and_no_other_is_made(world: World):
    connection = world.connect()
    world.billing.add_customer(email="b@x.co", company="Brick")
    world.run(connection, "full")
    field = next(f for f in world.crm.fields("organization") if f["field_name"] == "CB Status")
    (ada,), (first, _) = acme(world, "a@x.co")
    active = field["options"][0]["id"]
    world.crm.edit_organization(first, custom_fields={field["field_code"]: active})
    later(world, connection)
    with pytest.raises(Refused, match=f"organization {first} has a CB Status"):
        decide.decide(number(ada), new=True, env=world.env)
    decide.decide(number(ada), organization=first, env=world.env)
    later(world, connection)
    assert (organization().pipedrive_id, open_errors()) == (first, [])


def test_after_a_deletion_one_of_several_is_picked(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    world.run(connection, "full")
    world.crm.delete_organization(organization().pipedrive_id)
    first, _ = (world.crm.add_organization(name="acme")["id"] for _ in range(2))
    bob = world.billing.add_customer(email="b@x.co", company="Acme")["id"]
    later(world, connection)
    assert open_errors() == [("ambiguous_organization", bob)]
    decide.decide(number(bob), organization=first, env=world.env)
    later(world, connection)
    assert open_errors() == []
    assert shown(world, "organization", world.crm.organization(first), "CB Status") == "Active"
    later(world, connection, "full")
    assert person_of(world, ada)["org_id"] == person_of(world, bob)["org_id"] == first


def test_an_ignored_error_is_left_until_its_customer_changes(world: World):
    connection = world.connect()
    (ada,), _ = acme(world, "a@x.co")
    world.run(connection, "full")
    errors.ignore("acme", [number(ada)])
    assert later(world, connection).counts["skipped"] == 1
    assert (open_errors(), writes(world)) == ([], [])


@pytest.mark.parametrize("fate", ["deleted", "hidden"])
def test_a_picked_organization_that_is_no_longer_there_is_refused(fate: str, world: World):
    connection = world.connect()
    (ada,), (first, _) = acme(world, "a@x.co")
    world.run(connection, "full")
    if fate == "deleted":
        world.crm.delete_organization(first)
    else:
        world.crm.hide("organization", first)
    with pytest.raises(Refused, match=r"Organization \d+ is no longer there"):
        decide.decide(number(ada), organization=first, env=world.env)
    assert not Link.objects.filter(kind="organization").exists()


def test_what_makes_no_sense_is_refused_and_nothing_is_decided(world: World):
    connection = world.connect()
    (ada,), (first, second) = acme(world, "a@x.co")
    other = world.crm.add_organization(name="Other")["id"]
    world.run(connection, "full")
    pk = number(ada)
    wrong: list[dict[str, Any]] = [
        {},
        {"person": first},
        {"person": first, "organization": first},
        {"organization": first, "new": True},
    ]
    for words in wrong:
        with pytest.raises(Refused, match="Name one organization"):
            decide.decide(pk, env=world.env, **words)
    with pytest.raises(Refused, match=f"no candidate.*{first}, {second}"):
        decide.decide(pk, organization=other, env=world.env)
    assert not Link.objects.filter(kind="organization").exists()


def test_a_company_that_was_decided_meanwhile_is_not_turned_over(world: World):
    connection = world.connect()
    (ada, bob), (first, second) = acme(world, "a@x.co", "b@x.co")
    world.run(connection, "full")
    decide.decide(number(ada), organization=first, env=world.env)
    with pytest.raises(Refused, match="Company acme was decided or linked meanwhile"):
        decide.decide(number(bob), organization=second, env=world.env)


def test_a_customer_that_has_another_company_by_now_is_to_be_looked_at_again(world: World):
    connection = world.connect()
    (ada,), (first, _) = acme(world, "a@x.co")
    world.run(connection, "full")
    pk = number(ada)
    world.billing.edit_customer(ada, company="Other")
    later(world, connection, "trial", only=[])
    SyncError.objects.filter(pk=pk).update(state="open")
    with pytest.raises(Refused, match="has changed since error"):
        decide.decide(pk, organization=first, env=world.env)


def test_the_newest_is_picked_for_all_companies_and_equals_are_left(world: World):
    connection = world.connect()
    world.crm.add_organization(name="Acme")
    world.clock.advance(60)
    newer = world.crm.add_organization(name="acme")["id"]
    world.billing.add_customer(email="a@x.co", company="Acme")
    for name in ("Brick", "brick"):
        world.crm.add_organization(name=name)
    bob = world.billing.add_customer(email="b@x.co", company="Brick")["id"]
    world.run(connection, "full")
    decided = decide.decide_all("acme", "newest", world.env, kind="organization")
    assert [error.source_key for error in decided.left] == [bob]
    later(world, connection)
    assert organization().pipedrive_id == newer
    assert open_errors() == [("ambiguous_organization", bob)]


def test_the_one_with_most_open_deals_is_picked(world: World):
    connection = world.connect()
    (ada, bob), (_, second) = acme(world, "a@x.co", "b@x.co")
    world.crm.add_deal(title="Open", org_id=second)
    world.run(connection, "full")
    decided = decide.decide_all("acme", "deals", world.env, kind="organization")
    assert (decided.customers, decided.left) == (tuple(sorted((ada, bob))), ())
    assert decide.undecided(connection, "organization") == 0, "both wait for the next sync"
    assert organization().pipedrive_id == second


def test_a_rule_for_people_decides_no_organization(world: World):
    connection = world.connect()
    acme(world, "a@x.co")
    world.run(connection, "full")
    assert decide.decide_all("acme", "newest", world.env).customers == ()
    assert decide.undecided(connection, "organization") == 1
    with pytest.raises(Refused, match="newest, deals"):
        decide.decide_all("acme", "company", world.env, kind="organization")


def test_a_lost_person_of_which_several_match_now_is_decided(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co")["id"]
    world.run(connection, "full")
    world.crm.delete_person(Link.objects.get(kind="person").pipedrive_id)
    first, _ = (
        world.crm.add_person(name=name, emails=[{"value": "a@x.co"}])["id"] for name in "XY"
    )
    later(world, connection)
    assert open_errors() == [("ambiguous_person", ada)]
    decide.decide(number(ada), person=first, env=world.env)
    later(world, connection)
    assert (person_of(world, ada)["id"], open_errors()) == (first, [])
