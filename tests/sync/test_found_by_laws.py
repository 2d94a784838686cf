"""What the laws in tests/laws found, each as a small story."""

import pytest

from chargepipe.sandbox import Options
from chargepipe.store.models import Change, Run
from chargepipe.sync.joining import know_left
from deals import INVOICES, ON, deal_of, quiet_world, settled
from people import code_of, later, link_of, open_errors, person_of, shown, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_person_wrote_on_an_organization_stays_when_one_of_its_people_is_written():
    world = World(customers=0, people_before=0.0)
    world.billing.add_customer(id="ada", email="ada@x.co", company="Looms")
    connection = world.connect("organizations = true")
    world.run(connection, "full")
    code = code_of(world, "organization", "CB Status")
    (organization,) = world.crm.organizations()
    world.crm.edit_organization(organization["id"], custom_fields={code: None})
    world.billing.edit_customer("ada", first_name="Ada")
    later(world, connection)
    assert person_of(world, "ada")["name"] == "Ada"
    (organization,) = world.crm.organizations()
    assert organization["custom_fields"][code] is None


def test_the_bill_of_a_customer_who_moved_waits_when_its_person_was_deleted():
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world, INVOICES)
    world.sandbox.customers.transfer("ada", "be_emea")
    world.crm.delete_person(link_of("ada").pipedrive_id)
    world.billing.add_invoice("ada", id="bill")
    later(world, connection)
    assert not open_errors()
    later(world, connection)
    assert not [path for _, path in writes(world) if "deals" in path]


def test_a_deal_waits_when_the_person_of_its_held_customer_was_deleted():
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    connection = settled(world, ON)
    world.billing.edit_customer("ada", first_name="Bea")
    run = later(world, connection)
    world.clock.advance(3600)
    assert world.run(connection, "undo", about=Run.objects.get(pk=run.pk)).state == "done"
    world.crm.delete_person(link_of("ada").pipedrive_id)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    assert not open_errors()
    assert not [path for _, path in writes(world) if "deals" in path]


def test_an_undo_leaves_a_deal_with_its_new_person_where_the_old_one_is_gone():
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    connection = settled(world, ON)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    world.crm.delete_person(link_of("ada").pipedrive_id)
    world.billing.edit_subscription("s1", next_billing_at=1_900_000_000)
    before = deal_of(world, "s1")["custom_fields"]
    run = later(world, connection)
    after = deal_of(world, "s1")
    assert (after["person_id"], after["custom_fields"] != before) == (2, True)
    undo = world.run(connection, "undo", about=run)
    deal = deal_of(world, "s1")
    assert (deal["person_id"], deal["custom_fields"]) == (2, before)
    (change,) = undo.changes.filter(kind="deal")
    assert (change.state, change.kept) == ("written", ["person"])


def test_what_another_person_has_of_its_own_is_not_ours_because_the_lost_one_had_it_from_us():
    world = World(customers=0, people_before=0.0)
    world.billing.add_customer(id="ada", email="ada@x.co", phone="+44 20 7946 0001")
    connection = world.connect("organizations = false")
    world.run(connection, "full")
    world.crm.delete_person(link_of("ada").pipedrive_id)
    own = [{"value": "ada@x.co", "label": "home", "primary": True}]
    world.crm.add_person(name="Ada by hand", emails=own)
    world.billing.edit_customer("ada", first_name="Ada")
    later(world, connection)
    assert person_of(world, "ada")["name"] == "Ada"
    world.billing.edit_customer("ada", email="new@x.co")
    later(world, connection)
    emails = [each["value"] for each in person_of(world, "ada")["emails"]]
    assert emails == ["new@x.co", "ada@x.co"]


def test_somebody_joins_another_organization_where_that_of_an_undone_company_was_deleted():
    world = World(customers=0, people_before=0.0)
    world.crm.add_organization(name="Looms")
    world.billing.add_customer(id="ada", email="ada@x.co", company="Looms")
    world.billing.add_subscription("ada")
    world.billing.add_customer(id="bob", email="bob@x.co", company="Looms")
    connection = world.connect('organizations = true\ncustomers = "with_subscriptions"')
    full = world.run(connection, "full")
    world.run(connection, "undo", about=full)
    world.crm.delete_organization(1)
    world.billing.add_subscription("bob")
    later(world, connection)
    assert not open_errors()
    (organization,) = world.crm.organizations()
    assert (organization["id"], person_of(world, "bob")["org_id"]) == (2, 2)


