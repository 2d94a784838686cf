"""The OAuth server of the simulated account (fact sheet 7)."""

import base64

import httpx2
import pytest

from sandbox import app
from sandbox.line import Json, Line
from sandbox.receiver import Receiver, deliver

ME = "/api/v1/users/me"
DAY = 86_400


@pytest.fixture
def line() -> Line:
    return Line(customers=5)


def refused(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert body["success"] is False
    return answer.status_code, body["error"], body["message"]


INVALID_TOKEN = (400, "invalid_grant", "Invalid grant: refresh_token is invalid")
INVALID_CODE = (400, "invalid_grant", "Invalid grant: authorization_code is invalid")


def test_the_page_says_which_app_asks_for_which_scopes(line: Line) -> None:
    line.sandbox.apps.register(scopes=["contacts:read", "deals:full"])
    page = app.authorize(line, state='"><script>')
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "Sandbox app" in page.text
    assert [s for s in ("base", "contacts:read", "deals:full") if f"<code>{s}<" in page.text] == [
        "base",
        "contacts:read",
        "deals:full",
    ]
    assert "contacts:full" not in page.text
    assert "<script>" not in page.text
    assert "&quot;&gt;&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "https://example.com/callback"},
        {"redirect_uri": "http://127.0.0.1.example.com/"},
        {"redirect_uri": "/relative"},
        {"redirect_uri": ""},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_client_or_callback_is_refused_without_a_redirect(
    line: Line, wrong: Json, method: str
) -> None:
    answer = app.authorize(line, method, decision="allow", **wrong)
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_registered_callback_is_the_only_one(line: Line) -> None:
    line.sandbox.apps.register("http://localhost:9999/cb")
    assert app.authorize(line).status_code == 400
    assert app.authorize(line, redirect_uri="http://localhost:9999/cb").status_code == 200


def test_a_callback_beyond_this_machine_and_an_unknown_scope_cannot_be_registered(
    line: Line,
) -> None:
    with pytest.raises(ValueError, match="this machine"):
        line.sandbox.apps.register("https://example.com/cb")
    with pytest.raises(ValueError, match="contacts:write"):
        line.sandbox.apps.register(scopes=["contacts:write"])


def test_another_web_site_cannot_decide_for_the_user(line: Line) -> None:
    foreign = {"origin": "https://example.com"}
    answer = app.authorize(line, "POST", foreign, decision="allow")
    assert answer.status_code == 403
    assert "location" not in answer.headers
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert app.authorize(line, "GET", visit).status_code == 200


def test_allowing_gives_a_code_and_the_state(line: Line) -> None:
    answer = app.authorize(line, "POST", decision="allow")
    assert answer.headers["location"].startswith(app.CALLBACK + "?code=")
    assert app.told(answer)["state"] == ["xyz"]
    uri = app.CALLBACK + "?a=1"
    assert app.told(app.authorize(line, "POST", redirect_uri=uri, decision="allow"))["a"] == ["1"]


def test_denying_tells_the_app_so(line: Line) -> None:
    answer = app.authorize(line, "POST", decision="deny")
    assert app.told(answer) == {"error": ["user_denied"], "state": ["xyz"]}


def test_a_code_becomes_tokens_that_open_the_api(line: Line) -> None:
    answer = app.exchange(line, app.code(line))
    assert answer.status_code == 200
    tokens = answer.json()
    assert set(tokens) == {
        *("access_token", "token_type", "refresh_token", "scope", "expires_in", "api_domain")
    }
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3599
    assert tokens["api_domain"] == "http://127.0.0.1:8082"
    assert set(tokens["scope"].split(",")) == set(line.sandbox.apps.scopes)
    assert 768 <= len(tokens["access_token"]) <= 1024
    assert app.call(line, tokens, "GET", ME).json()["data"]["company_id"] == 7001
    assert line.sandbox.apps.is_installed


def test_a_code_is_good_once(line: Line) -> None:
    code = app.code(line)
    assert app.exchange(line, code).status_code == 200
    used = "Invalid grant: authorization_code has already been exchanged"
    assert refused(app.exchange(line, code))[1:] == ("invalid_grant", used)
    assert refused(app.exchange(line, "made up")) == INVALID_CODE


def test_a_code_is_good_for_five_minutes(line: Line) -> None:
    early, late = app.code(line), app.code(line)
    line.clock.advance(299)
    assert app.exchange(line, early).status_code == 200
    line.clock.advance(1)
    expired = "Invalid grant: authorization_code has expired"
    assert refused(app.exchange(line, late)) == (400, "invalid_grant", expired)


def test_a_code_is_for_the_callback_that_got_it(line: Line) -> None:
    code = app.code(line)
    other = refused(app.exchange(line, code, redirect_uri="http://127.0.0.1:1/other"))
    assert other == (400, "invalid_request", "Invalid request: redirect_uri is invalid")
    none = refused(app.exchange(line, code, redirect_uri="x"))
    assert none == (400, "invalid_request", "Invalid request: redirect_uri is not a valid URI")
    assert app.exchange(line, code).status_code == 200


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        (("sandbox-app", "wrong"), "Invalid client: client is invalid"),
        (("somebody", "sandbox-secret"), "Invalid client: client is invalid"),
        (None, "Invalid client: cannot retrieve client credentials"),
    ],
)
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_the_app_has_to_say_who_it_is(line: Line, auth: object, message: str, path: str) -> None:
    answer = app.post(line, path, auth=auth, grant_type="refresh_token", token="x")
    assert refused(answer) == (400, "invalid_client", message)


