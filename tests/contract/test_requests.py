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

from chargepipe.chargebee import Chargebee, Kind, open_chargebee
from chargepipe.chargebee.client import CONFIGURATIONS, LISTS, ONES
from chargepipe.http import Call, Throttle
from chargepipe.pipedrive import Entity, Pipedrive, costs, open_pipedrive
from contract.descriptions import Service, find
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


def complaints(request: httpx2.Request) -> list[str]:
    """What is wrong with a request of one of the two clients."""
    service: Service = "chargebee" if request.url.host.endswith("chargebee.com") else "pipedrive"
    path = request.url.raw_path.decode().partition("?")[0]
    operation = find(service, request.method, path)
    if operation is None:
        return [f"{request.method} {path} is not described"]
    body = json.loads(request.content) if request.content else None
    return [
        *operation.query_complaints(request.url.params.multi_items()),
        *operation.body_complaints(request.headers.get("content-type", ""), body),
    ]


async def everything_of_pipedrive(client: Pipedrive) -> None:
    await client.me()
    await client.users()
    await client.currencies()
    await client.pipelines()
    await client.stages()
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
    await walk(client.pages("deal", include=["products_count"]))


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


def test_every_request_to_pipedrive_is_as_described(
    from_pipedrive: tuple[list[httpx2.Request], list[Call]],
) -> None:
    assert [found for request in from_pipedrive[0] for found in complaints(request)] == []


def test_every_request_to_chargebee_is_as_described(from_chargebee: list[httpx2.Request]) -> None:
    assert [found for request in from_chargebee for found in complaints(request)] == []
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


def test_every_price_is_the_published_one() -> None:
    for operation in costs.ALL:
        described = find("pipedrive", operation.method, operation.template)
        assert described is not None
        assert described.details["x-token-cost"] == operation.cost
        assert costs.cost(operation.method, operation.template) == operation.cost


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
def test_the_check_itself_finds_what_is_wrong(method: str, address: str, body: Any) -> None:
    request = httpx2.Request(method, f"https://acme.pipedrive.com{address}", json=body)
    assert complaints(request)