def test_a_planned_deal_waits_where_its_lost_person_is_not_made_again_after_all():
    world = quiet_world()
    for name in ("ada", "bob"):
        world.billing.add_customer(id=name, email="both@x.co", first_name=name)
    connection = settled(world, ON)
    world.crm.delete_person(link_of("ada").pipedrive_id)
    world.billing.add_subscription("bob", id="s1")
    preview = later(world, connection, "preview", of="sync")
    world.billing.edit_customer("ada", first_name="Eve")
    run = later(world, connection, "apply", about=preview)
    assert not open_errors()
    (deal,) = run.changes.filter(kind="deal")
    assert (deal.state, deal.words) == ("stale", "the change of its person has moved")
    later(world, connection)
    assert deal_of(world, "s1")["person_id"] == link_of("bob").pipedrive_id


def test_the_bill_of_a_customer_who_moved_waits_while_its_person_is_hidden():
    world = quiet_world(options=Options(hidden="403"))
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world, INVOICES)
    world.crm.hide("person", link_of("ada").pipedrive_id)
    later(world, connection)
    assert open_errors() == [("hidden_person", "ada")]
    world.sandbox.customers.transfer("ada", "be_emea")
    world.billing.add_invoice("ada", id="bill")
    later(world, connection)
    assert not [path for _, path in writes(world) if "deals" in path]
    assert ("refused", "invoice:bill") not in open_errors()
    world.crm.show("person", link_of("ada").pipedrive_id)
    later(world, connection)
    deals = list(world.crm.deals())
    assert [deal["person_id"] for deal in deals] == [link_of("ada").pipedrive_id]


def test_of_two_cleared_customers_the_last_changed_has_the_last_word():
    world = World(customers=0, people_before=0.0)
    for name in ("ada", "bob"):
        world.billing.add_customer(id=name, email="both@x.co", first_name=name)
        world.clock.advance(5)
    connection = world.connect("organizations = false")
    world.run(connection, "full")
    world.sandbox.customers.clear_personal_data("ada")
    later(world, connection)
    world.sandbox.customers.clear_personal_data("bob")
    later(world, connection)
    later(world, connection)
    assert shown(world, "person", person_of(world, "bob"), "CB Customer ID") == "bob"


def test_somebody_deleted_does_not_wait_for_an_organization_that_nobody_links():
    world = World(customers=0, people_before=0.0)
    world.crm.add_organization(name="Looms")
    world.billing.add_customer(id="ada", email="ada@x.co", company="Looms")
    connection = world.connect("organizations = false")
    world.run(connection, "full")
    connection = world.connect("organizations = true")
    world.billing.delete_customer("ada")
    later(world, connection)
    assert not open_errors()
    ada = person_of(world, "ada")
    assert (shown(world, "person", ada, "CB Customer Status"), ada["org_id"]) == ("Deleted", None)


def test_an_undo_leaves_what_a_person_wrote_though_a_sync_wrote_the_same_in_passing():
    world = World(customers=0, people_before=0.0)
    for name in ("ada", "bob"):
        world.billing.add_customer(id=name, email="both@x.co", first_name=name)
        world.clock.advance(5)
    connection = world.connect("organizations = false")
    world.run(connection, "full")
    world.clock.advance(3600)
    for name, first in (("ada", "Passing"), ("bob", "Last")):
        world.billing.edit_customer(name, first_name=first)
        world.clock.advance(5)
    run = later(world, connection)
    assert person_of(world, "bob")["name"] == "Last"
    world.crm.edit_person(link_of("bob").pipedrive_id, name="Passing")
    undo = world.run(connection, "undo", about=run)
    assert (undo.state, person_of(world, "bob")["name"]) == ("done", "Passing")
    assert "name" in undo.changes.get(source_key="ada").kept


@pytest.mark.parametrize("deleted", ["recreate", "leave"])
def test_a_planned_deal_waits_where_its_person_was_deleted_after_the_preview(deleted: str):
    world = quiet_world()
    for name in ("ada", "bob"):
        world.billing.add_customer(id=name, email=f"{name}@x.co", first_name=name)
    world.billing.add_subscription("ada", id="s1")
    connection = settled(world, f'deleted_persons = "{deleted}"\n{ON}')
    later(world, connection, "full")
    world.billing.edit_subscription("s1", customer_id="bob", mrr=5000)
    preview = later(world, connection, "preview", of="sync")
    world.crm.delete_person(link_of("bob").pipedrive_id)
    run = later(world, connection, "apply", about=preview)
    assert not open_errors()
    (deal,) = run.changes.filter(kind="deal")
    assert (deal.state, deal.words) == ("stale", "the change of its person has moved")


