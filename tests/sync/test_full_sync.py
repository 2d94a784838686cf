"""A full sync, checked against what both sides hold; nothing here asks the line's own modules."""

import re
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from chargepipe.store.models import Connection, Record, Run, SyncError
from deaths import lost_write
from world import World

RUNNING = ("active", "non_renewing", "paused")


@pytest.fixture
def connection(world: World) -> Connection:
    return world.connect()


def custom(world: World, entity: Any, row: dict[str, Any], name: str) -> Any:
    """A custom field's value by our name; an option by its label."""
    field = next(f for f in world.crm.fields(entity) if f["field_name"] == name)
    value = row["custom_fields"].get(field["field_code"])
    labels = {option["id"]: option["label"] for option in field.get("options") or ()}
    return labels.get(value, value) if isinstance(value, int) else value


def people_by_mark(world: World) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for person in world.crm.persons():
        found[custom(world, "person", person, "CB Customer ID")].append(person)
    return found


def emails(person: dict[str, Any]) -> set[str]:
    return {email["value"].strip().lower() for email in person["emails"]}


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def expected_name(customer: dict[str, Any]) -> str:
    full = squeeze(f"{customer.get('first_name', '')} {customer.get('last_name', '')}")
    company = customer.get("company") or customer.get("billing_address", {}).get("company") or ""
    return (full or squeeze(company) or customer.get("email") or customer["id"])[:255].strip()


def synced(world: World) -> list[dict[str, Any]]:
    errors = set(SyncError.objects.filter(state="open").values_list("source_key", flat=True))
    rows = world.billing.customers()
    return [c for c in rows if not c.get("deleted") and c["id"] not in errors]


def alone(world: World) -> list[dict[str, Any]]:
    """Synced customers that share their email with nobody: their person is theirs alone."""
    shared = Counter(c.get("email", "").strip().lower() for c in world.billing.customers())
    return [c for c in synced(world) if shared[c.get("email", "").strip().lower()] == 1]


def test_every_customer_is_a_person_an_error_or_a_skip(world: World, connection: Connection):
    run = world.run(connection, "full")
    assert run.state == "done"
    counts = run.counts
    buckets = ("created", "updated", "unchanged", "skipped", "failed")
    assert counts["customers"] == sum(counts[name] for name in buckets)
    assert counts["customers"] == len(list(world.billing.customers()))
    assert counts["skipped"] == sum(bool(c.get("deleted")) for c in world.billing.customers())
    assert counts["failed"] == counts["errors_open"] > 0
    by_mark = people_by_mark(world)
    for customer in alone(world):
        assert len(by_mark[customer["id"]]) == 1, customer["id"]


def test_a_person_holds_what_its_customer_says(world: World, connection: Connection):
    world.run(connection, "full")
    by_mark = people_by_mark(world)
    organizations = {row["id"]: row for row in world.crm.organizations()}
    mine = alone(world)
    assert len(mine) > 30
    for customer in mine:
        (person,) = by_mark[customer["id"]]
        assert person["name"] == expected_name(customer)
        assert customer["email"].strip().lower() in emails(person)
        company = customer.get("company") or customer.get("billing_address", {}).get("company")
        if company and company.strip():
            held = organizations[person["org_id"]]["name"]
            assert squeeze(held).casefold() == squeeze(company).casefold()
            row = organizations[person["org_id"]]
            assert custom(world, "organization", row, "CB Status") == "Active"
        assert custom(world, "person", person, "CB Customer Status") == "Active"


def test_mrr_is_the_sum_over_the_subscriptions(world: World, connection: Connection):
    world.run(connection, "full")
    by_mark = people_by_mark(world)
    amounts: dict[str, Counter[str]] = defaultdict(Counter)
    for s in world.billing.subscriptions():
        if s["status"] in RUNNING and not s.get("deleted"):
            amounts[s["customer_id"]][s["currency_code"]] += s.get("mrr", 0)
    checked = 0
    for customer in alone(world):
        sums = {code: n for code, n in amounts[customer["id"]].items() if n}
        if len(sums) != 1:
            continue
        (currency, minor), *_ = sums.items()
        (person,) = by_mark[customer["id"]]
        held = custom(world, "person", person, "CB Customer MRR")
        whole = Decimal(1) if currency == "JPY" else Decimal(100)
        assert (Decimal(str(held["value"])), held["currency"]) == (minor / whole, currency)
        checked += 1
    assert checked > 20


def test_emails_and_phones_that_a_person_had_stay(world: World, connection: Connection):
    before = {person["id"]: person for person in world.crm.persons()}
    world.run(connection, "full")
    after = {person["id"]: person for person in world.crm.persons()}
    assert len(before) > 10
    for pid, person in before.items():
        assert emails(person) <= emails(after[pid])
        held = {phone["value"] for phone in after[pid]["phones"]}
        assert {phone["value"] for phone in person["phones"]} <= held


def test_a_second_sync_writes_nothing(world: World, connection: Connection):
    world.run(connection, "full")
    world.sandbox.requests.clear()
    run = world.run(connection, "sync")
    assert run.state == "done"
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}
    assert run.counts["created"] == run.counts["updated"] == 0


