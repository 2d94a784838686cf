"""Several people match: one is picked, a new one is made, or a rule decides for many (rule 2)."""

from typing import Any

import pytest

from chargepipe.actions import decide, errors
from chargepipe.actions.refusal import Refused
from chargepipe.sandbox import Options
from chargepipe.store.models import Record, SyncError
from people import code_of, later, link_of, open_errors, people, person_of, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(customers=0, people_before=0.0, options=Options(hidden="403"))


def twins(world: World, email: str, **more: Any) -> list[int]:
    return [
        world.crm.add_person(name=name, emails=[{"value": email}], **more)["id"] for name in "XY"
    ]


def number(customer: str) -> int:
    return SyncError.objects.get(source_key=customer, state="open").pk


def ambiguous(world: World, email: str = "a@x.co", **more: Any) -> tuple[str, list[int]]:
    found = twins(world, email)
    return world.billing.add_customer(email=email, **more)["id"], found


def test_a_picked_person_is_linked_and_the_error_ends_with_the_next_sync(world: World):
    connection = world.connect()
    ada, (_, second) = ambiguous(world, first_name="Ada")
    world.run(connection, "full")
    decided = decide.decide(number(ada), person=second, env=world.env)
    assert (decided.connection, decided.customers) == ("acme", (ada,))
    run = later(world, connection, only=[ada])
    assert (run.counts["updated"], open_errors()) == (1, [])
    assert (link_of(ada).pipedrive_id, link_of(ada).reason) == (second, "decided")
    assert world.crm.person(second)["name"] == "Ada"


def test_one_is_picked_though_the_field_of_the_mark_was_deleted_since(world: World):
    connection = world.connect()
    ada, (_, second) = ambiguous(world)
    world.billing.add_customer(email="b@x.co")
    world.run(connection, "full")
    world.crm.delete_field("person", code_of(world, "person", "CB Customer ID"))
    assert decide.decide(number(ada), person=second, env=world.env).customers == (ada,)
    later(world, connection, only=[ada])
    assert link_of(ada).pipedrive_id == second


def test_a_new_person_is_made_though_others_match(world: World):
    connection = world.connect()
    ada, found = ambiguous(world)
    world.run(connection, "full")
    decide.decide(number(ada), new=True, env=world.env)
    run = later(world, connection)
    assert (run.counts["created"], open_errors()) == (1, [])
    assert link_of(ada).pipedrive_id not in found
    world.crm.delete_person(link_of(ada).pipedrive_id)
    assert later(world, connection).counts["created"] == 1, "the decision stands"


def test_two_customers_of_one_key_that_are_to_be_new_get_a_person_each(world: World):
    connection = world.connect()
    first, _ = ambiguous(world)
    second = world.billing.add_customer(email="a@x.co")["id"]
    world.run(connection, "full")
    for each in (first, second):
        decide.decide(number(each), new=True, env=world.env)
    assert later(world, connection).counts["created"] == 2
    assert link_of(first).pipedrive_id != link_of(second).pipedrive_id


def test_a_decision_before_the_first_full_sync_is_kept_for_it(world: World):
    connection = world.connect()
    ada, (first, _) = ambiguous(world)
    world.run(connection, "validate")
    decide.decide(number(ada), person=first, env=world.env)
    assert world.run(connection, "full", approved=False).state == "done"
    assert person_of(world, ada)["id"] == first


def test_only_a_candidate_may_be_picked(world: World):
    connection = world.connect()
    ada, found = ambiguous(world)
    other = world.crm.add_person(name="Other")["id"]
    world.run(connection, "full")
    with pytest.raises(Refused, match=f"no candidate.*{found[0]}, {found[1]}"):
        decide.decide(number(ada), person=other, env=world.env)


@pytest.mark.parametrize("fate", ["deleted", "hidden"])
def test_a_picked_person_that_is_no_longer_there_is_refused_in_words(fate: str, world: World):
    connection = world.connect()
    ada, (first, _) = ambiguous(world)
    world.run(connection, "full")
    if fate == "deleted":
        world.crm.delete_person(first)
    else:
        world.crm.hide("person", first)
    with pytest.raises(Refused, match="no longer there"):
        decide.decide(number(ada), person=first, env=world.env)
    assert Record.objects.get(source_id=ada).decision == ""


def test_errors_without_people_to_choose_from_are_refused(world: World):
    connection = world.connect()
    nobody = world.billing.add_customer(first_name="No Email")["id"]
    world.run(connection, "full")
    with pytest.raises(Refused, match="nothing to choose"):
        decide.decide(number(nobody), new=True, env=world.env)
    for wrong in ({}, {"person": 1, "new": True}):
        ada, _ = ambiguous(world, f"{len(wrong)}@x.co")
        later(world, connection)
        with pytest.raises(Refused, match="Name one person"):
            decide.decide(number(ada), env=world.env, **wrong)
    with pytest.raises(Refused, match="no open error"):
        decide.decide(4711, new=True, env=world.env)


