"""Every answer of the sandbox, against the published descriptions of the APIs.

Objects are closed first: an attribute that the description does not name fails, unless the object
is one that is open by nature (custom_fields, a Chargebee event's content). Relaxed, each because
the description is known to be wrong or silent there:

- NULL_IN_PIPEDRIVE: Pipedrive types them as never null (its nullability is unreliable, fact sheet
  0), yet they are null on records without a value, and `next_cursor` is on the last page; the
  parts of an address that a write leaves out become null (fact sheet 4).
- UNNAMED_IN_CHARGEBEE: attributes that begin with cf_ are the merchant's own; invoices carry
  base_currency_code in recorded samples, though the description leaves it out.
- Pipedrive describes no errors but one 401; its errors are held against the shapes of fact
  sheet 9 instead.
"""

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from jsonschema import Draft202012Validator

from chargepipe.sandbox import Fault, Options
from chargepipe.sandbox.pipedrive.costs import V1, V2
from contract.specs import chargebee_spec, pipedrive_v1_spec, pipedrive_v2_spec
from sandbox.line import Line

NULL_IN_PIPEDRIVE = {
    *("last_name", "org_id", "picture_id", "address", "organization", "next_cursor"),
    *("country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route"),
    *("street_number", "subpremise", "postal_code"),
}
UNNAMED_IN_CHARGEBEE = "^cf_|^base_currency_code$"
OPEN = {"custom_fields", "content"}
ADDRESS = {"value": "Main Street 1, Berlin", "country": "DE"}
Json = dict[str, Any]


def schema_of(spec: Json, method: str, template: str, status: int) -> Json:
    """The closed schema of one answer."""
    answer = spec["paths"][template][method.lower()]["responses"][str(status)]
    return closed(spec, answer["content"]["application/json"]["schema"], "")


def closed(spec: Json, schema: Json, name: str) -> Json:
    """A schema with references resolved, `allOf` laid together, nulls and closing as above."""
    if "$ref" in schema:
        part: Any = spec
        for key in schema["$ref"].removeprefix("#/").split("/"):
            part = part[key]
        return closed(spec, part, name)
    made = {key: value for key, value in schema.items() if key not in ("allOf", "required")}
    properties = {
        key: closed(spec, part, key) for key, part in schema.get("properties", {}).items()
    }
    for part in [closed(spec, part, name) for part in schema.get("allOf", [])]:
        properties |= part.pop("properties", {})
        made |= part
    if properties and name not in OPEN:
        made |= {"properties": properties, "additionalProperties": False}
        made["patternProperties"] = {UNNAMED_IN_CHARGEBEE: {}}
    if "items" in schema:
        made["items"] = closed(spec, schema["items"], name)
    return nullable(made, name)


def nullable(schema: Json, name: str) -> Json:
    """OpenAPI 3.0 writes `nullable: true` where JSON Schema has a type null."""
    if (schema.pop("nullable", False) or name in NULL_IN_PIPEDRIVE) and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


@cache
def chargebee(template: str, status: int) -> Draft202012Validator:
    return Draft202012Validator(schema_of(chargebee_spec(), "GET", template, status))


@cache
def pipedrive_v2(method: str, template: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(pipedrive_v2_spec(), method, template, 200))


@cache
def pipedrive_v1(template: str, status: int) -> Draft202012Validator:
    return Draft202012Validator(schema_of(pipedrive_v1_spec(), "GET", template, status))


def described(name: str, spec: Json) -> str:
    """The template under which Chargebee's description holds a path."""
    return next(path for path in spec["paths"] if path.startswith(f"{name}/{{") and path[-1] == "}")


@pytest.fixture(scope="module")
def line() -> Line:
    return Line(customers=400, plan="ultimate", options=Options(calls_per_minute=10_000))


@pytest.mark.parametrize("name", ["/customers", "/subscriptions", "/invoices"])
def test_every_sample_record_of_chargebee_is_as_described(line: Line, name: str) -> None:
    params: Json = {"limit": 100, "include_deleted": "true"}
    while True:
        body = line.billing(name, **params).json()
        chargebee(name, 200).validate(body)
        assert body["list"]
        if "next_offset" not in body:
            return
        params["offset"] = body["next_offset"]