def test_another_spelling_of_its_name_is_no_news_of_an_organization():
    world = World(customers=0, people_before=0.0)
    world.billing.add_customer(id="ada", email="ada@x.co", company="Looms")
    connection = world.connect("organizations = true")
    world.run(connection, "full")
    code = code_of(world, "organization", "CB Status")
    world.crm.edit_organization(1, custom_fields={code: None})
    world.billing.edit_customer("ada", company="LOOMS")
    later(world, connection)
    (organization,) = world.crm.organizations()
    assert (organization["name"], organization["custom_fields"][code]) == ("Looms", None)


def test_somebody_deleted_who_is_in_no_organization_is_not_written_again_by_each_full_sync():
    world = World(customers=0, people_before=0.0)
    for name, company in (("ada", "Looms"), ("bob", None)):
        world.billing.add_customer(
            id=name, email="both@x.co", first_name=name, **({"company": company} if company else {})
        )
        world.clock.advance(5)
    connection = world.connect("organizations = false")
    world.run(connection, "full")
    connection = world.connect("organizations = true")
    world.billing.delete_customer("ada")
    later(world, connection)
    world.billing.edit_customer("bob", first_name="Bobby")
    later(world, connection)
    assert person_of(world, "bob")["name"] == "Bobby"
    later(world, connection, "full")
    assert (writes(world), person_of(world, "bob")["name"]) == ([], "Bobby")


def test_deals_come_with_the_sync_that_sees_their_person_again():
    world = quiet_world(options=Options(hidden="403"))
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    connection = settled(world)
    person = person_of(world, "ada")["id"]
    world.crm.hide("person", person)
    world.billing.edit_customer("ada", first_name="Countess")
    world.billing.add_subscription("ada", id="s1")
    later(world, connection, "full")
    assert open_errors() == [("hidden_person", "ada")]
    world.crm.show("person", person)
    later(world, connection)
    assert deal_of(world, "s1")["person_id"] == person
    later(world, connection)
    assert writes(world) == []


def test_what_was_erased_meanwhile_has_no_organization_to_go_back_to():
    ahead = Change(kind="person", after={"organization": {"key": "edge", "id": 4}})
    before = {"organization": {"erased": "2026-11-29T09:00:00Z"}}
    change = Change(kind="person", before=before, follows=ahead)
    know_left(change)
    assert change.before == before


def test_an_undo_of_an_undo_makes_nobody_again_who_stands_under_another_record():
    world = World(customers=0, people_before=0.0)
    world.billing.add_customer(id="ada", email="both@x.co", first_name="Ada")
    world.clock.advance(60)
    world.billing.add_customer(id="bob", email="both@x.co", first_name="Bob")
    connection = world.connect()
    full = world.run(connection, "full")
    world.clock.advance(3600)
    undo = world.run(connection, "undo", about=full)
    world.billing.edit_customer("ada", first_name="Eva")
    later(world, connection)
    eva = link_of("ada").pipedrive_id
    world.clock.advance(3600)
    assert world.run(connection, "undo", about=undo).state == "done"
    assert link_of("ada").pipedrive_id == eva
    code = code_of(world, "person", "CB Customer ID")
    marks = [person["custom_fields"].get(code) for person in world.crm.persons()]
    assert sorted(marks) == ["ada", "bob"]


def test_an_edit_stays_on_a_deal_that_may_not_name_its_person_any_more():
    world = quiet_world()
    world.billing.add_customer(id="ada", email="ada@x.co")
    connection = settled(world, 'deleted_persons = "leave"\n' + ON)
    world.billing.add_subscription("ada", id="s1")
    later(world, connection)
    world.crm.delete_person(link_of("ada").pipedrive_id)
    world.crm.edit_deal(deal_of(world, "s1")["id"], title="By hand")
    later(world, connection, "full")
    assert deal_of(world, "s1")["title"] == "By hand"


def test_a_new_one_who_shares_has_the_last_word_where_an_older_one_joins_anew():
    world = World(customers=0, people_before=0.0)
    for name, email in (("ada", "both@x.co"), ("carl", "carl@x.co")):
        world.billing.add_customer(id=name, email=email, first_name=name.title(), company="Mills")
    connection = world.connect("organizations = true")
    world.run(connection, "full")
    (organization,) = world.crm.organizations()
    world.crm.delete_organization(organization["id"])
    world.billing.edit_customer("carl", first_name="Carla")
    world.clock.advance(60)
    world.billing.add_customer(id="bob", email="both@x.co", first_name="Bob", company="Looms")
    later(world, connection)  # Mills is made again, and ada joins it in the same sync
    person = person_of(world, "ada")
    assert (person["name"], shown(world, "person", person, "CB Customer ID")) == ("Bob", "bob")
    later(world, connection)
    assert not writes(world)
