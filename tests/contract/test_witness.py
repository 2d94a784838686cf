"""The witness itself: it lets right exchanges pass and complains of wrong ones."""

import json
from typing import Any

import pytest

from contract.descriptions import Service, needed
from contract.line import WitnessedLine
from contract.witness import Exchange

PERSON = {"id": 1, "name": "Ada"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def exchange(call: str, answer: Any, status: int = 200, body: bytes = b"", **more: Any) -> Exchange:
    """`call` as ``METHOD /path?query``."""
    method, _, address = call.partition(" ")
    path, _, query = address.partition("?")
    service: Service = "chargebee" if "customers" in path or "webhook_" in path else "pipedrive"
    return Exchange(
        service,
        method,
        path,
        tuple(tuple(pair.split("=")) for pair in query.split("&") if pair),  # type: ignore[misc]
        more.get("headers", {}),
        body,
        status,
        more.get("kind", "application/json; charset=utf-8"),
        answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
    )


ROW = {"success": True, "data": PERSON}
RIGHT = [
    exchange("GET /api/v2/persons/1", ROW),
    exchange("GET /api/v2/persons?limit=5", {"success": True, "data": [PERSON]}),
    exchange("POST /api/v2/persons", ROW, body=b'{"name": "Ada"}', headers=JSON),
    exchange("GET /api/v2/customers", {"list": [{"customer": {"id": "a", "cf_x": 1}}]}),
    exchange("GET /api/v2/nonsense", {"success": False, "error": "no"}, 401),
    exchange("GET /api/v2/persons", b"<html>", 403, kind="text/html"),
    exchange("GET /api/v2/persons", b"", 0, kind=""),
    exchange(
        "POST /api/v2/webhook_endpoints",
        {"webhook_endpoint": {"id": "1"}},
        body=b"name=x&url=http://x&enabled_events[0]=customer_changed&disabled=true",
        headers=FORM,
    ),
]
WRONG = [
    (exchange("GET /api/v2/persons/1", {"success": True, "data": PERSON | {"x": 1}}), "'x'"),
    (exchange("GET /api/v2/persons/1", {"success": True, "data": {"id": "1"}}), "integer"),
    (exchange("GET /api/v2/persons/1", {"success": True, "data": {"name": None}}), "string"),
    (exchange("GET /api/v2/persons?limits=5", ROW), "limits is not a parameter"),
    (exchange("GET /api/v2/persons?limit=many", {"success": True, "data": []}), "limit"),
    (exchange("GET /api/v2/persons?sort_by=name", {"success": True, "data": []}), "sort_by"),
    (exchange("GET /api/v2/people", ROW), "not described"),
    (exchange("GET /api/v2/persons/search", {"success": True}), "term is missing"),
    (exchange("POST /api/v2/persons", ROW, body=b'{"nome": "Ada"}', headers=JSON), "nome"),
    (exchange("POST /api/v2/persons", ROW, body=b'{"name": 7}', headers=JSON), "string"),
    (exchange("POST /api/v2/persons", ROW, body=b"name=Ada", headers=FORM), "the body is"),
    (exchange("GET /api/v2/persons", ROW, 203), "status is not described"),
    (exchange("GET /api/v2/persons", {"error": "no"}, 400), "success"),
    (exchange("GET /api/v2/persons", b"<html>", kind="text/html"), "text/html"),
    (exchange("GET /api/v2/persons", b"<html>", 400, kind="text/html"), "text/html"),
    (exchange("GET /api/v2/customers", {"list": [{"customer": {"x": 1}}]}), "'x'"),
    (exchange("GET /api/v2/customers", {"list": [{"customer": {"created_at": "1"}}]}), "integer"),
    (exchange("GET /api/v2/customers", {"message": "no"}, 400), "api_error_code"),
    (exchange("GET /api/v2/customers", {"message": "no"}, 418), "no error 418"),
    (
        exchange("POST /api/v2/webhook_endpoints", {}, body=b"url=http://x", headers=FORM),
        "'name' is a required property",
    ),
    (
        exchange("POST /api/v2/webhook_endpoints", {}, body=b"name=x&url=x&x=1", headers=FORM),
        "'x'",
    ),
    (
        exchange(
            "POST /api/v2/webhook_endpoints",
            {},
            body=b"name=x&url=x&enabled_events[0]=nonsense",
            headers=FORM,
        ),
        "nonsense",
    ),
]


@pytest.fixture(autouse=True)
def _described() -> None:
    needed()


@pytest.mark.parametrize("right", RIGHT)
def test_what_is_described_passes(right: Exchange) -> None:
    assert right.complaints() == []


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_what_is_not_described_is_complained_of(wrong: Exchange, words: str) -> None:
    assert words in " ".join(wrong.complaints())


def test_an_event_with_a_strange_resource_is_complained_of() -> None:
    line = WitnessedLine(customers=5)
    book = line.sandbox.billing.book
    row = book.change("customer", line.ids("/customers")[0], {"nonsense": "x"})
    book.tell("customer_changed", {"customer": row})
    line.billing("/events")
    with pytest.raises(AssertionError, match="nonsense"):
        line.witness.swear()
    assert line.witness.share() < 1
