"""Every answer of the sandbox, against the published descriptions of the APIs.

How objects are closed and what is relaxed, with reasons: closing.py and relaxed.py. Errors are in
test_error_answers.py; here are all sample records and every kind of record that edits make.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from chargepipe.sandbox import Options
from chargepipe.sandbox.pipedrive.costs import V1, V2
from contract.descriptions import component, find
from contract.events import content_complaints
from contract.line import WitnessedLine
from contract.operations import complaints
from contract.specs import pipedrive_v1_spec, pipedrive_v2_spec

ADDRESS = {"value": "Main Street 1, Berlin", "country": "DE"}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def line() -> WitnessedLine:
    return WitnessedLine(customers=400, plan="ultimate", options=Options(calls_per_minute=10_000))


@pytest.fixture(autouse=True)
def _sworn(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of the shared line did, its exchanges are as described."""
    yield
    if "line" in request.fixturenames:
        witness = request.getfixturevalue("line").witness
        witness.swear()
        witness.exchanges.clear()


@pytest.mark.parametrize("name", ["/customers", "/subscriptions", "/invoices"])
def test_every_sample_record_of_chargebee_is_as_described(line: WitnessedLine, name: str) -> None:
    assert len(line.ids(name, limit=100, include_deleted="true")) > 200


@pytest.mark.parametrize("name", ["/customers", "/subscriptions", "/invoices"])
def test_single_records_of_chargebee_are_as_described(line: WitnessedLine, name: str) -> None:
    for record_id in line.ids(name, limit=100)[:20]:
        assert line.billing(f"{name}/{quote(record_id, safe='')}").status_code == 200


def test_configurations_are_as_described(line: WitnessedLine) -> None:
    assert line.billing("/configurations").status_code == 200


def test_events_and_edited_records_of_chargebee_are_as_described() -> None:
    line = WitnessedLine(customers=30)
    billing = line.sandbox.billing
    customer = billing.add_customer(first_name="Ada", email="ada@new.example", cf_tier="gold")
    subscription = billing.add_subscription(customer["id"])
    billing.edit_subscription(subscription["id"], status="cancelled", next_billing_at=None)
    billing.edit_mrr(subscription["id"], 0)
    invoice = billing.add_invoice(customer["id"])
    billing.edit_invoice(invoice["id"], status="voided")
    billing.delete_customer(customer["id"])
    assert len(line.billing("/events", limit=100).json()["list"]) == 7
    for name in ("/customers", "/subscriptions", "/invoices"):
        field = "id" if name == "/customers" else "customer_id"
        found = line.billing(name, include_deleted="true", **{f"{field}__is": customer["id"]})
        assert len(found.json()["list"]) == 1
    line.witness.swear()


@pytest.mark.parametrize("plural", ["persons", "organizations"])
def test_records_of_pipedrive_are_as_described(plural: str) -> None:
    line = WitnessedLine(customers=400, plan="ultimate")
    base = f"/{plural.removesuffix('s')}Fields"
    line.crm("POST", base, {"field_name": "Tier", "field_type": "varchar"})
    line.crm("GET", f"/{plural}", limit=500)
    created = line.crm("POST", f"/{plural}", {"name": "Ada Lovelace"} | full(plural))
    one = f"/{plural}/{created.json()['data']['id']}"
    line.crm("PATCH", one, {"name": "Ada"})
    line.crm("GET", one)
    line.clock.advance(10)
    assert line.crm("GET", f"/{plural}/search", term="an", limit=50).json()["data"]["items"]
    line.crm("DELETE", one)
    assert all(exchange.status == 200 for exchange in line.witness.exchanges)
    line.witness.swear()


def full(plural: str) -> Json:
    if plural == "organizations":
        return {"address": ADDRESS, "website": "https://x.example", "employee_count": 3}
    contact = [{"value": "1"}, {"value": "2", "label": "home"}]
    return {"emails": contact, "phones": contact, "org_id": 1, "visible_to": 7}


@pytest.mark.parametrize("entity", ["person", "organization", "deal"])
def test_fields_of_pipedrive_are_as_described(entity: str) -> None:
    line, base = WitnessedLine(customers=5), f"/{entity}Fields"
    body = {"field_name": "CB Status", "field_type": "enum", "options": [{"label": "Active"}]}
    one = f"{base}/{line.crm('POST', base, body).json()['data']['field_code']}"
    line.crm("POST", base, {"field_name": "CB MRR", "field_type": "monetary"})
    line.crm("POST", f"{one}/options", [{"label": "Deleted"}])
    line.crm("PATCH", one, {"field_name": "Status"})
    line.crm("GET", base)
    line.clock.advance(10)
    more = "ui_visibility,important_fields,required_fields"
    line.crm("GET", one, include_fields=more)
    line.crm("DELETE", one)
    assert [e.status for e in line.witness.exchanges if e.status != 200] == []
    line.witness.swear()


@pytest.mark.parametrize("path", ["/users/me", "/users", "/currencies"])
def test_answers_of_pipedrive_v1_are_as_described(path: str) -> None:
    line = WitnessedLine(customers=5)
    for base in ("/api/v1", "/v1"):
        assert line.send("pipedrive", "GET", base + path).status_code == 200
    line.witness.swear()


@pytest.mark.parametrize(
    ("table", "base", "read"),
    [(V2, "/api/v2", pipedrive_v2_spec), (V1, "/api/v1", pipedrive_v1_spec)],
)
def test_the_token_table_is_the_published_one(
    table: dict[tuple[str, str], int], base: str, read: Callable[[], Json]
) -> None:
    assert read()
    found = {call: find("pipedrive", call[0], base + call[1]) for call in table}
    assert table == {call: each and each.details["x-token-cost"] for call, each in found.items()}


def test_what_a_webhook_of_chargebee_gets_is_an_event_as_described() -> None:
    line = WitnessedLine(customers=5)
    auth = (line.sandbox.chargebee_full_key, "")
    hook = {"name": "Hook", "url": "http://127.0.0.1:9/hook"}
    line.send("chargebee", "POST", "/api/v2/webhook_endpoints", auth=auth, data=hook)
    customer = line.sandbox.billing.add_customer(first_name="Ada")
    line.sandbox.subscriptions.start(customer["id"])
    line.clock.advance(60)
    posts = line.sandbox.outbox.due()
    types = {post.body["event_type"] for post in posts}
    assert {"customer_created", "subscription_created", "invoice_generated"} <= types
    for post in posts:
        assert [*complaints(component("Event"), post.body, "event")] == []
        assert [*content_complaints(post.body)] == []
    line.witness.swear()
