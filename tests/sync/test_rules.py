"""Rules of product.md sections 3 and 5, each on a small world of its own."""

from datetime import timedelta
from typing import Any

import pytest

from chargepipe.actions import connections, errors, unlinking
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import SettingsError
from chargepipe.sandbox import Fault
from chargepipe.store.models import Account, Connection, Link, Record, Run, SyncError
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def person_of(world: World, customer_id: str) -> dict[str, Any]:
    link = Link.objects.get(kind="person", source_key=customer_id)
    return world.crm.person(link.pipedrive_id)


def writes(world: World) -> list[tuple[str, str]]:
    return [(m, p) for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def later(world: World, connection: Connection, kind: str = "sync", **more: Any) -> Run:
    world.clock.advance(3600)
    world.sandbox.requests.clear()
    return world.run(connection, kind, **more)


def test_a_link_wins_over_a_changed_email(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(first_name="Ada", email="ada@example.com")["id"]
    world.run(connection, "full")
    linked = person_of(world, ada)["id"]
    world.crm.add_person(name="Other", emails=[{"value": "new@example.com"}])
    world.billing.edit_customer(ada, email="new@example.com")
    later(world, connection)
    person = person_of(world, ada)
    assert person["id"] == linked
    assert [e["value"] for e in person["emails"]] == ["new@example.com"]


def test_the_mark_of_an_older_installation_links_before_the_key(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(first_name="Ada", email="ada@example.com")["id"]
    world.run(connection, "full")
    marked = person_of(world, ada)["id"]
    world.crm.add_person(name="Twin", emails=[{"value": "ada@example.com"}])
    Link.objects.all().delete()
    Record.objects.update(settled=0)
    later(world, connection, "full")
    assert Link.objects.get(source_key=ada).pipedrive_id == marked
    assert not SyncError.objects.filter(state="open").exists()


def test_several_matches_are_an_error_that_names_them_and_nothing_is_written(world: World):
    connection = world.connect()
    twins = [world.crm.add_person(name=n, emails=[{"value": "a@b.co"}])["id"] for n in ("X", "Y")]
    world.billing.add_customer(email="A@b.co")
    run = world.run(connection, "full")
    assert (run.counts["failed"], writes(world)) == (1, [])
    error = SyncError.objects.get(state="open")
    assert error.code == "ambiguous_person"
    assert [c["id"] for c in error.candidates] == twins


def test_an_error_resolves_itself_when_its_cause_is_gone(world: World):
    connection = world.connect()
    world.crm.add_person(name="X", emails=[{"value": "a@b.co"}])
    other = world.crm.add_person(name="Y", emails=[{"value": "a@b.co"}])["id"]
    world.billing.add_customer(email="a@b.co")
    world.run(connection, "full")
    world.crm.edit_person(other, emails=[{"value": "y@b.co"}])
    run = later(world, connection)
    assert run.counts["updated"] == 1
    assert SyncError.objects.get().state == "resolved"


def test_an_ignored_error_stays_away_until_the_customer_is_modified(world: World):
    connection = world.connect()
    lost = world.billing.add_customer(first_name="No", last_name="Email")["id"]
    world.run(connection, "full")
    errors.ignore("acme", None, "a test customer")
    run = later(world, connection, "full")
    assert (run.counts["skipped"], run.counts["errors_open"]) == (1, 0)
    world.billing.edit_customer(lost, last_name="Changed")
    run = later(world, connection)
    assert (run.counts["failed"], run.counts["errors_open"]) == (1, 1)


def test_a_linked_person_that_was_deleted_is_made_again_when_it_is_written(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(first_name="Ada", email="ada@example.com")["id"]
    world.run(connection, "full")
    first = person_of(world, ada)["id"]
    world.crm.delete_person(first)
    world.billing.edit_customer(ada, first_name="Ida")
    run = later(world, connection)
    assert run.counts["created"] == 1
    assert person_of(world, ada)["id"] != first
    assert person_of(world, ada)["name"] == "Ida"


def test_a_deleted_customer_is_flagged_and_its_organization_only_with_the_last(world: World):
    connection = world.connect()
    two = [world.billing.add_customer(email=f"{n}@x.co", company="Acme")["id"] for n in ("a", "b")]
    world.run(connection, "full")
    world.billing.delete_customer(two[0])
    later(world, connection)
    code, options = field(world, "person", "CB Customer Status")
    assert options[person_of(world, two[0])["custom_fields"][code]] == "Deleted"
    org_code, org_options = field(world, "organization", "CB Status")
    (organization,) = world.crm.organizations()
    assert org_options[organization["custom_fields"][org_code]] == "Active"
    world.billing.delete_customer(two[1])
    later(world, connection)
    (organization,) = world.crm.organizations()
    assert org_options[organization["custom_fields"][org_code]] == "Deleted"


def field(world: World, entity: Any, name: str) -> tuple[str, dict[int, str]]:
    found = next(f for f in world.crm.fields(entity) if f["field_name"] == name)
    options = {o["id"]: o["label"] for o in found.get("options") or ()}
    return found["field_code"], options


def test_a_customer_deleted_before_it_was_linked_is_skipped(world: World):
    connection = world.connect()
    gone = world.billing.add_customer(email="gone@x.co")["id"]
    world.billing.delete_customer(gone)
    run = world.run(connection, "full")
    assert (run.counts["skipped"], writes(world)) == (1, [])


def test_without_create_people_a_customer_without_a_match_is_skipped(world: World):
    connection = world.connect("create_people = false\norganizations = true")
    known = world.crm.add_person(name="K", emails=[{"value": "k@x.co"}])["id"]
    world.billing.add_customer(email="k@x.co", first_name="Kay")
    world.billing.add_customer(email="u@x.co", company="Nobody Ltd")
    run = world.run(connection, "full")
    assert (run.counts["updated"], run.counts["skipped"], run.counts["created"]) == (1, 1, 0)
    assert world.crm.person(known)["name"] == "Kay"
    assert list(world.crm.organizations()) == [], "no organization for a customer that is skipped"


def test_a_renamed_company_moves_the_person_and_leaves_the_old_organization(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Old Ltd")["id"]
    world.run(connection, "full")
    world.billing.edit_customer(ada, company="New Ltd")
    later(world, connection)
    names = {o["id"]: o["name"] for o in world.crm.organizations()}
    assert sorted(names.values()) == ["New Ltd", "Old Ltd"]
    assert names[person_of(world, ada)["org_id"]] == "New Ltd"


def test_an_organization_renamed_in_pipedrive_stays_linked(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    world.run(connection, "full")
    (organization,) = world.crm.organizations()
    world.crm.edit_organization(organization["id"], name="ACME Corporation")
    world.billing.edit_customer(ada, first_name="New")
    later(world, connection)
    assert [o["name"] for o in world.crm.organizations()] == ["ACME Corporation"]


def test_two_organizations_of_the_name_fail_the_customer(world: World):
    connection = world.connect()
    for name in ("Acme", "ACME "):
        world.crm.add_organization(name=name)
    world.billing.add_customer(email="a@x.co", company="acme")
    run = world.run(connection, "full")
    assert (run.counts["failed"], writes(world)) == (1, [])
    assert SyncError.objects.get(state="open").code == "ambiguous_organization"


def test_a_currency_that_pipedrive_lacks_is_a_warning_and_then_an_error(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co")["id"]
    world.billing.add_subscription(ada, status="active", mrr=100, currency_code="CHF")
    world.crm.currencies[:] = [c for c in world.crm.currencies if c["code"] != "CHF"]
    run = world.run(connection, "validate")
    assert run.counts["failed"] == 0
    assert SyncError.objects.get(code="currency_missing").state == "warning"
    run = world.run(connection, "full")
    assert (run.counts["failed"], writes(world)) == (1, [])
    assert "CHF" in SyncError.objects.get(state="open").words


def test_a_record_that_pipedrive_refuses_is_an_error_and_the_others_go_on(world: World):
    connection = world.connect()
    for name in ("a", "b", "c"):
        world.billing.add_customer(email=f"{name}@x.co")
    world.faults.add(
        Fault(
            service="pipedrive",
            method="POST",
            path=r"/persons$",
            kind="status",
            status=400,
            body='{"success":false,"error":"Validation failed: name","code":"ERR_SCHEMA"}',
            content_type="application/json",
            times=1,
        )
    )
    run = world.run(connection, "full")
    assert (run.state, run.counts["created"], run.counts["failed"]) == ("done", 2, 1)
    error = SyncError.objects.get(state="open")
    assert (error.code, "Validation failed" in error.words) == ("refused", True)
    run = later(world, connection)
    assert run.counts["created"] == 1, "open errors are retried in every run"


def test_a_run_pauses_when_its_share_of_the_tokens_is_spent_and_goes_on(world: World):
    connection = world.connect(f"budget_share = {world.share(100)}")
    for number in range(30):
        world.billing.add_customer(email=f"c{number}@x.co")
    run = world.run(connection, "full")
    assert run.state == "paused"
    assert "tokens" in run.message
    assert run.due_at is not None
    assert Account.objects.get().lease_owner == "", "the account is given back meanwhile"
    for _ in range(5):
        world.clock.advance(timedelta(days=1).total_seconds())
        run = world.go_on(run) if run.state == "paused" else run
    assert (run.state, run.counts["created"]) == ("done", 30)
    assert len(list(world.crm.persons())) == 30


def test_a_run_stops_where_a_person_cancels_it(world: World):
    connection = world.connect()
    for number in range(5):
        world.billing.add_customer(email=f"c{number}@x.co")
    run = world.run(connection, "full", asked="cancel")
    assert (run.state, writes(world)) == ("cancelled", [])
    assert world.run(connection, "full").counts["created"] == 5


def test_a_change_of_settings_touches_only_what_syncs_later(world: World):
    connection = world.connect("organizations = false")
    world.billing.add_customer(email="a@x.co", company="Acme")
    world.run(connection, "full")
    connection = world.connect("organizations = true")
    run = later(world, connection)
    assert (run.counts["customers"], writes(world)) == (0, [])


def test_locked_settings_are_refused_after_the_first_full_sync(world: World):
    connection = world.connect("organizations = true")
    world.run(connection, "full")
    with pytest.raises(SettingsError, match="organizations"):
        world.connect("organizations = false")
    with pytest.raises(SettingsError, match="match_key"):
        world.connect('organizations = true\nmatch_key = {chargebee = "id", pipedrive = "phone"}')


def test_unlinking_and_linking_again_makes_no_duplicate(world: World):
    connection = world.connect()
    world.billing.add_customer(email="a@x.co", company="Acme")
    world.run(connection, "full")
    unlinking.unlink("acme", keep_links=False)
    connection = world.connect()
    run = later(world, connection, "full")
    assert (run.counts["created"], len(list(world.crm.persons()))) == (0, 1)


def test_a_linked_connection_keeps_its_company(world: World):
    world.connect()
    world.crm.me["company_id"] = 4711
    with pytest.raises(Refused, match="Unlink"):
        world.connect()


def test_a_second_site_on_an_account_has_fields_of_its_own(world: World):
    world.billing.add_customer(id="same", email="a@x.co")
    world.run(world.connect(), "full")
    world.run(world.connect(name="second"), "full")
    names = [f["field_name"] for f in world.crm.fields("person")]
    assert "CB Customer ID" in names
    assert "CB Customer ID (acme-test)" in names
    assert Connection.objects.get(name="second").field_suffix == "acme-test"


def test_mrr_that_moves_without_a_new_version_arrives_within_a_day(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co")["id"]
    sub = world.billing.add_subscription(ada, status="active", mrr=100, currency_code="USD")["id"]
    world.run(connection, "full")
    world.clock.advance(7200)
    world.billing.add_subscription(ada, status="future", mrr=0, currency_code="USD")
    later(world, connection)
    world.billing.edit_mrr(sub, 900)
    assert later(world, connection).counts["updated"] == 0
    world.clock.advance(86_400)
    assert later(world, connection).counts["updated"] == 1
    code, _ = field(world, "person", "CB Customer MRR")
    assert person_of(world, ada)["custom_fields"][code] == {"value": 9, "currency": "USD"}


def test_awkward_texts_arrive_whole(world: World):
    connection = world.connect()
    names = ["Zoë 🚀 Ünïcode", "x" * 150, 'O\'Neill "Q" <b>']
    ids = [
        world.billing.add_customer(
            id=f"a/b c{n}", first_name=name, email=f"n{n}@x.co", company="C" * 250
        )["id"]
        for n, name in enumerate(names)
    ]
    assert world.run(connection, "full").counts["created"] == 3
    assert [person_of(world, i)["name"] for i in ids] == names
    (organization,) = world.crm.organizations()
    assert organization["name"] == "C" * 250


def test_an_email_that_was_there_before_us_stays_when_ours_changes(world: World):
    connection = world.connect()
    known = world.crm.add_person(name="K", emails=[{"value": "own@x.co"}])["id"]
    kay = world.billing.add_customer(email="own@x.co", first_name="Kay")["id"]
    world.run(connection, "full")
    for email in ("second@x.co", "third@x.co"):
        world.billing.edit_customer(kay, email=email)
        later(world, connection)
    held = [(e["value"], e["primary"]) for e in world.crm.person(known)["emails"]]
    assert held == [("third@x.co", True), ("own@x.co", False)]


def test_a_linked_person_that_is_missing_is_made_again_at_the_next_sync(world: World):
    connection = world.connect()
    ids = [world.billing.add_customer(email=f"c{n}@x.co")["id"] for n in range(8)]
    world.run(connection, "full")
    gone = person_of(world, ids[0])["id"]
    world.crm.delete_person(gone)
    run = later(world, connection, approved=False)
    assert (run.state, run.counts["created"], len(writes(world))) == ("done", 1, 1)
    assert person_of(world, ids[0])["id"] != gone
    assert len(list(world.crm.persons())) == 8
    assert later(world, connection).counts["created"] == 0


def test_many_missing_people_stop_the_run_for_they_may_be_hidden(world: World):
    connection = world.connect()
    ids = [world.billing.add_customer(email=f"c{n}@x.co")["id"] for n in range(8)]
    world.run(connection, "full")
    for customer_id in ids[:5]:
        world.crm.delete_person(person_of(world, customer_id)["id"])
    run = later(world, connection, approved=False)
    assert (run.state, writes(world)) == ("waiting", [])
    assert "missing" in run.questions[0]
    Run.objects.filter(pk=run.pk).update(state="queued", approved=True)
    assert world.go_on(run).counts["created"] == 5


def test_nothing_is_written_before_all_fields_stand_for_certain(world: World):
    connection = world.connect()
    world.billing.add_customer(email="a@x.co", company="Acme")
    world.faults.add(
        Fault(service="pipedrive", method="POST", path="Fields$", kind="drop_after", times=1)
    )
    run = world.run(connection, "full")
    assert (run.state, run.counts["created"]) == ("done", 1), run.message
    assert run.counts["objects"]["field"]["created"] == 5


def test_a_further_attribute_makes_nothing_dirty_and_arrives_with_the_next_change(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", cf_tier="gold")["id"]
    world.run(connection, "full")
    more = '[[settings.additional_fields]]\nfrom = "customer.cf_tier"\nto = "person.Tier"'
    connection = world.connect(f"organizations = true\n{more}")
    run = later(world, connection)
    assert (run.counts["customers"], writes(world)) == (0, [])
    world.billing.edit_customer(ada, first_name="Ada")
    later(world, connection)
    code, _ = field(world, "person", "Tier")
    assert person_of(world, ada)["custom_fields"][code] == "gold"


def test_an_unknown_customer_is_named(world: World):
    connection = world.connect()
    world.run(connection, "full")
    run = later(world, connection, only=["nobody"])
    assert (run.state, "nobody" in run.message) == ("done", True)


def test_a_trial_without_anybody_to_write_writes_nobody(world: World):
    connection = world.connect()
    for _ in range(3):
        world.billing.add_customer(first_name="No Email")
    run = world.run(connection, "trial")
    assert (run.counts["customers"], writes(world)) == (0, [])
    assert "finding" in run.message


def test_an_update_that_turns_out_to_be_right_already_counts_as_unchanged(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", first_name="Ada")["id"]
    world.run(connection, "full")
    world.billing.edit_customer(ada, first_name="Ida")
    world.crm.edit_person(person_of(world, ada)["id"], name="Ida")
    run = later(world, connection)
    assert (run.counts["unchanged"], run.counts["updated"], writes(world)) == (1, 0, [])


def test_applying_while_a_run_ends_keeps_what_the_run_wrote(world: World):
    connection = world.connect()
    proposal = connections.propose(world.text("organizations = true\nextras = []"))
    world.run(connection, "full")
    connections.apply(proposal, world.env)
    connection.refresh_from_db()
    assert connection.full_done_at is not None
    assert connection.next_sync_at is not None


def test_a_deleted_organization_is_made_again_when_a_person_is_to_join_it(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co", company="Acme")["id"]
    world.run(connection, "full")
    (organization,) = world.crm.organizations()
    world.crm.delete_organization(organization["id"])
    world.crm.edit_person(person_of(world, ada)["id"], org_id=None)
    world.billing.edit_customer(ada, first_name="Ada")
    world.billing.add_customer(email="b@x.co", company="ACME")
    run = later(world, connection)
    assert (run.counts["failed"], run.counts["created"], run.counts["updated"]) == (0, 1, 1)
    (again,) = world.crm.organizations()
    assert {person["org_id"] for person in world.crm.persons()} == {again["id"]}


def test_a_company_name_that_grows_when_it_is_folded_is_synced(world: World):
    connection = world.connect()
    name = "ß" * 249 + "x"
    world.billing.add_customer(email="a@x.co", company=name)
    world.billing.add_customer(email="b@x.co", company=name)
    assert world.run(connection, "full").counts["created"] == 2
    assert [o["name"] for o in world.crm.organizations()] == [name]
