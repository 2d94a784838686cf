"""What an app may do is what it was granted."""

import pytest

from chargepipe.sandbox.pipedrive.costs import V1, V2
from chargepipe.sandbox.pipedrive.scopes import NAMES, wanted
from contract.specs import pipedrive_v1_spec, pipedrive_v2_spec
from sandbox import app
from sandbox.line import Line


def published(spec: dict, call: tuple[str, str]) -> set[str]:
    security = spec["paths"][call[1]][call[0].lower()]["security"]
    return {scope for way in security for scope in way.get("oauth2", [])}


@pytest.mark.parametrize("call", V2, ids=" ".join)
def test_the_scopes_of_v2_are_the_published_ones(call: tuple[str, str]) -> None:
    assert wanted(*call) == published(pipedrive_v2_spec(), call)


@pytest.mark.parametrize("call", V1, ids=" ".join)
def test_the_scopes_of_v1_are_the_published_ones(call: tuple[str, str]) -> None:
    assert wanted(*call) == published(pipedrive_v1_spec(), call)


def test_every_scope_is_a_published_one() -> None:
    found: set[str] = set()
    for spec in (pipedrive_v1_spec(), pipedrive_v2_spec()):
        flows = spec["components"]["securitySchemes"]["oauth2"]["flows"]
        found |= set(flows["authorizationCode"]["scopes"])
    assert set(NAMES) - found <= {"project-fields:full"}
    assert found <= set(NAMES)


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("contacts:read", "GET", "/api/v2/persons", None),
        ("contacts:full", "POST", "/api/v2/persons", {"name": "Ada"}),
        ("deals:read", "GET", "/api/v2/stages", None),
        ("search:read", "GET", "/api/v2/persons/search?term=an", None),
        ("contact-fields:full", "GET", "/api/v2/personFields", None),
        ("deals:read", "GET", "/api/v2/dealFields", None),
        ("users:read", "GET", "/api/v1/users", None),
        ("admin", "GET", "/api/v1/webhooks", None),
    ],
)
def test_a_call_needs_its_scope(scope: str, method: str, path: str, body: object) -> None:
    line = Line(customers=5)
    more = {} if body is None else {"json": body}
    poor = app.install(line, "mail:read")
    refused = app.call(line, poor, method, path, **more)
    assert refused.status_code == 403
    assert refused.json()["error"] == "Scope and URL mismatch"
    assert line.sandbox.tokens_used == 0
    assert app.call(line, app.install(line, scope), method, path, **more).status_code == 200


def test_reading_is_not_writing() -> None:
    line = Line(customers=5)
    reader = app.install(line, "contacts:read", "deals:read")
    assert app.call(line, reader, "GET", "/api/v2/persons").status_code == 200
    for method, path in (
        ("POST", "/api/v2/persons"),
        ("PATCH", "/api/v2/persons/1"),
        ("DELETE", "/api/v2/persons/1"),
        ("POST", "/api/v2/personFields"),
    ):
        assert app.call(line, reader, method, path, json={}).status_code == 403


def test_the_api_token_needs_no_scope_and_counts_before_a_bearer() -> None:
    line = Line(customers=5)
    tokens = app.install(line, "contacts:read")
    both = {
        "x-api-token": line.sandbox.pipedrive_token,
        "authorization": f"Bearer {tokens['access_token']}",
    }
    assert line.send("pipedrive", "GET", "/v1/webhooks", headers=both).status_code == 200
    both["x-api-token"] = "no"
    assert line.send("pipedrive", "GET", "/v1/users/me", headers=both).status_code == 401


def test_nothing_opens_once_the_user_is_deactivated() -> None:
    line = Line(customers=5)
    tokens = app.install(line)
    line.sandbox.crm.me["active_flag"] = False
    assert line.crm("GET", "/persons").status_code == 401
    assert app.call(line, tokens, "GET", "/api/v2/persons").status_code == 401
