"""Pipedrive's OAuth server: codes and refresh tokens for access tokens (pipedrive-api.md 7).

No answer's own words are ever quoted: they might hold a code or a token.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import httpx2

from chargepipe.http import Operation, Reconnect, Throttle, Transient, as_dict, open_http
from chargepipe.http.calls import OPERATION
from chargepipe.http.refusal import json_object

SERVER = "https://oauth.pipedrive.com"
TOKEN = Operation("POST", "/oauth/token")
REVOKE = Operation("POST", "/oauth/revoke")
HOUR = 3600.0
"""What an access token is good for where Pipedrive does not say."""
SECONDS = 12.0
"""The longest that one call may take."""


class BadGrant(Reconnect):
    """The code or refresh token is not good, or not any more: the user must connect anew."""


class AppRefused(Reconnect):
    """The client id or secret of our own app is wrong."""


@dataclass(frozen=True, slots=True)
class App:
    """The app that is registered in Pipedrive's Developer Hub for this installation."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the server gave. `seconds` is how long `access` is good, from when it was asked for."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: float
    scopes: frozenset[str]
    api_domain: str
    """Where the company's API is; "" where that is not said."""


class Fixed(httpx2.Auth):
    """Signs every call with one access token."""

    def __init__(self, access: str) -> None:
        self._access = access

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Sign a call."""
        sign(request, self._access)
        yield request


def sign(request: httpx2.Request, access: str) -> None:
    """Put an access token into a call."""
    request.headers["authorization"] = f"Bearer {access}"


def authorize_url(server: str, app: App, redirect_uri: str, state: str) -> str:
    """Where the user's browser goes; the scopes are those ticked in Developer Hub."""
    told = {"client_id": app.id, "redirect_uri": redirect_uri, "state": state}
    return f"{server}/oauth/authorize?{urlencode(told)}"


class OAuth:
    """The server, as our app sees it. Raises BadGrant, AppRefused or Transient, nothing else.

    Each call is sent once: a caller decides whether it may be sent again.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def exchange(self, code: str, redirect_uri: str) -> Tokens:
        """Tokens for a code, which is good once and for five minutes."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._tokens(await self._send(TOKEN, form), "")

    async def refresh(self, token: str) -> Tokens:
        """A new access token; the refresh token may be a new one, too."""
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self._tokens(await self._send(TOKEN, form), token)

    async def revoke(self, token: str) -> None:
        """Make a refresh token useless, which uninstalls the app for its user."""
        await self._send(REVOKE, {"token": token, "token_type_hint": "refresh_token"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def _send(self, operation: Operation, form: dict[str, str]) -> dict[str, Any]:
        try:
            answer = await self._http.request(
                operation.method,
                operation.template,
                data=form,
                extensions={OPERATION: operation},
            )
        except httpx2.RequestError as error:
            problem = type(error).__name__
        else:
            body = json_object(answer)
            if answer.is_success and (body is not None or operation is REVOKE):
                return body or {}
            raise _refusal(answer, body)
        raise Transient(
            "Pipedrive", f"Pipedrive's sign-in did not answer ({problem}). Try again later."
        )

    def _tokens(self, body: dict[str, Any], held: str) -> Tokens:
        access, refresh = _secret(body, "access_token"), _secret(body, "refresh_token") or held
        if not access or not refresh:
            raise Transient("Pipedrive", "Pipedrive's sign-in answered without a token.", 200)
        seconds, domain = body.get("expires_in"), body.get("api_domain")
        scopes = str(body.get("scope") or "").replace(",", " ").split()
        return Tokens(
            access,
            refresh,
            float(seconds) if isinstance(seconds, int) and seconds > 0 else HOUR,
            frozenset(scopes),
            domain.rstrip("/") if isinstance(domain, str) else "",
        )


def open_oauth(
    server: str, app: App, *, transport: httpx2.AsyncBaseTransport | None = None
) -> OAuth:
    """A client of the OAuth server at `server`; `async with` closes it."""
    http = open_http(
        "Pipedrive",
        server,
        throttle=Throttle.pipedrive(),
        auth=httpx2.BasicAuth(app.id, app.secret),
        read_timeout=SECONDS,
        transport=transport,
    )
    return OAuth(http)


def _secret(body: dict[str, Any], name: str) -> str:
    text = body.get(name)
    good = isinstance(text, str) and text.isascii() and text.isprintable() and " " not in text
    return text if isinstance(text, str) and good else ""


_SORTS: dict[str, Callable[[int], Reconnect]] = {
    "invalid_grant": lambda status: BadGrant(
        "Pipedrive",
        "Pipedrive does not take this permission any more: connect again.",
        status,
        "invalid_grant",
    ),
    "invalid_client": lambda status: AppRefused(
        "Pipedrive",
        "Pipedrive does not know this app: check CHARGEPIPE_PIPEDRIVE_CLIENT_ID and "
        "CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET.",
        status,
        "invalid_client",
    ),
}


def _refusal(answer: httpx2.Response, body: dict[str, Any] | None) -> Reconnect | Transient:
    status, code = answer.status_code, str((as_dict(body) or {}).get("error"))
    if status < 500 and code in _SORTS:
        return _SORTS[code](status)
    if status == 401:
        return _SORTS["invalid_client"](status)
    return Transient(
        "Pipedrive", f"Pipedrive's sign-in answered with {status}. Try again later.", status
    )