@pytest.mark.parametrize("name", ["/customers", "/subscriptions", "/invoices"])
def test_single_records_of_chargebee_are_as_described(line: Line, name: str) -> None:
    template = described(name, chargebee_spec())
    for record_id in line.ids(name, limit=100)[:20]:
        answer = line.billing(f"{name}/{quote(record_id, safe='')}")
        assert answer.status_code == 200
        chargebee(template, 200).validate(answer.json())


def test_configurations_are_as_described(line: Line) -> None:
    chargebee("/configurations", 200).validate(line.billing("/configurations").json())


def test_events_and_edited_records_of_chargebee_are_as_described() -> None:
    line = Line(customers=30)
    billing = line.sandbox.billing
    customer = billing.add_customer(first_name="Ada", email="ada@new.example", cf_tier="gold")
    subscription = billing.add_subscription(customer["id"])
    billing.edit_subscription(subscription["id"], status="cancelled", next_billing_at=None)
    billing.edit_mrr(subscription["id"], 0)
    invoice = billing.add_invoice(customer["id"])
    billing.edit_invoice(invoice["id"], status="voided")
    billing.delete_customer(customer["id"])
    events = line.billing("/events", limit=100).json()
    assert len(events["list"]) == 7
    chargebee("/events", 200).validate(events)
    for name in ("/customers", "/subscriptions", "/invoices"):
        field = "id" if name == "/customers" else "customer_id"
        found = line.billing(name, include_deleted="true", **{f"{field}__is": customer["id"]})
        assert len(found.json()["list"]) == 1
        chargebee(name, 200).validate(found.json())


CHARGEBEE_ERRORS: dict[int, Callable[[Line], httpx2.Response]] = {
    400: lambda line: line.billing("/customers", limit=101),
    401: lambda line: line.send("chargebee", "GET", "/api/v2/customers", auth=("no", "")),
    404: lambda line: line.billing("/customers/nobody"),
    403: lambda line: faulted(line, 403),
    429: lambda line: faulted(line, 429),
    500: lambda line: faulted(line, 500),
    503: lambda line: faulted(line, 503),
}


def faulted(line: Line, status: int) -> httpx2.Response:
    line.sandbox.faults.add(Fault(service="chargebee", status=status))
    return line.billing("/customers")


@pytest.mark.parametrize("status", CHARGEBEE_ERRORS)
def test_errors_of_chargebee_are_as_described(status: int) -> None:
    answer = CHARGEBEE_ERRORS[status](Line(customers=5))
    assert answer.status_code == status
    template = described("/customers", chargebee_spec()) if status == 404 else "/customers"
    chargebee(template, status).validate(answer.json())
    assert answer.json()["http_status_code"] == status


def test_the_429_of_a_full_window_is_as_described() -> None:
    line = Line(customers=5, options=Options(calls_per_minute=1))
    line.billing("/customers")
    answer = line.billing("/customers")
    assert answer.status_code == 429
    chargebee("/customers", 429).validate(answer.json())


@pytest.mark.parametrize("plural", ["persons", "organizations"])
def test_records_of_pipedrive_are_as_described(plural: str) -> None:
    line = Line(customers=400, plan="ultimate")
    base = f"/{plural.removesuffix('s')}Fields"
    line.crm("POST", base, {"field_name": "Tier", "field_type": "varchar"})
    answers = {("GET", ""): line.crm("GET", f"/{plural}", limit=500)}
    created = line.crm("POST", f"/{plural}", {"name": "Ada Lovelace"} | full(plural))
    answers["POST", ""] = created
    one = f"/{plural}/{created.json()['data']['id']}"
    answers["PATCH", "/{id}"] = line.crm("PATCH", one, {"name": "Ada"})
    answers["GET", "/{id}"] = line.crm("GET", one)
    line.clock.advance(10)
    answers["GET", "/search"] = line.crm("GET", f"/{plural}/search", term="an", limit=50)
    answers["DELETE", "/{id}"] = line.crm("DELETE", one)
    assert answers["GET", "/search"].json()["data"]["items"]
    for (method, tail), answer in answers.items():
        assert answer.status_code == 200
        pipedrive_v2(method, f"/{plural}{tail}").validate(answer.json())


