"""Which simulated endpoint was walked by whom, and the table of it in docs/reference."""

from collections.abc import Iterable
from pathlib import Path

from chargepipe.sandbox.messages import Route
from contract.descriptions import Service, find
from contract.operations import Operation
from contract.walks import Served
from contract.witness import Exchange

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "sandbox-endpoints.md"
CLIENTS = {
    "Chargebee-Python-Client v3.29.0": "`chargebee` 3.29.0 (PyPI)",
    "Pipedrive-SDK-Javascript-33.7.0": "`pipedrive` 33.7.0 (npm)",
}
"""The official clients, as they name themselves, and as we do."""
Call = tuple[Service, str, str]
"""Service, method, whole path with its blanks."""

BY_PLAIN_HTTP: dict[Call, str] = {
    ("chargebee", "GET", "/api/v2/custom_field_configs"): (
        "the SDK has no method for custom field configs"
    ),
    ("pipedrive", "GET", "/oauth/authorize"): (
        "the client makes the address alone; the user's browser opens it"
    ),
    ("pipedrive", "POST", "/oauth/authorize"): "the button of that page, in the user's browser",
}
"""Calls that no method of the official clients sends, and why."""

NOT_SIMULATED: dict[Call, set[str]] = {
    ("pipedrive", "GET", f"/api/v2/{path}"): {"filter_id"}
    for path in ("persons", "organizations", "deals", "deals/archived")
}
"""Described parameters that the sandbox refuses: it has no saved filters."""

_HEAD = """# What the sandbox simulates

Every endpoint, its price, and the official client that walks it in the contract tests, unpatched.
There each request and each answer is held against the published descriptions of the two APIs.

This page is generated: `CHARGEPIPE_WRITE_DOCS=1 script/test tests/contract` writes it anew, and a
test fails where it is not up to date.
"""


def calls(at: Served, service: Service) -> dict[Call, Route]:
    """The endpoints of a service."""
    routes = at.sandbox.routes[service]
    return {(service, route.method, route.template): route for route in routes}


def accepted(at: Served, call: Call) -> list[Exchange]:
    """The accepted exchanges of an endpoint."""
    operation = described(call)
    return [e for e in at.witness.exchanges if e.accepted and e.operation is operation]


def described(call: Call) -> Operation:
    """What the descriptions say of an endpoint."""
    found = find(*call)
    assert found is not None, f"{call} is simulated, and is not described"
    return found


def clients(exchanges: Iterable[Exchange]) -> set[str]:
    """The official clients that took part."""
    return {CLIENTS[each.agent] for each in exchanges if each.agent in CLIENTS}


def page(by_service: dict[Service, Served]) -> str:
    """The page of all endpoints."""
    parts = [_HEAD]
    for service, at in by_service.items():
        rows = [
            _row(at, call, route)
            for call, route in sorted(calls(at, service).items(), key=_by_path)
        ]
        head = ["| Call | Tokens | Walked by |", "| --- | ---: | --- |"]
        parts.append("\n".join([f"## {service.capitalize()}", "", *head, *rows, ""]))
    return "\n".join(parts)


def _row(at: Served, call: Call, route: Route) -> str:
    service, method, template = call
    reason = BY_PLAIN_HTTP.get(call)
    walkers = f"plain HTTP: {reason}" if reason else ", ".join(sorted(clients(accepted(at, call))))
    tokens = route.tokens if service == "pipedrive" else "-"
    return f"| `{method} {template}` | {tokens} | {walkers} |"


def _by_path(item: tuple[Call, Route]) -> tuple[str, str]:
    return item[0][2], item[0][1]