def test_an_ignored_error_or_one_of_another_connection_is_not_open(world: World):
    connection = world.connect()
    ada, _ = ambiguous(world)
    world.run(connection, "full")
    pk = number(ada)
    world.connect(name="second")
    with pytest.raises(Refused, match="no open error"):
        decide.decide(pk, new=True, name="second", env=world.env)
    errors.ignore("acme", [pk])
    with pytest.raises(Refused, match="no open error"):
        decide.decide(pk, new=True, env=world.env)


def test_a_customer_that_was_linked_meanwhile_is_not_turned_over(world: World):
    connection = world.connect()
    ada, (first, second) = ambiguous(world)
    world.run(connection, "full")
    pk = number(ada)
    decide.decide(pk, person=first, env=world.env)
    with pytest.raises(Refused, match="meanwhile"):
        decide.decide(pk, person=second, env=world.env)


def test_of_several_with_our_own_mark_one_is_picked_and_none_is_made(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co")["id"]
    world.run(connection, "full")
    mark = world.crm.person(link_of(ada).pipedrive_id)["custom_fields"]
    world.crm.add_person(name="Copy", custom_fields={k: v for k, v in mark.items() if v == ada})
    link_of(ada).delete()
    later(world, connection, "full")
    assert open_errors() == [("duplicate_mark", ada)]
    pk = number(ada)
    with pytest.raises(Refused, match="own mark"):
        decide.decide(pk, new=True, env=world.env)
    decide.decide(pk, person=max(people(world)), env=world.env)
    later(world, connection)
    assert (link_of(ada).pipedrive_id, open_errors()) == (max(people(world)), [])


def test_the_newest_is_picked_for_all_and_equals_are_left(world: World):
    connection = world.connect()
    old = world.crm.add_person(name="Old", emails=[{"value": "a@x.co"}])["id"]
    world.clock.advance(60)
    new = world.crm.add_person(name="New", emails=[{"value": "a@x.co"}])["id"]
    ada = world.billing.add_customer(email="a@x.co")["id"]
    bob, _ = ambiguous(world, "b@x.co")
    world.run(connection, "full")
    decided = decide.decide_all("acme", "newest", world.env)
    assert (decided.customers, [e.source_key for e in decided.left]) == ((ada,), [bob])
    later(world, connection)
    assert link_of(ada).pipedrive_id == new != old
    assert open_errors() == [("ambiguous_person", bob)]


def test_what_somebody_decided_is_left_to_them_by_a_rule_for_all(world: World):
    connection = world.connect()
    found: dict[str, list[int]] = {}
    for email in ("a@x.co", "b@x.co", "c@x.co"):
        pids = [world.crm.add_person(name="X", emails=[{"value": email}])["id"]]
        world.clock.advance(60)
        pids.append(world.crm.add_person(name="Y", emails=[{"value": email}])["id"])
        found[world.billing.add_customer(email=email)["id"]] = pids
    world.run(connection, "full")
    ada, bob, cleo = found
    decide.decide(number(ada), person=found[ada][0], env=world.env)
    decide.decide(number(bob), new=True, env=world.env)
    assert decide.undecided(connection, "person") == 1
    assert decide.decide_all("acme", "newest", world.env).customers == (cleo,)
    later(world, connection)
    assert (link_of(ada).pipedrive_id, link_of(cleo).pipedrive_id) == (
        found[ada][0],
        found[cleo][1],
    )
    assert link_of(bob).pipedrive_id not in found[bob]


def test_the_one_with_open_deals_is_picked(world: World):
    connection = world.connect()
    ada, (first, second) = ambiguous(world)
    for _ in range(2):
        world.crm.add_deal(title="Open", person_id=first)
    world.crm.add_deal(title="Open", person_id=second)
    lost = world.crm.add_deal(title="Lost", person_id=second)["id"]
    world.crm.lose_deal(lost)
    bob, _ = ambiguous(world, "b@x.co")
    world.run(connection, "full")
    decided = decide.decide_all("acme", "deals", world.env)
    assert (decided.customers, [e.source_key for e in decided.left]) == ((ada,), [bob])
    assert link_of(ada).pipedrive_id == first


def test_the_one_at_the_same_company_is_picked(world: World):
    connection = world.connect()
    ours = world.crm.add_organization(name="ACME  Ltd")["id"]
    other = world.crm.add_organization(name="Other")["id"]
    ada, (first, second) = ambiguous(world, company="Acme Ltd")
    world.crm.edit_person(first, org_id=other)
    world.crm.edit_person(second, org_id=ours)
    world.run(connection, "full")
    assert decide.decide_all("acme", "company", world.env).customers == (ada,)
    assert link_of(ada).pipedrive_id == second


def test_a_rule_counts_only_the_candidates_that_are_there(world: World):
    connection = world.connect()
    ada, (first, second) = ambiguous(world)
    world.run(connection, "full")
    world.crm.delete_person(second)
    decide.decide_all("acme", "newest", world.env)
    assert link_of(ada).pipedrive_id == first


def test_an_unknown_rule_is_refused_and_nothing_is_asked(world: World):
    world.connect()
    world.sandbox.requests.clear()
    with pytest.raises(Refused, match="newest, deals, company"):
        decide.decide_all("acme", "oldest", world.env)
    assert (writes(world), len(world.sandbox.requests)) == ([], 0)
    assert decide.decide_all("acme", "newest", world.env).customers == ()
    assert len(world.sandbox.requests) == 0
