"""What the callback takes and what it refuses, calmly; and the word of an uninstall."""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from django.test import Client

import granted
from chargepipe.accounts import grants
from chargepipe.actions import connections, oauth
from chargepipe.store.encrypted import seal
from chargepipe.store.models import Connection, Grant
from chargepipe.web.oauth import parked
from granted import APP, CALLBACK, PATH, configured
from scripted import Scripted
from web.conftest import signed_in
from world import CHARGEBEE, PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(customers=3)
    for module in (oauth, connections):
        monkeypatch.setattr(module, "Environment", lambda: world.env)
    with configured():
        yield world


def begin(client: Client, path: str = "/oauth/start", **form: str) -> dict[str, str]:
    """What Pipedrive's page is asked."""
    page = client.post(path, {"pipedrive_url": PIPEDRIVE, **form})
    assert page.status_code == 200, page.content.decode()
    found = re.search(r'href="([^"]+/oauth/authorize[^"]+)"', page.content.decode())
    assert found
    asked = parse_qs(urlsplit(unescape(found[1])).query)
    return {key: values[0] for key, values in asked.items()}


def code(world: World) -> str:
    """The user says yes."""
    return world.sandbox.apps.grants.issue_code(CALLBACK, world.sandbox.apps.scopes)


def sentence(answer: Any) -> str:
    """The sentence of a page that says why nothing was connected; there is a way on."""
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Back to Connect" in page
    found = re.search(r"<h1>Not connected</h1>\s*<p>(.+?)</p>", page)
    assert found
    return unescape(found[1])


def nothing_stored() -> bool:
    return not Grant.objects.exists() and not Connection.objects.exists()


def test_the_question_names_app_callback_and_a_state_of_its_own(world: World) -> None:
    client = signed_in("admin")
    first, second = begin(client), begin(client)
    assert (first["client_id"], first["redirect_uri"]) == (APP.id, CALLBACK)
    assert len(first["state"]) >= 32
    assert first["state"] != second["state"]
    assert set(first) == {"client_id", "redirect_uri", "state"}


def test_an_answer_is_taken_once(world: World) -> None:
    client = signed_in("admin")
    state = begin(client)["state"]
    good = client.get(PATH, {"state": state, "code": code(world)})
    assert (good.status_code, good["location"]) == (302, "/connect")
    assert "too late" in sentence(client.get(PATH, {"state": state, "code": code(world)}))


@pytest.mark.parametrize("error", ["user_denied", "access_denied"])
def test_no_is_taken_for_an_answer(world: World, error: str) -> None:
    client = signed_in("admin")
    told = {"state": begin(client, site="acme-test")["state"], "error": error}
    for _ in range(2):  # the second time the question is over
        answer = client.get(PATH, told, follow=True)
        assert answer.redirect_chain == [("/connect", 302)]
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "Pipedrive was told no, so nothing was connected." in page
        assert 'value="acme-test"' in page, "what was typed is still there"
    assert nothing_stored()


def test_a_no_leads_back_to_the_connection_that_asked(world: World) -> None:
    granted.connect(world)
    client = signed_in("admin")
    told = {"state": begin(client, "/c/acme/oauth/start")["state"], "error": "access_denied"}
    answer = client.get(PATH, told)
    assert (answer.status_code, answer["location"]) == (302, "/c/acme/setup/connect")


@pytest.mark.parametrize("more", [{"state": "guessed"}, {"state": ""}, {}])
def test_a_wrong_state_is_refused_and_the_right_one_is_still_good(
    world: World, more: dict[str, str]
) -> None:
    client = signed_in("admin")
    state = begin(client)["state"]
    assert "does not belong" in sentence(client.get(PATH, {"code": code(world), **more}))
    assert nothing_stored()
    assert client.get(PATH, {"state": state, "code": code(world)}).status_code == 302


def test_an_install_that_was_begun_in_pipedrive_is_led_to_the_button(world: World) -> None:
    answer = signed_in("admin").get(PATH, {"code": code(world)})
    assert "press “Connect with Pipedrive” here" in sentence(answer)
    assert nothing_stored()


def test_the_state_of_another_session_is_refused(world: World) -> None:
    state = begin(signed_in("admin"))["state"]
    other = signed_in("admin")
    assert "too late" in sentence(other.get(PATH, {"state": state, "code": code(world)}))
    begin(other)
    assert "does not belong" in sentence(other.get(PATH, {"state": state, "code": code(world)}))
    assert nothing_stored()


def test_a_state_is_good_for_ten_minutes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in("admin")
    state = begin(client)["state"]
    monkeypatch.setitem(parked.SECONDS, parked.ASKED, -1)
    assert "too late" in sentence(client.get(PATH, {"state": state, "code": code(world)}))
    assert nothing_stored()


