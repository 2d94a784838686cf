"""Every request that the clients send, against the published descriptions of the APIs.

Checked: the operation exists; each query parameter is named there and its value fits type and
enumeration; the body fits its schema, and no object but `custom_fields` holds an unnamed key
(Pipedrive refuses such bodies, though the description does not say additionalProperties: false).
"""

import json
import re
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import unquote

import httpx2
import pytest
from jsonschema import Draft202012Validator

from chargepipe.chargebee import Chargebee, Kind, open_chargebee
from chargepipe.chargebee.client import CONFIGURATIONS, LISTS, ONES
from chargepipe.http import Call, Operation, Throttle
from chargepipe.pipedrive import Entity, Pipedrive, costs, open_pipedrive
from contract.specs import chargebee_spec, pipedrive_v1_spec, pipedrive_v2_spec
from scripted import Scripted, reply
from virtual_time import VirtualClock

CODE = "a" * 40
RECORD: dict[str, Any] = {
    "id": 1,
    "company_id": 1,
    "field_code": CODE,
    "field_name": "CB Plan",
    "field_type": "varchar",
}
CUSTOM = {CODE: "x", "b" * 40: None, "c" * 40: {"value": 12.5, "currency": "EUR"}}
BODIES: dict[Entity, dict[str, Any]] = {
    "person": {
        "name": "Ann Lee",
        "org_id": 3,
        "owner_id": 4,
        "visible_to": 3,
        "label_ids": [1],
        "emails": [{"value": "ann@example.com", "primary": True, "label": "work"}],
        "phones": [{"value": "+4930123456", "primary": True, "label": "work"}],
        "custom_fields": CUSTOM,
    },
    "organization": {
        "name": "Acme",
        "owner_id": 4,
        "visible_to": 3,
        "label_ids": [1],
        "custom_fields": CUSTOM,
    },
    "deal": {
        "title": "Acme: Gold",
        "value": 12.5,
        "currency": "EUR",
        "person_id": 1,
        "org_id": 3,
        "pipeline_id": 1,
        "stage_id": 2,
        "status": "lost",
        "lost_reason": "not_paid",
        "lost_time": "2026-11-01T10:00:00Z",
        "expected_close_date": "2026-12-01",
        "custom_fields": CUSTOM,
    },
}
SINCE = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)


class Contract:
    """One description; `base` is the part of a path that its servers' addresses hold."""

    def __init__(self, spec: dict[str, Any], base: str) -> None:
        self.spec = spec
        self.base = base

    def covers(self, path: str) -> bool:
        return path.startswith(f"{self.base}/")

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """Find the operation of a template, or of a path that fills one in."""
        inner = path.removeprefix(self.base)
        for template, item in self._by_literalness():
            if method.lower() in item and re.fullmatch(_pattern(template), inner):
                return item[method.lower()] | {"path_parameters": item.get("parameters", [])}
        raise AssertionError(f"{method} {path} is not described")

    def resolve(self, schema: Any) -> Any:
        """Put referenced parts in their place and close all objects but the open ones."""
        if isinstance(schema, list):
            return [self.resolve(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            part: Any = self.spec
            for key in schema["$ref"].removeprefix("#/").split("/"):
                part = part[key]
            return self.resolve(part)
        found = {key: self.resolve(part) for key, part in schema.items()}
        return _nullable(_merged(found))

    def _by_literalness(self) -> list[tuple[str, dict[str, Any]]]:
        return sorted(self.spec["paths"].items(), key=lambda row: row[0].count("{"))


def _pattern(template: str) -> str:
    return re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))


