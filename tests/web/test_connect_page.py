"""The first step as a page: what is refused is told at its field, both at once, and soon."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import httpx2
import pytest
from django.test import Client

from chargepipe.actions import connections
from chargepipe.sandbox import Fault
from chargepipe.store.models import Connection
from scripted import Scripted
from world import CHARGEBEE, PIPEDRIVE, World

SOON = 15.0
"""Seconds until a person is told that nobody answers."""


@pytest.fixture
def asks_the_sandbox(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "Environment", lambda: world.env)


def form(world: World, **more: str) -> dict[str, str]:
    """The form as it is right, but for what a test says."""
    return {
        "name": "acme",
        "site": "acme-test",
        "api_key": world.sandbox.chargebee_key,
        "api_token": world.sandbox.pipedrive_token,
        "chargebee_url": f"{CHARGEBEE}/api/v2",
        "pipedrive_url": PIPEDRIVE,
        **more,
    }


def wrong(page: str) -> dict[str, str]:
    """The words at each field that is marked as wrong and leads to them."""
    found = dict[str, str]()
    for field in re.findall(r"<input[^>]+>", page):
        if 'aria-invalid="true"' in field:
            name = field.partition('name="')[2].partition('"')[0]
            assert f"id_{name}_error" in field.partition('aria-describedby="')[2]
            words = re.search(rf'id="id_{name}_error">(.*?)</p>', page, re.DOTALL)
            assert words is not None
            found[name] = unescape(re.sub(r"<[^>]+>", "", words[1])).strip()
    return found


@pytest.mark.usefixtures("asks_the_sandbox")
def test_a_wrong_key_and_a_wrong_token_are_told_at_once(world: World, admin: Client) -> None:
    sent = form(world, api_key="not-the-key", api_token="not-the-token")
    found = wrong(admin.post("/connect", sent).content.decode())
    assert set(found) == {"api_key", "api_token"}
    assert "Chargebee does not accept this key" in found["api_key"]
    assert "Pipedrive does not accept this key" in found["api_token"]
    assert not Connection.objects.exists()


@pytest.mark.usefixtures("asks_the_sandbox")
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("api_key", "not-the-key", "Chargebee does not accept this key"),
        ("api_key", "two words", "holds signs that no key has"),
        ("api_token", "not-the-token", "Pipedrive does not accept this key"),
    ],
)
def test_what_one_service_refuses_stands_at_its_field(
    world: World, admin: Client, field: str, value: str, words: str
) -> None:
    page = admin.post("/connect", form(world) | {field: value}).content.decode()
    found = wrong(page)
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.usefixtures("asks_the_sandbox")
def test_a_user_who_is_no_admin_is_told_at_the_token(world: World, admin: Client) -> None:
    world.crm.me["access"] = [{"app": "sales", "admin": False}]
    found = wrong(admin.post("/connect", form(world)).content.decode())
    assert list(found) == ["api_token"]
    assert "Ask a Pipedrive admin" in found["api_token"]


def test_who_does_not_answer_is_told_soon_with_its_address(
    world: World, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    away: dict[str, Any] = {
        CHARGEBEE: Scripted(httpx2.ConnectError("no such host")),
        PIPEDRIVE: Scripted(httpx2.ConnectTimeout("nobody"), delay=5.0),
    }
    env = replace(world.env, transport=lambda root: away[root])
    monkeypatch.setattr(connections, "Environment", lambda: env)
    begun = world.clock.timestamp()
    found = wrong(admin.post("/connect", form(world)).content.decode())
    assert world.clock.timestamp() - begun < SOON
    assert set(found) == {"chargebee_url", "pipedrive_url"}
    assert found["chargebee_url"].startswith(f"Chargebee does not answer at {CHARGEBEE}. Check")
    assert found["pipedrive_url"].startswith(f"Pipedrive does not answer at {PIPEDRIVE}. Check")
    assert [len(each.requests) for each in away.values()] == [1, 1], "no chain of tries"


def test_one_who_says_nothing_is_not_waited_for_long(
    world: World, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Scripted(httpx2.Response(200, json={}), delay=3600.0)
    env = replace(
        world.env, transport=lambda root: silent if root == CHARGEBEE else world.transport(root)
    )
    monkeypatch.setattr(connections, "Environment", lambda: env)
    begun = world.clock.timestamp()
    found = wrong(admin.post("/connect", form(world)).content.decode())
    assert world.clock.timestamp() - begun < SOON
    assert list(found) == ["chargebee_url"]


@pytest.mark.usefixtures("asks_the_sandbox")
def test_a_service_with_a_problem_of_its_own_says_so(world: World, admin: Client) -> None:
    world.faults.add(Fault(service="chargebee", status=503, times=None))
    found = wrong(admin.post("/connect", form(world)).content.decode())
    assert "Chargebee has a problem of its own: try again later." in found["chargebee_url"]