def test_the_credentials_may_stand_in_the_body(line: Line) -> None:
    code = app.code(line)
    form = {
        "client_id": "sandbox-app",
        "client_secret": "sandbox-secret",
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": app.CALLBACK,
    }
    assert app.post(line, "/oauth/token", auth=None, **form).status_code == 200


def test_a_token_is_asked_for_with_a_form_and_a_known_grant(line: Line) -> None:
    json = line.send("pipedrive", "POST", "/oauth/token", json={}, auth=app.CREDENTIALS)
    assert refused(json)[1:] == (
        "invalid_request",
        "Invalid request: content must be application/x-www-form-urlencoded",
    )
    assert refused(app.post(line, "/oauth/token", code="x"))[2] == "Missing parameter: grant_type"
    other = refused(app.post(line, "/oauth/token", grant_type="password"))
    assert other[1:] == ("unsupported_grant_type", "Unsupported grant type: grant_type is invalid")


def test_an_access_token_is_good_for_an_hour_and_can_be_refreshed(line: Line) -> None:
    tokens = app.install(line)
    line.clock.advance(3599)
    assert app.call(line, tokens, "GET", ME).status_code == 200
    line.clock.advance(1)
    expired = app.call(line, tokens, "GET", ME)
    assert expired.status_code == 401
    assert expired.json()["error"] == "Invalid token: access token is invalid"
    fresh = app.refresh(line, tokens["refresh_token"]).json()
    assert fresh["refresh_token"] == tokens["refresh_token"]
    assert fresh["access_token"] != tokens["access_token"]
    assert app.call(line, fresh, "GET", ME).status_code == 200
    slash = app.post(
        line, "/oauth/token/", grant_type="refresh_token", refresh_token=fresh["refresh_token"]
    )
    assert slash.status_code == 200


def test_a_refresh_token_lives_for_60_days_from_its_last_use(line: Line) -> None:
    token = app.install(line)["refresh_token"]
    for _ in range(3):
        line.clock.advance(59 * DAY)
        assert app.refresh(line, token).status_code == 200
    line.clock.advance(60 * DAY)
    assert refused(app.refresh(line, token)) == INVALID_TOKEN
    assert not line.sandbox.apps.is_installed


