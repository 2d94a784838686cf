"""Answers under every product catalog, every schema form and every option of the sandbox."""

from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from chargepipe.sandbox import Options
from chargepipe.sandbox.chargebee.site import Catalog
from contract.line import WitnessedLine

FORM_HEADER = "chargebee-response-schema-type"
ENTITY_HEADER = "chargebee-business-entity-id"
LISTS = ("/customers", "/subscriptions", "/invoices", "/credit_notes", "/events")
SINCE = "2026-01-01T00:00:00Z"


def others() -> list[tuple[str, Any]]:
    """Each option with each value that is not its careful default, where these can be counted."""
    found: list[tuple[str, Any]] = []
    hints, usual = get_type_hints(Options), Options()
    for option in fields(Options):
        hint, default = hints[option.name], getattr(usual, option.name)
        values = (True, False) if hint is bool else ()
        values = get_args(hint) if get_origin(hint) is Literal else values
        found += [(option.name, value) for value in values if value != default]
    return found


def tour(line: WitnessedLine) -> None:
    """Some of everything on both sides, deleted and hidden records too."""
    sandbox = line.sandbox
    ada = sandbox.billing.add_customer(first_name="Ada <b>", cf_tier="gold", cf_since="2026-01-31")
    subscription = sandbox.subscriptions.start(ada["id"])
    invoice = sandbox.invoices.raise_for(ada["id"], 500)
    sandbox.invoices.pay(invoice["id"])
    sandbox.invoices.refund(invoice["id"], 100)
    sandbox.subscriptions.cancel(subscription["id"])
    sandbox.customers.clear_personal_data(ada["id"])
    sandbox.customers.delete(sandbox.billing.add_customer(first_name="Bo")["id"])
    line.clock.advance(600)
    for path in LISTS:
        line.billing(path, limit=100)
    line.billing("/customers", include_deleted="true", updated_at__after=1)
    line.billing("/custom_field_configs")
    for kind, body in (("persons", {"name": "<b>"}), ("organizations", {"name": "x"})):
        made = line.crm("POST", f"/{kind}", body).json()["data"]["id"]
        line.crm("DELETE", f"/{kind}/{made}")
        line.crm("GET", f"/{kind}/{made}")
        line.crm("PATCH", f"/{kind}/{made}", {"name": "y"})
        line.crm("GET", f"/{kind}", updated_since=SINCE, limit=500)
        line.clock.advance(5)
        line.crm("GET", f"/{kind}/search", term="an")
    hidden(line)
    deal(line)


def hidden(line: WitnessedLine) -> None:
    made = line.crm("POST", "/persons", {"name": "Hidden"}).json()["data"]["id"]
    line.sandbox.crm.hide("person", made)
    line.crm("GET", f"/persons/{made}")
    line.crm("GET", "/persons", ids=str(made))


def deal(line: WitnessedLine) -> None:
    body = {"title": "x" * 256, "value": 5, "currency": "EUR", "expected_close_date": "2026-12-24"}
    line.crm("POST", "/deals", body)
    made = line.crm("POST", "/deals", body | {"title": "y"}).json()["data"]["id"]
    line.crm("PATCH", f"/deals/{made}", {"value": 6})
    line.crm("DELETE", f"/deals/{made}")
    line.crm("GET", f"/deals/{made}")
    line.crm("GET", "/deals", status="deleted")


@pytest.mark.parametrize(("name", "value"), others())
def test_answers_under_every_other_option_are_as_described(name: str, value: Any) -> None:
    options = Options(**{name: value})
    line = WitnessedLine(customers=12, plan="ultimate", options=options)
    tour(line)
    line.witness.swear()


@pytest.mark.parametrize("catalog", get_args(Catalog))
@pytest.mark.parametrize("form", [None, "items", "plans_addons", "compat"])
def test_records_of_every_catalog_are_as_described(catalog: Catalog, form: str | None) -> None:
    line = WitnessedLine(customers=60)
    line.sandbox.site.catalog = catalog
    customer = line.ids("/customers")[0]
    line.sandbox.subscriptions.start(customer)
    moved = line.sandbox.billing.add_customer(first_name="Bo")
    line.sandbox.customers.transfer(moved["id"], "be_emea")
    headers = {FORM_HEADER: form} if form else {}
    for path in LISTS:
        assert ask(line, path, headers)["list"] or path == "/credit_notes"
    entity = ask(line, "/customers", headers | {ENTITY_HEADER: "be_emea"})["list"]
    assert {entry["customer"]["business_entity_id"] for entry in entity} == {"be_emea"}
    line.witness.swear()


def ask(line: WitnessedLine, path: str, headers: dict[str, str]) -> dict[str, Any]:
    auth = (line.sandbox.chargebee_key, "")
    address = f"/api/v2{path}"
    answer = line.send(
        "chargebee", "GET", address, headers=headers, auth=auth, params={"limit": 100}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