def test_a_stranger_and_who_may_less_get_nowhere(world: World) -> None:
    stranger = Client().get(PATH, {"state": "x", "code": code(world)})
    assert (stranger.status_code, stranger["location"]) == (302, "/sign-in?next=/")
    assert signed_in("operator").get(PATH, {"state": "x", "code": "y"}).status_code == 403
    assert signed_in("operator").post("/oauth/start").status_code == 403
    assert signed_in("admin").post(PATH).status_code == 405


@pytest.mark.parametrize("given", ["made up", "", None])
def test_a_code_that_is_no_good_is_said(world: World, given: str | None) -> None:
    client = signed_in("admin")
    told = {"state": begin(client)["state"]} | ({} if given is None else {"code": given})
    words = sentence(client.get(PATH, told))
    assert ("held no code" if not given else "try again") in words
    assert nothing_stored()


def test_a_code_that_came_too_late_is_said(world: World) -> None:
    client, old = signed_in("admin"), code(world)
    world.clock.advance(301)
    told = {"state": begin(client)["state"], "code": old}
    assert "too old" in sentence(client.get(PATH, told))


def test_a_user_who_is_no_admin_is_refused_and_the_app_is_handed_back(world: World) -> None:
    for entry in world.crm.me["access"]:
        entry["admin"] = False
    client = signed_in("admin")
    told = {"state": begin(client)["state"], "code": code(world)}
    assert "is no admin" in sentence(client.get(PATH, told))
    assert nothing_stored()
    assert not world.sandbox.apps.is_installed


def test_another_company_is_refused_for_a_linked_connection(world: World) -> None:
    acme = granted.connect(world)
    client = signed_in("admin")
    state = begin(client, "/c/acme/oauth/start")["state"]
    world.crm.me["company_id"] = 7002
    words = sentence(client.get(PATH, {"state": state, "code": code(world)}))
    assert "choose that company" in words
    assert [grant.company_id for grant in Grant.objects.all()] == [7001]
    acme.refresh_from_db()
    assert acme.grant is not None


def test_without_an_app_it_says_which_variables_to_set(world: World) -> None:
    with configured(oauth_id="", oauth_secret=""):
        answer = signed_in("admin").post("/oauth/start", {"pipedrive_url": PIPEDRIVE})
        assert "CHARGEPIPE_PIPEDRIVE_CLIENT_ID" in sentence(answer)