def test_installing_anew_ends_the_earlier_refresh_token(line: Line) -> None:
    first, second = app.install(line), app.install(line)
    assert refused(app.refresh(line, first["refresh_token"])) == INVALID_TOKEN
    assert app.refresh(line, second["refresh_token"]).status_code == 200


def test_new_scopes_need_a_new_authorization(line: Line) -> None:
    tokens = app.install(line, "contacts:read")
    line.sandbox.apps.register(scopes=["contacts:read", "deals:read"])
    fresh = app.refresh(line, tokens["refresh_token"]).json()
    assert fresh["scope"] == "base,contacts:read"
    assert app.install(line)["scope"] == "base,contacts:read,deals:read"


def test_revoking_an_access_token_ends_that_alone(line: Line) -> None:
    tokens = app.install(line)
    assert app.post(line, "/oauth/revoke", token=tokens["access_token"]).status_code == 200
    assert app.call(line, tokens, "GET", ME).status_code == 401
    assert app.refresh(line, tokens["refresh_token"]).status_code == 200


def test_revoking_the_refresh_token_uninstalls_without_a_callback(line: Line) -> None:
    tokens = app.install(line)
    assert app.post(line, "/oauth/revoke", token=tokens["refresh_token"]).status_code == 200
    assert app.call(line, tokens, "GET", ME).status_code == 401
    assert refused(app.refresh(line, tokens["refresh_token"])) == INVALID_TOKEN
    assert deliver(line, Receiver()) == []
    assert app.post(line, "/oauth/revoke", token=tokens["refresh_token"]).status_code == 200


def test_access_can_be_revoked_from_outside(line: Line) -> None:
    tokens = app.install(line)
    line.sandbox.apps.revoke()
    assert app.call(line, tokens, "GET", ME).status_code == 401
    assert app.refresh(line, tokens["refresh_token"]).status_code == 200


def test_a_user_who_uninstalls_is_told_to_the_app(line: Line) -> None:
    tokens = app.install(line)
    line.sandbox.apps.uninstall()
    assert app.call(line, tokens, "GET", ME).status_code == 401
    assert refused(app.refresh(line, tokens["refresh_token"])) == INVALID_TOKEN
    receiver = Receiver(500)
    assert deliver(line, receiver) == [
        {
            "client_id": "sandbox-app",
            "company_id": 7001,
            "user_id": line.sandbox.crm.me["id"],
            "timestamp": "2026-11-02T09:00:00Z",
        }
    ]
    request = receiver.requests[0]
    basic = base64.b64encode(b"sandbox-app:sandbox-secret").decode()
    assert (request.method, str(request.url)) == ("DELETE", app.CALLBACK)
    assert request.headers["authorization"] == f"Basic {basic}"
    line.clock.advance(300)
    assert deliver(line, receiver) == []
    with pytest.raises(ValueError, match="not installed"):
        line.sandbox.apps.uninstall()


def test_oauth_costs_no_tokens_and_other_paths_of_it_are_unknown(line: Line) -> None:
    app.refresh(line, app.install(line)["refresh_token"])
    assert line.sandbox.tokens_used == 0
    assert line.send("pipedrive", "GET", "/oauth/nothing").status_code == 404


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "token", "Basic abc"])
def test_a_malformed_authorization_header_is_a_bad_request(line: Line, header: str) -> None:
    answer = line.send("pipedrive", "GET", ME, headers={"authorization": header})
    assert answer.status_code == 400
    assert answer.json()["error"] == "Invalid request: malformed authorization header"


def test_revoking_one_access_token_leaves_the_others(line: Line) -> None:
    first = app.install(line)
    second = app.refresh(line, first["refresh_token"]).json()
    assert app.post(line, "/oauth/revoke", token=first["access_token"]).status_code == 200
    assert app.call(line, first, "GET", ME).status_code == 401
    assert app.call(line, second, "GET", ME).status_code == 200
