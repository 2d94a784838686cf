"""A grant is handed back when nobody uses it any more, and stays while somebody does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

import granted
from chargepipe.accounts import granting, grants
from chargepipe.accounts.connect import NoAdmin
from chargepipe.accounts.secrets import SecretMissing
from chargepipe.actions import connections, doctor, oauth, unlinking
from chargepipe.store import encrypted
from chargepipe.store.models import Connection, Grant
from granted import CALLBACK, configured
from scripted import Scripted
from world import PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(customers=3)
    for module in (connections, oauth):
        monkeypatch.setattr(module, "Environment", lambda: world.env)
    with configured():
        yield world


def oauth_text(world: World) -> str:
    return world.text().replace('api_token = "env:TEST_PIPEDRIVE_TOKEN"', "oauth = true")


def test_unlinking_hands_the_grant_back(world: World) -> None:
    granted.connect(world)
    assert "handed back" in unlinking.unlink("acme", env=world.env)
    assert not Grant.objects.exists()
    assert not world.sandbox.apps.is_installed
    assert Connection.objects.get().grant is None


def test_a_grant_that_another_connection_uses_stays(world: World) -> None:
    granted.connect(world)
    granted.connect(world, name="beta")
    assert "stays" in unlinking.unlink("acme", env=world.env)
    assert world.sandbox.apps.is_installed
    assert "handed back" in unlinking.unlink("beta", env=world.env)
    assert not world.sandbox.apps.is_installed


@pytest.mark.parametrize("trouble", [httpx2.ConnectError("no"), httpx2.Response(500)])
def test_where_pipedrive_cannot_be_told_it_is_said_and_forgotten(
    world: World, trouble: Any
) -> None:
    granted.connect(world)
    deaf = replace(world.env, transport=lambda _: Scripted(trouble))
    assert "could not be told" in unlinking.unlink("acme", env=deaf)
    assert not Grant.objects.exists()


def test_a_connection_by_token_says_nothing_of_it(world: World) -> None:
    world.connect()
    assert unlinking.unlink("acme", env=world.env) == ""


def test_lost_encryption_keys_do_not_hinder_an_unlink(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted.connect(world)
    monkeypatch.setattr(encrypted, "_box", lambda: encrypted.MultiFernet([_other()]))
    assert "could not be told" in unlinking.unlink("acme", env=world.env)
    assert not Grant.objects.exists()


def test_lost_encryption_keys_are_mended_by_a_new_sign_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = granted.connect(world)
    box = encrypted.MultiFernet([_other()])
    monkeypatch.setattr(encrypted, "_box", lambda: box)
    assert world.run(acme, "validate").state == "failed"
    granted.grant(world)
    assert grants.grant_of(acme).held.tokens.access


def _other() -> encrypted.Fernet:
    return encrypted.Fernet(encrypted.Fernet.generate_key())


def test_going_over_to_a_token_hands_the_grant_back(world: World) -> None:
    granted.connect(world)
    connections.apply(connections.propose(world.text()), world.env)
    acme = Connection.objects.get()
    assert (acme.grant, Grant.objects.count()) == (None, 0)
    assert not world.sandbox.apps.is_installed
    assert world.run(acme, "validate").state == "done"


def test_a_run_that_waited_goes_on_by_a_token_too(world: World) -> None:
    acme = granted.connect(world)
    grants.end(Grant.objects.all(), grants.UNINSTALLED)
    run = world.run(acme, "validate")
    assert (run.state, run.message) == ("paused", grants.UNINSTALLED)
    connections.apply(connections.propose(world.text()), world.env)
    assert world.go_on(run).state == "done"


def test_the_file_applies_again_without_a_browser_once_it_is_granted(world: World) -> None:
    granted.connect(world)
    _, checked = connections.apply(connections.propose(oauth_text(world)), world.env)
    assert (checked.grant, checked.pipedrive_token) == (Grant.objects.get().pk, "")
    assert checked.burst == 480
    assert Connection.objects.get().grant is not None


def test_a_file_without_a_grant_says_where_to_go(world: World) -> None:
    with pytest.raises(SecretMissing, match=r"8000/connect\?name=acme") as caught:
        connections.apply(connections.propose(oauth_text(world)), world.env)
    assert "Connect with Pipedrive" in str(caught.value)
    assert not Connection.objects.exists()


def test_what_was_given_up_half_way_is_handed_back_at_the_next_try(world: World) -> None:
    left = granted.grant(world).grant
    oauth.begin(PIPEDRIVE, CALLBACK, "state")
    assert Grant.objects.exists()
    Grant.objects.update(granted_at=left.granted_at - timedelta(hours=2))
    oauth.begin(PIPEDRIVE, CALLBACK, "state")
    assert not Grant.objects.exists()
    assert not world.sandbox.apps.is_installed


def test_a_grant_of_a_user_who_is_no_admin_any_more_stays_where_it_is_used(world: World) -> None:
    acme = granted.connect(world)
    for entry in world.crm.me["access"]:
        entry["admin"] = False
    with pytest.raises(NoAdmin):
        granted.grant(world)
    acme.refresh_from_db()
    assert acme.grant is not None
    installed = world.sandbox.apps.grants.installed
    assert installed is not None
    assert grants.grant_of(acme).held.tokens.refresh == installed.text


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (None, "https://oauth.pipedrive.com"),
        ("https://acme.pipedrive.com", "https://oauth.pipedrive.com"),
        (PIPEDRIVE, PIPEDRIVE),
        ("https://proxy.example/pd/", "https://proxy.example/pd"),
    ],
)
def test_pipedrives_own_addresses_have_one_sign_in(
    world: World, url: str | None, server: str
) -> None:
    ask = oauth.begin(url, CALLBACK, "state", world.env)
    assert ask.server == server
    assert ask.address.startswith(f"{server}/oauth/authorize?")


def test_an_answer_from_elsewhere_is_refused(world: World) -> None:
    code = world.sandbox.apps.grants.issue_code(CALLBACK, world.sandbox.apps.scopes)
    with pytest.raises(Exception, match="none of its own"):
        granting.redeem(granted.APP, PIPEDRIVE, "", code, CALLBACK, world.env)
    assert not Grant.objects.exists()


def test_the_doctor_says_that_the_grant_is_over(world: World) -> None:
    granted.connect(world)
    found = {check.name: check for check in doctor.examine(world.env)}
    assert found["acme: Pipedrive"].state != "fail"
    grants.end(Grant.objects.all(), grants.UNINSTALLED)
    found = {check.name: check for check in doctor.examine(world.env)}
    assert found["acme: Pipedrive"].state == "fail"
    assert grants.UNINSTALLED in found["acme: Pipedrive"].words
