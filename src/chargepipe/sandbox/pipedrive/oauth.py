"""Pipedrive's OAuth server, on the port of the API: authorize, token, revoke (fact sheet 7).

Messages are those of Pipedrive's page "OAuth status codes"; all of them come with 400.
"""

from collections.abc import Callable
from secrets import compare_digest
from typing import TypeVar
from urllib.parse import unquote, urlencode, urlsplit

from .. import guard
from ..messages import Answer, Refused, Request, Route
from ..outbox import is_local
from . import oauth_page
from .apps import Apps
from .grants import BadGrant, Grant
from .oauth_forms import credentials, read_form, wrong

EXPIRES_IN = 3599
"""Seconds that an access token says that it is good for; it is good for one more."""
_Good = TypeVar("_Good")
_CALLS = (
    ("GET", "/oauth/authorize"),
    ("POST", "/oauth/authorize"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
)


class OAuth:
    """Answers under /oauth/; nothing here costs tokens."""

    def __init__(self, apps: Apps) -> None:
        self._apps = apps

    @property
    def routes(self) -> list[Route]:
        """The calls, which cost nothing."""
        return [Route(*call, self.answer) for call in _CALLS]

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        try:
            match request.method, request.path.removesuffix("/"):
                case "GET", "/oauth/authorize":
                    return self._ask(request)
                case "POST", "/oauth/authorize":
                    return self._decided(request)
                case "POST", "/oauth/token":
                    return self._token(request)
                case "POST", "/oauth/revoke":
                    return self._revoke(request)
                case _:
                    return oauth_page.refusal(404, "There is no such page")
        except Refused as refused:
            return refused.answer

    def _ask(self, request: Request) -> Answer:
        """GET /oauth/authorize: the page that asks the user."""
        fields = self._checked(request, request.params, to_look=True)
        return oauth_page.consent(self._apps.name, self._apps.scopes, fields)

    def _decided(self, request: Request) -> Answer:
        """The user's decision goes to the callback URL."""
        form = read_form(request)
        fields = self._checked(request, form, to_look=False)
        uri = fields["redirect_uri"]
        told = {"state": fields["state"]} if "state" in fields else {}
        if form.get("decision") == "allow":
            told = {"code": self._apps.grants.issue_code(uri, self._apps.scopes)} | told
        else:
            told = {"error": "user_denied"} | told
        joint = "&" if urlsplit(uri).query else "?"
        headers = (("location", uri + joint + urlencode(told)), ("cache-control", "no-store"))
        return Answer(302, "", headers, "text/plain; charset=utf-8")

    def _checked(self, request: Request, given: dict[str, str], *, to_look: bool) -> dict[str, str]:
        """Client, callback and state of an authorization. Raises Refused, redirecting nowhere."""
        why = guard.refusal(request, to_look=to_look)
        if why:
            raise Refused(oauth_page.refusal(403, why))
        if given.get("client_id") != self._apps.client_id:
            raise Refused(oauth_page.refusal(400, "Invalid client: client is invalid"))
        if not self._apps.takes(given.get("redirect_uri", "")):
            raise Refused(oauth_page.refusal(400, "Invalid request: redirect_uri is invalid"))
        return {k: given[k] for k in ("client_id", "redirect_uri", "state") if k in given}

    def _token(self, request: Request) -> Answer:
        """POST /oauth/token: a code, or a refresh token, for an access token."""
        form = self._signed(request)
        match form.get("grant_type"):
            case "authorization_code":
                tokens = self._by_code(form)
            case "refresh_token":
                tokens = _good(lambda: self._apps.grants.refresh(form.get("refresh_token", "")))
            case None:
                raise wrong("invalid_request", "Missing parameter: grant_type")
            case _:
                message = "Unsupported grant type: grant_type is invalid"
                raise wrong("unsupported_grant_type", message)
        return self._told(request, *tokens)

    def _by_code(self, form: dict[str, str]) -> tuple[Grant, Grant]:
        code, uri = form.get("code", ""), form.get("redirect_uri", "")
        pending = _good(lambda: self._apps.grants.pending(code))
        if not is_local(uri):
            raise wrong("invalid_request", "Invalid request: redirect_uri is not a valid URI")
        if uri != pending.redirect_uri:
            raise wrong("invalid_request", "Invalid request: redirect_uri is invalid")
        return _good(lambda: self._apps.grants.exchange(code))

    def _told(self, request: Request, access: Grant, refresh: Grant) -> Answer:
        body = {
            "access_token": access.text,
            "token_type": "Bearer",
            "refresh_token": refresh.text,
            "scope": ",".join(sorted(access.scopes)),
            "expires_in": EXPIRES_IN,
            "api_domain": f"http://{request.headers.get('host', 'localhost')}",
        }
        return Answer(200, body, (("cache-control", "no-store"),))

    def _revoke(self, request: Request) -> Answer:
        """POST /oauth/revoke (RFC 7009): a token that is not known is no error."""
        # Pipedrive's own client (npm, 33.7.0) percent-encodes the token once more than a form.
        token = unquote(self._signed(request).get("token", ""))
        installed = self._apps.grants.installed
        if installed is not None and token == installed.text:
            self._apps.forget()
        else:
            self._apps.grants.drop_access(token)
        return Answer(200, {"success": True})

    def _signed(self, request: Request) -> dict[str, str]:
        """The body of a request that the app signs. Raises Refused."""
        form = read_form(request)
        given = credentials(request, form)
        good = f"{self._apps.client_id}:{self._apps.client_secret}"
        if not compare_digest(given.encode(), good.encode()):
            raise wrong("invalid_client", "Invalid client: client is invalid")
        return form


def _good(grant: Callable[[], _Good]) -> _Good:
    try:
        return grant()
    except BadGrant as bad:
        raise wrong("invalid_grant", str(bad)) from None
