"""Connect to Pipedrive by OAuth in the console: the whole way, and whatever stops it."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client

from chargepipe.sandbox import Sandbox
from chargepipe.store.models import Connection, Grant
from granted import answer, configured
from served import served
from web.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(customers=3)


@pytest.fixture
def ports(sandbox: Sandbox) -> Iterator[tuple[int, int]]:
    with served(sandbox) as ports, configured():
        yield ports


def form(sandbox: Sandbox, ports: tuple[int, int], **more: str) -> dict[str, str]:
    return {
        "name": "acme",
        "site": "sandbox-test",
        "api_key": sandbox.chargebee_key,
        "api_token": "",
        "chargebee_url": f"http://127.0.0.1:{ports[0]}/api/v2",
        "pipedrive_url": f"http://127.0.0.1:{ports[1]}",
        **more,
    }


def asked(client: Client, sent: dict[str, str], path: str = "/oauth/start") -> str:
    """The address to which the person is led."""
    page = client.post(path, sent)
    assert page.status_code == 200, page
    found = re.search(r'href="([^"]+/oauth/authorize[^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return unescape(found[1])


def test_the_whole_way(sandbox: Sandbox, ports: tuple[int, int]) -> None:
    client, root = signed_in("admin"), f"http://127.0.0.1:{ports[1]}"
    assert "Connect with Pipedrive" in client.get("/connect").content.decode()
    address = asked(client, form(sandbox, ports))
    back = client.get("/oauth/callback", answer(root, address))
    assert (back.status_code, back["location"]) == (302, "/connect")
    page = client.get("/connect").content.decode()
    assert "Signed in:" in page
    assert 'value="sandbox-test"' in page
    done = client.post("/connect", form(sandbox, ports, api_key=""))
    assert (done.status_code, done["location"]) == (302, "/c/acme/setup/configure"), done.content
    connection = Connection.objects.get()
    assert connection.grant == Grant.objects.get()
    assert connection.file["pipedrive"]["oauth"] is True
    shown = page + client.get("/c/acme/settings/accounts").content.decode()
    tokens = Grant.objects.get().tokens
    assert sandbox.apps.grants.installed is not None
    assert sandbox.apps.grants.installed.text in tokens
    assert sandbox.apps.grants.installed.text not in shown
