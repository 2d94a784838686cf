"""The control path: who may use it, and what it answers."""

from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Fault
from sandbox.line import Json, Line

URL = "http://127.0.0.1:8801/_sandbox/"


@pytest.fixture
def line() -> Line:
    return Line(customers=20)


def ask(line: Line, call: Any, **headers: str) -> httpx2.Response:
    return line.send("chargebee", "POST", f"{URL}call", json=call, headers=headers)


def look(line: Line, name: str = "state", **headers: str) -> httpx2.Response:
    return line.send("pipedrive", "GET", f"{URL}{name}", headers=headers)


TRAVEL = {"target": "clock", "method": "travel", "args": {"seconds": 3600}}


def test_time_travels_for_both_services(line: Line) -> None:
    before = look(line).json()["now"]
    assert ask(line, TRAVEL).json() == {"result": None}
    assert look(line).json()["now"] == before + 3600


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8801"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:8801"},
    ],
)
def test_another_web_site_can_neither_call_nor_look(line: Line, headers: Json) -> None:
    before = line.sandbox.clock.now()
    assert ask(line, TRAVEL, **headers).status_code == 403
    assert look(line, **headers).status_code == 403
    assert line.sandbox.clock.now() == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8801"},
        {"origin": "http://127.0.0.1:8801", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://localhost:8802", "host": "localhost:8802"},
        {"origin": "http://[::1]:8802", "host": "[::1]:8802"},
    ],
)
def test_the_page_itself_and_programs_may(line: Line, headers: Json) -> None:
    assert ask(line, TRAVEL, **headers).status_code == 200
    assert look(line, **headers).status_code == 200