def test_only_what_changed_is_written(world: World, connection: Connection):
    world.run(connection, "full")
    world.clock.advance(3600)
    first, second = alone(world)[:2]
    world.billing.edit_customer(first["id"], first_name="Grace", last_name="Hopper")
    own = [s for s in world.billing.subscriptions() if s["customer_id"] == second["id"]]
    world.billing.add_subscription(second["id"], status="active", mrr=12_300, currency_code="USD")
    world.sandbox.requests.clear()
    run = world.run(connection, "sync")
    writes = [(m, p) for _, m, p, *_ in world.sandbox.requests if m != "GET"]
    assert [m for m, _ in writes] == ["PATCH", "PATCH"], (writes, own)
    assert (run.counts["updated"], run.counts["created"]) == (2, 0)
    assert people_by_mark(world)[first["id"]][0]["name"] == "Grace Hopper"


def test_customers_that_share_an_email_share_a_person(world: World, connection: Connection):
    ids = [world.billing.add_customer(email="Twin@Example.com", first_name=n)["id"] for n in "AB"]
    world.clock.advance(10)
    world.billing.edit_customer(ids[0], first_name="Last")
    run = world.run(connection, "full")
    assert run.state == "done"
    twins = [p for p in world.crm.persons() if "twin@example.com" in emails(p)]
    assert len(twins) == 1
    assert twins[0]["name"] == "Last", "the customer that changed last has the last word"
    world.sandbox.requests.clear()
    world.run(connection, "sync")
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}


def test_the_first_sync_costs_little_more_than_its_writes(world: World, connection: Connection):
    world.sandbox.requests.clear()
    run = world.run(connection, "full")
    tokens = sum(tokens for *_, tokens in world.sandbox.requests)
    writes = [m for s, m, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]
    updates = writes.count("PATCH")
    walks = sum(10 for _, m, p, *_ in world.sandbox.requests if m == "GET" and p.endswith("s"))
    assert tokens <= walks + 5 * len(writes) + 10 * (updates // 100 + 1) + 120
    assert run.tokens == tokens
    assert run.requests_pipedrive == sum(s == "pipedrive" for s, *_ in world.sandbox.requests)
    assert sum(world.sandbox.too_many.values()) == 0


def test_nothing_but_get_goes_to_chargebee(world: World, connection: Connection):
    for kind in ("validate", "trial", "full", "sync"):
        world.run(connection, kind)
    assert {m for s, m, *_ in world.sandbox.requests if s == "chargebee"} == {"GET"}


def test_a_trial_writes_the_ten_oldest_without_a_finding(world: World, connection: Connection):
    run = world.run(connection, "trial")
    assert run.counts["customers"] == 10
    assert run.counts["created"] + run.counts["updated"] == 10
    assert len([mark for mark in people_by_mark(world) if mark]) in (9, 10)
    assert Record.objects.filter(kind="customer", dirty=False).count() == 10


def test_validation_and_preview_write_nothing_to_pipedrive(world: World, connection: Connection):
    for kind, more in (("validate", {}), ("preview", {"of": "full"})):
        run = world.run(connection, kind, **more)
        assert run.state == "done"
    assert {m for s, m, *_ in world.sandbox.requests if s == "pipedrive"} == {"GET"}
    assert run.changes.filter(state="planned").count() > 20


def test_a_lost_admin_right_ends_the_run_before_anything_else(world: World, connection: Connection):
    for entry in world.crm.me["access"]:
        entry["admin"] = False
    world.sandbox.requests.clear()
    run = world.run(connection, "full")
    assert run.state == "failed"
    assert "no admin" in run.message
    assert len(world.sandbox.requests) == 1


def test_a_run_waits_for_a_yes_where_the_brake_says_so(world: World, connection: Connection):
    world.run(connection, "full")
    world.clock.advance(3600)
    for customer in alone(world):
        world.billing.edit_customer(customer["id"], last_name="Changed")
    world.sandbox.requests.clear()
    run = world.run(connection, "sync", approved=False)
    assert run.state == "waiting"
    assert "linked people" in run.questions[0]
    assert {method for _, method, *_ in world.sandbox.requests} == {"GET"}
    Run.objects.filter(pk=run.pk).update(state="queued", approved=True)
    assert world.go_on(run).state == "done"


def test_a_sync_of_many_on_the_smallest_plan_keeps_to_its_price(transactional_db: None):
    """Longer than a reading is trusted, and with people that customers share."""
    world = World(customers=800, plan="lite")
    run = world.run(world.connect(), "full")
    calls = [(m, p, tokens) for s, m, p, _, tokens in world.sandbox.requests if s == "pipedrive"]
    writes = [method for method, *_ in calls if method != "GET"]
    people = sum(1 for _ in world.crm.persons())
    walks = 10 * (people // 500 + 1) + 10
    reads = 10 * (writes.count("PATCH") // 100 + 1)
    assert run.state == "done"
    assert run.tokens <= walks + 5 * len(writes) + reads + 120
    assert world.sandbox.too_many["pipedrive"] == 0


def test_an_update_whose_answer_was_lost_counts_as_updated(transactional_db: None):
    world = World(customers=0, people_before=0.0)
    connection = world.connect()
    world.billing.add_customer(id="ada", email="ada@x.co", first_name="Ada")
    world.run(connection, "full")
    world.billing.edit_customer("ada", first_name="Countess")
    world.faults.add(lost_write("drop_after", 0))
    world.clock.advance(3600)
    run = world.go_on(Run.objects.create(connection=connection, kind="sync", approved=True))
    assert (run.state, run.counts["updated"], run.counts["unchanged"]) == ("done", 1, 0)
    (change,) = run.changes.all()
    assert not change.adopted
