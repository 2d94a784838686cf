"""Rule 16: what Chargebee clears goes from the person, the mirror, the journal and the link."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from chargepipe.actions import decide, error_csv
from chargepipe.sandbox import Options
from chargepipe.store.models import Change, Connection, Link, Record, Run, SyncError
from people import code_of, shown
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

JANE = {
    "first_name": "Jane",
    "last_name": "Roe-Smith",
    "email": "jane.roe@private.example",
    "phone": "+4930901820",
}
TRACES = ("Jane", "Roe-Smith", "jane.roe", "private.example", "901820")


@pytest.fixture(params=[True, False], ids=["clearing tells", "clearing is silent"])
def world(request: Any) -> World:
    return World(customers=0, people_before=0.0, options=Options(clearing_tells=request.param))


def later(world: World, connection: Connection, kind: str = "sync", **more: Any) -> Run:
    """The next day: the complete walk notices a clearing that moved no time."""
    world.clock.advance(timedelta(days=1, minutes=1).total_seconds())
    world.sandbox.requests.clear()
    run = world.run(connection, kind, **more)
    assert run.state == "done", run.message
    return run


def writes(world: World) -> list[str]:
    return [m for s, m, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]


def person_of(world: World, customer_id: str) -> dict[str, Any]:
    return world.crm.person(Link.objects.get(kind="person", source_key=customer_id).pipedrive_id)


def stored() -> str:
    """Everything that our tables hold, as one text."""
    models = apps.get_app_config("chargepipe_store").get_models()
    rows = [row for model in models for row in model.objects.values()]
    return json.dumps(rows, default=str)


def traces() -> list[str]:
    held = stored()
    return [trace for trace in TRACES if trace in held]


def clear(world: World, customer_id: str) -> None:
    world.sandbox.customers.clear_personal_data(customer_id)


def test_the_person_loses_what_we_wrote_and_is_named_by_the_id(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    clear(world, jane)
    run = later(world, connection)
    person = person_of(world, jane)
    assert (person["name"], person["emails"], person["phones"]) == (jane, [], [])
    assert run.counts["updated"] == 1


def test_no_table_of_ours_holds_a_trace_and_the_journal_says_when(world: World):
    connection = world.connect('additional_fields = [{from = "customer.cf_tier", to = "person.T"}]')
    jane = world.billing.add_customer(**JANE, cf_tier="Jane's own tier")["id"]
    world.run(connection, "full")
    world.billing.edit_customer(jane, last_name="Roe-Smith-Miller")
    later(world, connection)
    assert set(traces()) == set(TRACES)
    clear(world, jane)
    world.billing.edit_customer(jane, cf_tier=None)
    later(world, connection)
    assert traces() == []
    made = Change.objects.filter(kind="person", source_key=jane).order_by("pk")[0]
    assert set(made.after["name"]) == set(made.after["emails"]) == {"erased"}
    assert made.after["CB Customer ID"] == jane, "what is not personal stays"


def test_what_was_decided_of_its_company_is_forgotten(world: World):
    connection = world.connect("organizations = true")
    for name in ("Secret Works", "SECRET WORKS"):
        world.crm.add_organization(name=name)
    jane = world.billing.add_customer(email="j@x.co", company="Secret Works")["id"]
    world.run(connection, "full")
    decide.decide(SyncError.objects.get(state="open").pk, new=True, env=world.env)
    record = Record.objects.filter(source_id=jane)
    world.billing.edit_customer(jane, first_name="Jane")
    later(world, connection)
    assert record.get().own_organization == "secret works", "a change of the name keeps it"
    clear(world, jane)
    later(world, connection)
    assert record.get().own_organization == ""


def test_what_the_person_had_before_us_stays(world: World):
    connection = world.connect()
    emails = [{"value": "jane.roe@private.example", "primary": True, "label": "work"}]
    known = world.crm.add_person(name="J. Roe", emails=emails)["id"]
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    clear(world, jane)
    later(world, connection)
    person = world.crm.person(known)
    assert [e["value"] for e in person["emails"]] == ["jane.roe@private.example"]
    assert (person["name"], person["phones"]) == (jane, [])


@pytest.mark.parametrize("policy", ["fill_empty", "append"])
def test_under_every_policy_what_we_wrote_goes(world: World, policy: str):
    more = f'overwrite = "{policy}"\nadditional_fields = '
    more += '[{from = "customer.cf_vip", to = "person.V", overwrite = "fill_empty"}]'
    connection = world.connect(more)
    jane = world.billing.add_customer(**JANE, cf_vip="Jane's")["id"]
    world.run(connection, "full")
    world.billing.edit_customer(jane, cf_vip=None)
    clear(world, jane)
    later(world, connection)
    person = person_of(world, jane)
    assert (person["name"], person["emails"], person["phones"]) == (jane, [], [])
    assert "Jane's" not in json.dumps(person)


def test_clearing_again_does_nothing(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    clear(world, jane)
    later(world, connection)
    held = list(Change.objects.order_by("pk").values())
    for kind in ("sync", "full"):
        later(world, connection, kind)
        assert writes(world) == []
    assert list(Change.objects.order_by("pk").values()) == held


def test_a_name_that_a_person_gives_after_the_clearing_stays(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    clear(world, jane)
    later(world, connection)
    world.crm.edit_person(person_of(world, jane)["id"], name="Former customer 7")
    world.billing.edit_customer(jane, preferred_currency_code="USD")
    world.billing.add_subscription(jane, status="cancelled", mrr=0, currency_code="EUR")
    later(world, connection, "full")
    assert person_of(world, jane)["name"] == "Former customer 7"


def test_a_customer_cleared_before_it_was_linked_is_skipped_in_words(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    clear(world, jane)
    run = world.run(connection, "full")
    assert (run.counts["skipped"], run.counts["errors_open"]) == (1, 0)
    assert (writes(world), traces()) == ([], [])


def test_an_error_of_the_cleared_loses_the_names_of_its_candidates(world: World):
    connection = world.connect()
    for name in ("Jane Roe-Smith", "Jane R."):
        world.crm.add_person(name=name, emails=[{"value": JANE["email"]}])
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    (error,) = SyncError.objects.filter(state="open")
    assert {row["name"] for row in error.candidates} == {"Jane Roe-Smith", "Jane R."}
    clear(world, jane)
    later(world, connection)
    error.refresh_from_db()
    assert error.state == "resolved"
    assert [row["name"] for row in error.candidates] == ["", ""]
    assert Record.objects.get(source_id=jane).outcome == "skipped"
    text = "".join(error_csv.csv("acme", ("open", "ignored", "resolved")))
    assert jane in text
    assert not any(trace in text for trace in TRACES)


@pytest.mark.parametrize("setting", ["flag", "leave"])
def test_a_deleted_and_cleared_customer_is_cleared_too(world: World, setting: str):
    connection = world.connect(f'deleted_customers = "{setting}"')
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    clear(world, jane)
    world.billing.delete_customer(jane)
    later(world, connection)
    person = person_of(world, jane)
    assert (person["name"], person["emails"], person["phones"]) == (jane, [], [])
    assert traces() == []


def test_a_person_that_is_gone_is_not_made_again_and_the_journal_is_erased(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    world.crm.delete_person(person_of(world, jane)["id"])
    clear(world, jane)
    run = later(world, connection)
    assert (run.counts["skipped"], writes(world), traces()) == (1, [], [])


def test_an_ignored_error_does_not_keep_personal_data(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    row = Record.objects.get(source_id=jane)
    SyncError.objects.create(
        connection=connection,
        kind="customer",
        source_key=jane,
        code="refused",
        words="Pipedrive refused the write: Jane",
        state="ignored",
        reason="Jane asked for it",
        version_ignored=row.version,
        opened_at=world.clock.now(),
    )
    clear(world, jane)
    later(world, connection)
    assert person_of(world, jane)["name"] == jane
    assert traces() == []


def test_who_shares_the_person_keeps_a_name_and_an_email(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    john = world.billing.add_customer(first_name="John", email=JANE["email"])["id"]
    world.run(connection, "full")
    assert person_of(world, jane)["id"] == person_of(world, john)["id"]
    clear(world, jane)
    later(world, connection)
    person = person_of(world, john)
    assert person["name"] == "John"
    assert [email["value"] for email in person["emails"]] == [JANE["email"]]
    assert person["phones"] == []


def undo(world: World, connection: Connection, run: Run) -> Run:
    world.sandbox.requests.clear()
    done = world.run(connection, "undo", about=run)
    assert done.state == "done", done.message
    return done


def test_an_undo_does_not_bring_erased_values_back_and_says_so(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    world.billing.edit_customer(jane, last_name="Miller")
    renamed = later(world, connection)
    clear(world, jane)
    clearing = later(world, connection)
    for run in (clearing, renamed):
        taken = undo(world, connection, run)
        assert person_of(world, jane)["name"] == jane
        assert "name" in taken.changes.get().kept
    assert traces() == []


def test_a_record_that_an_undo_holds_is_cleared_all_the_same(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    world.billing.edit_customer(jane, last_name="Miller")
    renamed = later(world, connection)
    undo(world, connection, renamed)
    assert person_of(world, jane)["name"] == "Jane Roe-Smith"
    clear(world, jane)
    later(world, connection)
    assert person_of(world, jane)["name"] == jane
    assert person_of(world, jane)["emails"] == []
    assert traces() == []


def test_what_an_undo_took_back_after_the_clearing_stays_held(world: World):
    connection = world.connect()
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    clear(world, jane)
    undo(world, connection, later(world, connection))
    held = world.crm.person(person_of(world, jane)["id"])
    later(world, connection)
    assert (writes(world), person_of(world, jane)) == ([], held)


def test_a_person_that_an_undo_makes_again_is_nobody(world: World):
    connection = world.connect('deleted_customers = "delete"')
    jane = world.billing.add_customer(**JANE)["id"]
    world.run(connection, "full")
    clear(world, jane)
    world.billing.delete_customer(jane)
    deleting = later(world, connection)
    assert list(world.crm.persons()) == []
    assert traces() == []
    undo(world, connection, deleting)
    (person,) = world.crm.persons()
    assert (person["name"], person["emails"], person["phones"]) == (jane, [], [])


MAIL = """organizations = true
subscription_data = "organization"
additional_fields = [
  {from = "customer.email", to = "organization.Mail", overwrite = "POLICY"},
  {from = "subscription.cf_po", to = "organization.Order"},
]"""


def company(world: World, policy: str = "always", *others: str) -> tuple[Connection, str]:
    """Jane leads her company, whose organization shows her email; the others came before her."""
    connection = world.connect(MAIL.replace("POLICY", policy))
    for email in others:
        world.billing.add_customer(email=email, company="Engines")
        world.clock.advance(60)
    jane = world.billing.add_customer(**JANE, company="Engines")["id"]
    world.billing.add_subscription(jane, status="cancelled", cf_po="PO 7")
    world.run(connection, "full")
    assert shows(world) == {"Mail": JANE["email"], "Order": "PO 7"}
    return connection, jane


def shows(world: World) -> dict[str, Any]:
    (organization,) = world.crm.organizations()
    return {name: shown(world, "organization", organization, name) for name in ("Mail", "Order")}


def test_an_organization_loses_what_it_shows_of_its_last_customer(world: World):
    connection, jane = company(world)
    clear(world, jane)
    later(world, connection)
    assert shows(world) == {"Mail": None, "Order": "PO 7"}, "a subscription is nobody's data"
    assert traces() == []
    made = Change.objects.get(kind="organization", action="create")
    assert (set(made.after["Mail"]), made.after["name"]) == ({"erased"}, "Engines")
    for kind in ("sync", "full"):
        later(world, connection, kind)
        assert writes(world) == []


@pytest.mark.parametrize("policy", ["always", "fill_empty"])
def test_an_organization_shows_its_next_customer_and_the_journal_keeps_that(
    world: World, policy: str
):
    connection, jane = company(world, policy, "bob@x.co")
    clear(world, jane)
    later(world, connection)
    assert shows(world)["Mail"] == "bob@x.co"
    assert traces() == []
    change = Change.objects.filter(kind="organization").latest("pk")
    assert change.after["Mail"] == "bob@x.co"


def test_a_company_that_was_left_before_the_clearing_is_cleared_too(world: World):
    connection, jane = company(world)
    world.billing.edit_customer(jane, company="Looms")
    later(world, connection)
    clear(world, jane)
    later(world, connection)
    for organization in world.crm.organizations():
        assert shown(world, "organization", organization, "Mail") is None
    assert traces() == []


def test_of_a_company_without_customers_nothing_is_written_but_what_goes(world: World):
    connection, jane = company(world)
    (organization,) = world.crm.organizations()
    by_hand = {code_of(world, "organization", "Order"): "PO 8"}
    world.crm.edit_organization(organization["id"], custom_fields=by_hand)
    clear(world, jane)
    later(world, connection)
    assert shows(world) == {"Mail": None, "Order": "PO 8"}


def test_what_somebody_typed_on_the_organization_stays(world: World):
    connection, jane = company(world)
    (organization,) = world.crm.organizations()
    mail = {code_of(world, "organization", "Mail"): "office@x.co"}
    world.crm.edit_organization(organization["id"], custom_fields=mail)
    clear(world, jane)
    later(world, connection)
    assert (shows(world)["Mail"], traces()) == ("office@x.co", [])


def test_an_organization_that_is_gone_is_not_made_for_a_clearing(world: World):
    connection, jane = company(world)
    (organization,) = world.crm.organizations()
    world.crm.delete_organization(organization["id"])
    clear(world, jane)
    later(world, connection)
    assert list(world.crm.organizations()) == []


def test_an_undo_does_not_bring_back_what_an_organization_showed(world: World):
    connection, jane = company(world)
    clear(world, jane)
    undo(world, connection, later(world, connection))
    assert (shows(world)["Mail"], traces()) == (None, [])