def test_a_link_leads_to_the_page_from_anywhere_but_a_script_cannot_read_it(line: Line) -> None:
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert look(line, "", **visit).status_code == 200
    assert look(line, "", **visit | {"sec-fetch-mode": "cors"}).status_code == 403
    assert look(line, "", **visit | {"origin": "https://evil.example"}).status_code == 403
    assert look(line, "", host="evil.example").status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
)
def test_a_form_is_no_call(line: Line, kind: str) -> None:
    content = b'{"target":"clock","method":"travel","args":{"seconds":60}}'
    headers = {"content-type": kind}
    answer = line.send("chargebee", "POST", f"{URL}call", content=content, headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"target": "crm", "method": "__init__"}, "no crm.__init__"),
        ({"target": "billing", "method": "book"}, "no billing.book"),
        ({"target": "crm", "method": "overwrite"}, "no crm.overwrite"),
        ({"target": "sandbox", "method": "travel"}, "no sandbox.travel"),
        ({"target": "clock", "method": "later"}, "no clock.later"),
        ({"target": "clock", "method": "transport"}, "no clock.transport"),
        ({"target": "outbox", "method": "put"}, "no outbox.put"),
        ({"target": "hooks", "method": "all"}, "no hooks.all"),
        ({"target": ["crm"], "method": "person"}, "to call"),
        ({"target": "crm", "method": None}, "to call"),
        ({"target": "crm", "method": "person", "args": [1]}, "args has to be"),
        ({"target": "crm", "method": "person", "args": {}}, "id"),
        ({"target": "crm", "method": "person", "args": {"id": 10**6}}, "no person with the id"),
        ({"target": "clock", "method": "travel", "args": {"seconds": -1}}, "only moves forward"),
        ({"target": "faults", "method": "add", "args": {"kind": "fire"}}, "kind has to be one of"),
        ({"target": "clock", "method": "travel", "args": {"seconds": "x"}}, "a number"),
        ({"target": "clock", "method": "travel", "args": {"seconds": 1e300}}, "ten years"),
        ({"target": "clock", "method": "travel", "args": {"seconds": 10**400}}, "ten years"),
        ({"target": "clock", "method": "travel", "args": {"seconds": True}}, "a number"),
        ({"target": "clock", "method": "travel", "args": {"days": 1}}, "seconds"),
        ({"target": "billing", "method": "customer", "args": {"id": []}}, "id has to be text"),
        ({"target": "crm", "method": "person", "args": {"id": "1"}}, "a whole number"),
        ({"target": "crm", "method": "hide", "args": {"kind": "x", "id": 1}}, "one of person"),
        ({"target": "crm", "method": "add_products", "args": {"id": 1, "amounts": 5}}, "a list"),
        ({"target": "faults", "method": "add", "args": {"times": "5"}}, "times has to be"),
        ({"target": "faults", "method": "add", "args": {"service": "x"}}, "one of chargebee"),
        ({"target": "faults", "method": "add", "args": {"path": "("}}, "no regular expression"),
        ({"target": "faults", "method": "add", "args": {"method": "("}}, "no regular expression"),
        ("{", "target"),
        ([TRAVEL], "target"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(line: Line, call: Any, words: str) -> None:
    answer = ask(line, call)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert not answer.json()["error"].startswith("'")


def test_broken_json_is_an_error_in_words(line: Line) -> None:
    headers = {"content-type": "application/json"}
    answer = line.send("chargebee", "POST", f"{URL}call", content=b"{", headers=headers)
    assert answer.status_code == 400


def test_other_paths_and_methods_are_not_there(line: Line) -> None:
    for method, name in (("GET", "call"), ("POST", "state"), ("POST", ""), ("GET", "../sandbox")):
        answer = line.send("chargebee", method, f"{URL}{name}", headers={})
        assert answer.status_code in (404, 405), (method, name)


def test_the_state_names_faults_that_can_still_hit(line: Line) -> None:
    add = {"target": "faults", "method": "add", "args": {"status": 503, "times": 2}}
    ask(line, add)
    line.crm("GET", "/persons/1")
    (fault,) = look(line).json()["faults"]
    assert (fault["status"], fault["left"]) == (503, 1)
    line.crm("GET", "/persons/1")
    assert look(line).json()["faults"] == []
    line.sandbox.faults.add(Fault(times=None))
    assert look(line).json()["faults"][0]["left"] is None


def test_the_state_tells_the_newest_calls_first_and_at_most_twenty(line: Line) -> None:
    line.billing("/customers", limit=1)
    for _ in range(20):
        line.crm("GET", "/persons/1")
    state = look(line).json()
    newest = {"service": "pipedrive", "method": "GET", "path": "/api/v2/persons/1"}
    assert len(state["calls"]) == 20
    assert state["calls"][0].items() >= newest.items()
    assert state["requests"] == {"chargebee": 1, "pipedrive": 20}
    assert state["tokens_used_today"] == 20
    assert state["tokens_left_today"] == state["company"]["daily_tokens"] - 20


def test_the_state_tells_events_without_their_content(line: Line) -> None:
    id = next(line.sandbox.billing.customers())["id"]
    line.sandbox.billing.edit_customer(id, first_name="Somebody")
    answer = look(line)
    event = answer.json()["events"][0]
    assert event["event_type"] == "customer_changed"
    assert event["about"] == {"customer": id}
    assert "Somebody" not in answer.text


def test_looking_is_not_a_call_of_a_service(line: Line) -> None:
    look(line)
    ask(line, TRAVEL)
    assert not line.sandbox.requests


def test_no_secret_is_shown(line: Line) -> None:
    held = line.sandbox
    secrets = [held.chargebee_key, held.chargebee_full_key, held.pipedrive_token]
    text = look(line).text
    for secret in secrets:
        assert secret not in text


def test_webhooks_are_told_without_password_and_without_the_token_in_their_address(
    line: Line,
) -> None:
    url = "http://127.0.0.1:8000/hooks/pipedrive/hidden-token?key=hidden-key"
    body = {
        "name": "ours",
        "subscription_url": url,
        "event_action": "*",
        "event_object": "person",
        "http_auth_user": "hidden-name",
        "http_auth_password": "hidden-password",
    }
    made = line.send("pipedrive", "POST", "/api/v1/webhooks", json=body)
    assert made.status_code == 201, made.text
    form = {
        "name": "ours",
        "url": "http://127.0.0.1:8000/hooks/chargebee/hidden-token",
        "basic_auth_username": "hidden-name",
        "basic_auth_password": "hidden-password",
        "api_version": "v2",
    }
    key = (line.sandbox.chargebee_full_key, "")
    made = line.send("chargebee", "POST", "/api/v2/webhook_endpoints", data=form, auth=key)
    assert made.status_code == 200, made.text
    answer = look(line)
    assert "hidden" not in answer.text
    assert [(hook["service"], hook["to"]) for hook in answer.json()["hooks"]] == [
        ("chargebee", "http://127.0.0.1:8000/hooks/chargebee/..."),
        ("pipedrive", "http://127.0.0.1:8000/hooks/pipedrive/..."),
    ]
