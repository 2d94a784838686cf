"""An OAuth app that talks to the sandbox as one in a browser and on a server would."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from sandbox.line import Json, Line

CALLBACK = "http://127.0.0.1:8000/oauth/callback"
HOST = {"host": "127.0.0.1:8082"}
CREDENTIALS = ("sandbox-app", "sandbox-secret")


def authorize(line: Line, method: str = "GET", headers: Json | None = None, **more: Any) -> Any:
    """The page that asks, or with POST the user's decision."""
    given = {"client_id": "sandbox-app", "redirect_uri": CALLBACK, "state": "xyz"} | more
    body = {"params": given} if method == "GET" else {"data": given}
    path = "/oauth/authorize"
    return line.send("pipedrive", method, path, headers=HOST | (headers or {}), **body)


def told(answer: httpx2.Response) -> dict[str, list[str]]:
    """What the callback URL is told by a redirect."""
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)


def code(line: Line) -> str:
    """A code, once the user has allowed it."""
    return told(authorize(line, "POST", decision="allow"))["code"][0]


def post(line: Line, path: str, auth: Any = CREDENTIALS, **form: str) -> httpx2.Response:
    """A form sent to the OAuth server."""
    return line.send("pipedrive", "POST", path, data=form, auth=auth, headers=HOST)


def exchange(line: Line, given: str, **more: str) -> httpx2.Response:
    """Tokens for a code."""
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK} | more
    return post(line, "/oauth/token", **form)


def refresh(line: Line, token: str) -> httpx2.Response:
    """A new access token."""
    return post(line, "/oauth/token", grant_type="refresh_token", refresh_token=token)


def install(line: Line, *scopes: str) -> Json:
    """The tokens of an installed app; with scopes, those are registered first."""
    if scopes:
        line.sandbox.apps.register(scopes=scopes)
    return exchange(line, code(line)).json()


def call(line: Line, tokens: Json, method: str, path: str, **more: Any) -> httpx2.Response:
    """A call of the API with an access token; `path` from the root."""
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    return line.send("pipedrive", method, path, headers=headers, **more)
