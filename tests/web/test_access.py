"""Every address of the console asks who one is, and what one may do."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from chargepipe.store.models import Connection
from chargepipe.web.access import Role, needed
from web.conftest import signed_in

OPEN = {"health", "sign-in", "welcome/<str:token>", "demo/<str:token>", "oauth/callback"}
"""Addresses that need no sign-in, each with a check of its own."""
VALUES = {"name": "acme", "run_id": "1", "error_id": "1", "change_id": "1", "user_id": "1"}
VALUES |= {"verb": "cancel", "key": "nobody", "token": "guessed", "step": "trial"}


def patterns(resolver: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, route)
        else:
            yield route, each


def address(route: str) -> str:
    for name, value in VALUES.items():
        for kind in ("str", "int", "path"):
            route = route.replace(f"<{kind}:{name}>", value)
    assert "<" not in route, f"give {route} a value in VALUES"
    return f"/{route}"


ALL = list(patterns())
CLOSED = [(route, pattern) for route, pattern in ALL if route not in OPEN]


def test_the_list_of_open_addresses_is_no_longer_than_it_says() -> None:
    assert {
        route for route, pattern in ALL if not getattr(pattern.callback, "login_required", True)
    } == OPEN


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route, _ in CLOSED])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_the_sign_in(route: str, method: str) -> None:
    answer = getattr(Client(), method)(address(route))
    assert answer.status_code == 302
    assert answer["location"].startswith("/sign-in")


@pytest.mark.parametrize(("route", "pattern"), CLOSED, ids=[route for route, _ in CLOSED])
def test_who_may_less_is_refused(route: str, pattern: URLPattern, db: None) -> None:
    role = needed(pattern.callback)
    for less in Role:
        if not less.may(role):
            for method in ("get", "post"):
                answer = getattr(signed_in(less), method)(address(route))
                assert answer.status_code == 403, f"{less} may {method} {route}"


@pytest.mark.parametrize("route", ["welcome/<str:token>", "demo/<str:token>"])
def test_a_guessed_token_opens_nothing(route: str, db: None) -> None:
    client = Client()
    assert client.get(address(route)).status_code in (404, 410)
    assert client.get("/")["location"].startswith("/sign-in")


def test_a_press_needs_the_token_of_a_form(acme: Connection) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("admin").cookies
    answer = strict.post("/c/acme/runs/start", {"kind": "sync"})
    assert answer.status_code == 403
    assert acme.runs.filter(kind="sync").count() == 0