def full(plural: str) -> Json:
    if plural == "organizations":
        return {"address": ADDRESS, "website": "https://x.example", "employee_count": 3}
    contact = [{"value": "1"}, {"value": "2", "label": "home"}]
    return {"emails": contact, "phones": contact, "org_id": 1, "visible_to": 7}


@pytest.mark.parametrize("entity", ["person", "organization", "deal"])
def test_fields_of_pipedrive_are_as_described(entity: str) -> None:
    line, base = Line(customers=5), f"/{entity}Fields"
    body = {"field_name": "CB Status", "field_type": "enum", "options": [{"label": "Active"}]}
    answers = {("POST", ""): line.crm("POST", base, body)}
    one = f"{base}/{answers['POST', ''].json()['data']['field_code']}"
    line.crm("POST", base, {"field_name": "CB MRR", "field_type": "monetary"})
    added = line.crm("POST", f"{one}/options", [{"label": "Deleted"}])
    answers["POST", "/{field_code}/options"] = added
    answers["PATCH", "/{field_code}"] = line.crm("PATCH", one, {"field_name": "Status"})
    answers["GET", ""] = line.crm("GET", base)
    line.clock.advance(10)
    more = "ui_visibility,important_fields,required_fields"
    answers["GET", "/{field_code}"] = line.crm("GET", one, include_fields=more)
    answers["DELETE", "/{field_code}"] = line.crm("DELETE", one)
    for (method, tail), answer in answers.items():
        assert answer.status_code == 200, answer.text
        pipedrive_v2(method, f"{base}{tail}").validate(answer.json())


@pytest.mark.parametrize("path", ["/pipelines", "/stages"])
def test_pipelines_and_stages_are_as_described(path: str) -> None:
    body = Line(customers=5).crm("GET", path).json()
    assert body["data"]
    pipedrive_v2("GET", path).validate(body)


@pytest.mark.parametrize("path", ["/users/me", "/users", "/currencies"])
def test_answers_of_pipedrive_v1_are_as_described(path: str) -> None:
    line = Line(customers=5)
    for base in ("/api/v1", "/v1"):
        answer = line.send("pipedrive", "GET", base + path)
        assert answer.status_code == 200
        pipedrive_v1(path, 200).validate(answer.json())


def test_a_bad_token_is_refused_in_the_described_shape() -> None:
    answer = Line(customers=5).send("pipedrive", "GET", "/v1/users/me", headers={})
    assert answer.status_code == 401
    shape = schema_of(pipedrive_v1_spec(), "GET", "/users/me", 401)
    shape["properties"]["error_info"] = {"type": "string"}  # seen live, fact sheet 9
    Draft202012Validator(shape).validate(answer.json())


def test_errors_of_pipedrive_have_one_shape() -> None:
    line = Line(customers=5)
    line.sandbox.faults.add(Fault(path="/pipelines", status=503))
    calls = {
        400: line.crm("GET", "/persons", limit=501),
        403: line.crm("POST", "/persons", {"name": "x", "birthday": "2000-01-01"}),
        404: line.crm("GET", "/persons/999999"),
        405: line.crm("PUT", "/persons/1", {}),
        503: line.crm("GET", "/pipelines"),
    }
    for status, answer in calls.items():
        body = answer.json()
        assert answer.status_code == status
        assert body["success"] is False
        assert body["data"] is body["additional_data"] is None
        assert isinstance(body["error"], str)
        assert isinstance(body["error_info"], str)


@pytest.mark.parametrize(("table", "read"), [(V2, pipedrive_v2_spec), (V1, pipedrive_v1_spec)])
def test_the_token_table_is_the_published_one(
    table: dict[tuple[str, str], int], read: Callable[[], Json]
) -> None:
    paths = read()["paths"]
    published = {call: paths[call[1]][call[0].lower()]["x-token-cost"] for call in table}
    assert table == published
