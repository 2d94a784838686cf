"""The calls of the OAuth server, and what is made of its answers."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from chargepipe.accounts.services import company_root
from chargepipe.http import Transient
from chargepipe.pipedrive import App, AppRefused, BadGrant, OAuth, open_oauth
from chargepipe.pipedrive.oauth import HOUR, authorize_url
from scripted import Scripted, reply
from virtual_time import VirtualClock

APP = App("our-id", "our-secret")
SECRETS = ("our-secret", "the-code", "the-refresh-token", "the-access-token")
GOOD: dict[str, Any] = {
    "access_token": "the-access-token",
    "refresh_token": "the-refresh-token",
    "expires_in": 3599,
    "scope": "base,deals:full",
    "api_domain": "https://acme.pipedrive.com/",
}


def ask(server: Scripted, what: Callable[[OAuth], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        async with open_oauth("https://oauth.example", APP, transport=server) as oauth:
            return await what(oauth)

    with asyncio.Runner(loop_factory=VirtualClock().loop_factory) as runner:
        return runner.run(go())


def refresh(server: Scripted) -> Any:
    return ask(server, lambda oauth: oauth.refresh("the-refresh-token"))


def sent(server: Scripted) -> tuple[str, str, dict[str, str], str]:
    request = server.requests[-1]
    form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
    signed = request.headers["authorization"].removeprefix("Basic ")
    return request.method, str(request.url), form, base64.b64decode(signed).decode()


def test_the_browser_is_sent_with_client_callback_and_state() -> None:
    address = urlsplit(authorize_url("https://oauth.example", APP, "https://x/y?z", "st/te"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://oauth.example/oauth/authorize"
    )
    assert parse_qs(address.query) == {
        "client_id": ["our-id"],
        "redirect_uri": ["https://x/y?z"],
        "state": ["st/te"],
    }


def test_a_code_is_exchanged() -> None:
    server = Scripted(reply(200, GOOD))
    tokens = ask(server, lambda oauth: oauth.exchange("the-code", "https://x/cb"))
    assert sent(server) == (
        "POST",
        "https://oauth.example/oauth/token",
        {"grant_type": "authorization_code", "code": "the-code", "redirect_uri": "https://x/cb"},
        "our-id:our-secret",
    )
    assert (tokens.access, tokens.refresh) == ("the-access-token", "the-refresh-token")
    assert (tokens.seconds, tokens.api_domain) == (3599, "https://acme.pipedrive.com")
    assert tokens.scopes == {"base", "deals:full"}


def test_a_refresh_token_is_revoked() -> None:
    server = Scripted(httpx2.Response(200, text=""))
    ask(server, lambda oauth: oauth.revoke("the-refresh-token"))
    assert sent(server)[1:3] == (
        "https://oauth.example/oauth/revoke",
        {"token": "the-refresh-token", "token_type_hint": "refresh_token"},
    )


@pytest.mark.parametrize("seconds", [None, 0, -1, "soon", 1.5])
def test_an_odd_length_of_life_is_an_hour(seconds: Any) -> None:
    assert refresh(Scripted(reply(200, {**GOOD, "expires_in": seconds}))).seconds == HOUR


def test_scopes_may_be_parted_by_blanks() -> None:
    assert refresh(Scripted(reply(200, {**GOOD, "scope": "base deals:full"}))).scopes == {
        "base",
        "deals:full",
    }


def failure(error: str) -> dict[str, Any]:
    """An answer that echoes what it should not."""
    return {"success": False, "error": error, "message": f"Wrong: {' '.join(SECRETS)}"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(400, failure("invalid_grant")), BadGrant),
        (reply(401, failure("invalid_grant")), BadGrant),
        (reply(400, failure("invalid_client")), AppRefused),
        (reply(401, "<p>who?"), AppRefused),
        (reply(400, failure("invalid_request")), Transient),
        (reply(403, "<p>Cloudflare"), Transient),
        (reply(500, failure("invalid_grant")), Transient),
        (reply(302, None, location="https://elsewhere.example"), Transient),
        (reply(200, "<p>the-access-token"), Transient),
        (reply(200, {**GOOD, "access_token": None}), Transient),
        (reply(200, {**GOOD, "access_token": "two words"}), Transient),
        (reply(200, [GOOD]), Transient),
        (httpx2.ReadTimeout("the-refresh-token"), Transient),
        (httpx2.ConnectError("the-refresh-token"), Transient),
    ],
)
def test_what_is_no_token_is_sorted_and_shows_no_secret(answer: Any, kind: type) -> None:
    with pytest.raises(Exception) as caught:
        refresh(Scripted(answer))
    assert type(caught.value) is kind
    error: BaseException | None = caught.value
    while error is not None:
        assert not any(secret in f"{error} {error!r}" for secret in SECRETS)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_nothing_that_holds_a_secret_shows_it() -> None:
    tokens = refresh(Scripted(reply(200, GOOD)))
    assert not any(secret in f"{tokens!r} {APP!r}" for secret in SECRETS)


@pytest.mark.parametrize(
    ("told", "root"),
    [
        ("https://acme.pipedrive.com", "https://acme.pipedrive.com"),
        ("https://ACME.pipedrive.com", "https://acme.pipedrive.com"),
        ("http://acme.pipedrive.com", ""),
        ("https://acme.pipedrive.com.evil.example", ""),
        ("https://evil-pipedrive.com", ""),
        ("https://pipedrive.com@evil.example", ""),
        ("https://evil.example/.pipedrive.com", ""),
        ("https://acme.pipedrive.com:8443", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_only_an_address_of_pipedrives_own_is_believed(told: str, root: str) -> None:
    assert company_root(told) == root