@pytest.mark.parametrize(
    "url", ["http://example.com", "https://a@b.example", "ftp://x", "javascript:alert(1)"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(world: World, url: str) -> None:
    answer = signed_in("admin").post("/oauth/start", {"pipedrive_url": url})
    assert "must b" in sentence(answer)


def test_an_app_that_lacks_scopes_is_warned_of(world: World) -> None:
    world.sandbox.apps.register(scopes=["contacts:full", "deals:full"])
    client = signed_in("admin")
    client.get(PATH, {"state": begin(client)["state"], "code": code(world)})
    page = client.get("/connect").content.decode()
    assert "contact-fields:full, deal-fields:full, users:read" in page


def test_connect_again_is_one_way_there_and_back(world: World) -> None:
    acme = granted.connect(world)
    grants.end(Grant.objects.all(), grants.REFUSED)
    client = signed_in("admin")
    assert "Pipedrive has to be connected again" in client.get("/c/acme/").content.decode()
    page = client.get("/c/acme/setup/connect").content.decode()
    assert "does not let chargepipe in any more" in page
    state = begin(client, "/c/acme/oauth/start")["state"]
    back = client.get(PATH, {"state": state, "code": code(world)})
    assert (back.status_code, back["location"]) == (302, "/c/acme/")
    acme.refresh_from_db()
    assert acme.disconnected == ""
    assert acme.grant is not None
    assert "Connected again" in client.get("/c/acme/").content.decode()


def test_a_live_site_is_asked_about_once_and_nothing_has_to_be_typed_again(world: World) -> None:
    world.sandbox.site.domain = "acme"
    client = signed_in("admin")
    form = {"name": "acme", "site": "acme", "pipedrive_url": PIPEDRIVE, "api_token": ""}
    form |= {"chargebee_url": f"{CHARGEBEE}/api/v2", "api_key": ""}
    state = begin(client, **(form | {"api_key": world.sandbox.chargebee_key}))["state"]
    client.get(PATH, {"state": state, "code": code(world)})
    page = client.post("/connect", form).content.decode()
    assert "I know that this is a live account" in page
    assert not Connection.objects.exists()
    done = client.post("/connect", {**form, "sure": "1"})
    assert (done.status_code, done["location"]) == (302, "/c/acme/setup/configure")
    acme = Connection.objects.get()
    assert acme.grant == Grant.objects.get()
    assert acme.secrets.chargebee_key == world.sandbox.chargebee_key
    assert acme.secrets.pipedrive_token == ""
    assert not set(client.session.keys()) & set(parked.SECONDS)


def test_a_key_that_was_typed_for_one_connection_is_not_used_for_another(world: World) -> None:
    acme = granted.connect(world)
    acme.file["chargebee"]["api_key"] = "stored"
    acme.save()
    client = signed_in("admin")
    begin(client, api_key="of-another-site")
    form = {"site": "acme-test", "pipedrive_url": PIPEDRIVE, "api_token": "", "api_key": ""}
    form |= {"chargebee_url": f"{CHARGEBEE}/api/v2"}
    assert client.post("/c/acme/setup/connect", form).status_code == 302
    assert Connection.objects.get().secrets.chargebee_key == world.sandbox.chargebee_key


def test_no_page_and_no_session_shows_a_token(world: World) -> None:
    client = signed_in("admin")
    state = begin(client, api_key="typed-key")["state"]
    client.get(PATH, {"state": state, "code": code(world)})
    held = grants.look(Grant.objects.get().pk).held.tokens
    kept = json.dumps({key: str(value) for key, value in client.session.items()})
    page = client.get("/connect").content.decode()
    for secret in (held.access, held.refresh, state, APP.secret, "typed-key"):
        assert secret not in kept
        assert secret not in page


def uninstall(auth: str | None = f"{APP.id}:{APP.secret}", **body: Any) -> Any:
    """What Pipedrive sends when a user has uninstalled the app."""
    headers: dict[str, str] = {}
    if auth is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(auth.encode()).decode()}"
    told = {"client_id": APP.id, "company_id": 7001, "timestamp": "2026-11-02T09:00:00Z", **body}
    strict = Client(enforce_csrf_checks=True)
    return strict.delete(PATH, json.dumps(told), "application/json", headers=headers)


def test_an_uninstalled_app_cuts_the_connections_of_that_user_and_says_so_once(
    world: World,
) -> None:
    acme = granted.connect(world)
    user = world.crm.me["id"]
    assert uninstall(user_id=user).status_code == 204
    acme.refresh_from_db()
    assert (acme.grant, acme.disconnected) == (None, grants.UNINSTALLED)
    assert not Grant.objects.exists()
    assert uninstall(user_id=user).status_code == 204
    page = signed_in("viewer").get("/c/acme/").content.decode()
    assert page.count(grants.UNINSTALLED) == 1


@pytest.mark.parametrize(
    "auth", [None, "", ":", "sandbox-app:", "sandbox-app:wrong", "other:sandbox-secret", "\xff"]
)
def test_wrong_credentials_change_nothing(world: World, auth: str | None) -> None:
    acme = granted.connect(world)
    answer = uninstall(auth, user_id=world.crm.me["id"])
    assert (answer.status_code, answer.content) == (401, b"")
    acme.refresh_from_db()
    assert acme.grant is not None


def test_without_an_app_nobody_has_the_right_credentials(world: World) -> None:
    granted.connect(world)
    with configured(oauth_id="", oauth_secret=""):
        for auth in (":", "", f"{APP.id}:{APP.secret}"):
            assert uninstall(auth, user_id=world.crm.me["id"]).status_code == 401
    assert Grant.objects.exists()


@pytest.mark.parametrize("body", [{"user_id": 99}, {"company_id": 1}, {"user_id": "1"}, {}])
def test_an_uninstall_of_somebody_else_changes_nothing(world: World, body: Any) -> None:
    granted.connect(world)
    told = {"user_id": world.crm.me["id"]} | body if body else {}
    assert uninstall(**told).status_code == 204
    assert Grant.objects.exists()


def test_the_sandboxs_own_word_of_an_uninstall_is_understood(world: World) -> None:
    acme = granted.connect(world)
    world.sandbox.apps.uninstall()

    receiver = Scripted(httpx2.Response(200))
    with asyncio.Runner(loop_factory=world.clock.loop_factory) as runner:
        runner.run(world.sandbox.outbox.deliver(receiver))
    (sent,) = receiver.requests
    assert str(sent.url) == CALLBACK
    signed = {"Authorization": sent.headers["authorization"]}
    answer = Client().generic(
        sent.method, sent.url.path, sent.content, "application/json", headers=signed
    )
    assert answer.status_code == 204
    acme.refresh_from_db()
    assert acme.disconnected == grants.UNINSTALLED


def test_a_value_of_another_place_in_the_session_is_no_grant(world: World) -> None:
    client = signed_in("admin")
    session = client.session
    session[parked.GRANTED] = seal("7")
    session[parked.ASKED] = "not sealed"
    session.save()
    assert client.get("/connect").status_code == 200
    assert "too late" in sentence(client.get(PATH, {"state": "x"}))