def _merged(schema: dict[str, Any]) -> dict[str, Any]:
    """Close an object; first lay together the parts of an `allOf`."""
    for part in schema.pop("allOf", []):
        schema["properties"] = part.get("properties", {}) | schema.get("properties", {})
        schema["required"] = part.get("required", []) + schema.get("required", [])
    if "properties" in schema and not schema.get("additionalProperties"):
        schema["additionalProperties"] = False
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 writes `nullable: true` where JSON Schema has a type null."""
    if schema.pop("nullable", False) is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema


@pytest.fixture(scope="module")
def contracts() -> list[Contract]:
    return [
        Contract(chargebee_spec(), "/api/v2"),
        Contract(pipedrive_v2_spec(), "/api/v2"),
        Contract(pipedrive_v1_spec(), "/api/v1"),
    ]


def check(contract: Contract, request: httpx2.Request) -> None:
    path = request.url.raw_path.decode().partition("?")[0]
    operation = contract.operation(request.method, path)
    described = {
        parameter["name"]: parameter
        for parameter in operation.get("parameters", []) + operation["path_parameters"]
        if parameter["in"] == "query"
    }
    for name, value in request.url.params.multi_items():
        assert name in described, f"{name} is not a parameter of {request.method} {path}"
        check_value(contract.resolve(described[name]["schema"]), value)
    required = {name for name, parameter in described.items() if parameter.get("required")}
    assert required <= set(request.url.params)
    check_body(contract, operation, request)


def check_value(schema: dict[str, Any], text: str) -> None:
    typed: Any = text
    if schema["type"] in ("integer", "boolean"):
        typed = json.loads(text)
    Draft202012Validator(schema).validate(typed)


def check_body(contract: Contract, operation: dict[str, Any], request: httpx2.Request) -> None:
    described = operation.get("requestBody")
    if described is None:
        assert request.content == b""
        return
    schema = contract.resolve(described["content"]["application/json"]["schema"])
    assert request.headers["content-type"] == "application/json"
    Draft202012Validator(schema).validate(json.loads(request.content))


async def everything_of_pipedrive(client: Pipedrive) -> None:
    await client.me()
    await client.users()
    await client.currencies()
    for entity in get_args(Entity):
        await client.fields(entity)
        await client.create_field(entity, "CB Status", "enum", ["Active", "Deleted"])
        await client.create_field(entity, "CB Plan", "varchar")
        await client.add_options(entity, CODE, ["Paused"])
        await walk(client.pages(entity))
        await walk(client.pages(entity, updated_since=SINCE, custom_fields=[CODE], cursor="c"))
        await client.by_ids(entity, [1, 2, 3], [CODE])
        await client.get(entity, 1)
        await client.create(entity, BODIES[entity])
        await client.update(entity, 1, BODIES[entity])
        await client.delete(entity, 1)
    await walk(client.pages("deal", which="archived", updated_since=SINCE, custom_fields=[CODE]))
    await walk(client.pages("deal", which="deleted", updated_since=SINCE))


async def everything_of_chargebee(client: Chargebee) -> None:
    await client.configuration()
    for kind in get_args(Kind):
        await walk(client.pages(kind))
        await walk(client.pages(kind, offset='["1","2"]', include_deleted=False))
        await walk(client.pages(kind, updated_after=1_700_000_000))
        await client.get(kind, "a/b c")


async def walk(pages: Any) -> None:
    async for _ in pages:
        pass


def answer_pipedrive(request: httpx2.Request) -> httpx2.Response:
    path = request.url.path
    if path.endswith("/options"):
        return reply(200, {"success": True, "data": [{"id": 1, "label": "Paused"}]})
    listed = request.method == "GET" and not re.search(r"/(me|\d+)$", path)
    return reply(200, {"success": True, "data": [RECORD] if listed else RECORD})


def answer_chargebee(request: httpx2.Request) -> httpx2.Response:
    one = {kind: {"id": "a"} for kind in get_args(Kind)}
    return reply(200, {"list": [], "configurations": [{"domain": "acme"}], **one})


@pytest.fixture(scope="module")
def from_pipedrive() -> tuple[list[httpx2.Request], list[Call]]:
    server, calls = Scripted(answer_pipedrive), list[Call]()
    client = open_pipedrive(
        "https://acme.pipedrive.com",
        "token",
        throttle=Throttle.pipedrive(),
        transport=server,
        calls=calls.append,
    )
    VirtualClock().run(everything_of_pipedrive(client))
    return server.requests, calls


@pytest.fixture(scope="module")
def from_chargebee() -> list[httpx2.Request]:
    server = Scripted(answer_chargebee)
    VirtualClock().run(
        everything_of_chargebee(
            open_chargebee("https://acme-test.chargebee.com", "key", transport=server)
        )
    )
    return server.requests


def contract_of(contracts: list[Contract], request: httpx2.Request) -> Contract:
    of_chargebee = request.url.host.endswith("chargebee.com")
    candidates = contracts[:1] if of_chargebee else contracts[1:]
    return next(c for c in candidates if c.covers(request.url.path))


def test_every_request_to_pipedrive_is_as_described(
    contracts: list[Contract], from_pipedrive: tuple[list[httpx2.Request], list[Call]]
) -> None:
    for request in from_pipedrive[0]:
        check(contract_of(contracts, request), request)


def test_every_request_to_chargebee_is_as_described(
    contracts: list[Contract], from_chargebee: list[httpx2.Request]
) -> None:
    for request in from_chargebee:
        check(contract_of(contracts, request), request)
    assert "/api/v2/customers/a%2Fb%20c" in {r.url.raw_path.decode() for r in from_chargebee}
    assert any(unquote(r.url.query.decode()).endswith('offset=["1","2"]') for r in from_chargebee)


def test_every_operation_of_the_clients_was_sent(
    from_pipedrive: tuple[list[httpx2.Request], list[Call]], from_chargebee: list[httpx2.Request]
) -> None:
    sent = {(call.method, call.template) for call in from_pipedrive[1]}
    assert sent == {(operation.method, operation.template) for operation in costs.ALL}
    paths = {request.url.path.replace("/a/b c", "/{id}") for request in from_chargebee}
    ours = (CONFIGURATIONS, *LISTS.values(), *ONES.values())
    assert paths == {operation.template for operation in ours}


def test_every_price_is_the_published_one(contracts: list[Contract]) -> None:
    published = {
        operation: contract_for(contracts, operation).operation(
            operation.method, operation.template
        )["x-token-cost"]
        for operation in costs.ALL
    }
    assert published == {operation: operation.cost for operation in costs.ALL}
    assert all(costs.cost(o.method, o.template) == o.cost for o in costs.ALL)


def contract_for(contracts: list[Contract], operation: Operation) -> Contract:
    return next(c for c in contracts[1:] if c.covers(operation.template))


WRONG: list[tuple[str, str, Any]] = [
    ("GET", "/api/v2/persons?limits=5", None),
    ("GET", "/api/v2/persons?limit=many", None),
    ("GET", "/api/v2/persons?sort_by=name", None),
    ("GET", "/api/v2/people", None),
    ("PUT", "/api/v2/persons/1", {"name": "Ann"}),
    ("POST", "/api/v2/persons", {"name": 7}),
    ("POST", "/api/v2/persons", {"name": "Ann", "e-mail": "x"}),
    ("POST", "/api/v2/persons", {"name": "Ann", "emails": ["ann@example.com"]}),
    ("POST", "/api/v2/deals", {"value": 1}),
]


@pytest.mark.parametrize(("method", "address", "body"), WRONG)
def test_the_check_itself_finds_what_is_wrong(
    contracts: list[Contract], method: str, address: str, body: Any
) -> None:
    request = httpx2.Request(method, f"https://acme.pipedrive.com{address}", json=body)
    with pytest.raises(Exception, match=r"."):
        check(contract_of(contracts, request), request)
