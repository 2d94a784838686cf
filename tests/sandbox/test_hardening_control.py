"""The control path: faults within bounds, words for people, methods and names."""

import time
from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Fault
from sandbox.line import Line

URL = "http://127.0.0.1:8801/_sandbox/"
PYTHON = (
    *("Expecting", "argument 'self'", "invalid literal", "codec", "None", "object has no"),
    *("positional", "keyword", "unhashable", "NoneType", "Traceback", "Stop argument", "()"),
)


@pytest.fixture
def line() -> Line:
    return Line(customers=5)


def ask(line: Line, target: Any, method: Any, args: Any = None) -> httpx2.Response:
    call = {"target": target, "method": method, "args": args or {}}
    return line.send("chargebee", "POST", f"{URL}call", json=call, headers={})


@pytest.mark.parametrize(
    "args",
    [
        *({"path": path} for path in ("(a+)+$", "(a|a)*$", "(.*)*x", "((a*)b?){2,}", "(a)\\1")),
        *(
            {"path": path}
            for path in (".*.*.*x", "a?" * 40, "(?x)(a+) +$", "(a|a)" * 30, "a" * 201)
        ),
        {"method": "(P+)+"},
        {"path": "[(]a+)+"},
        *({"status": status} for status in (0, 99, 100, 199, 600, -1, 10**30)),
        *({"seconds": seconds} for seconds in (-1, 3601, 1e300)),
        *({"times": times} for times in (0, -1)),
        {"skip": -1},
        *({"content_type": text} for text in ("a\r\nx: 1", "a\x00", "a\n", "text/€")),
        {"body": "a\x00b"},
        {"code": "\x1b[0m"},
    ],
)
def test_a_fault_out_of_bounds_is_refused_in_words(line: Line, args: dict[str, Any]) -> None:
    answer = ask(line, "faults", "add", args)
    assert answer.status_code == 400
    assert not any(word in answer.json()["error"] for word in PYTHON if word != "()")
    assert line.sandbox.faults.in_force() == []


@pytest.mark.parametrize(
    "args",
    [
        *({"path": path} for path in ("/persons$", r"/persons/\d+$", "(persons|deals)", "[*+]{2}")),
        {"method": "POST|PATCH|PUT|DELETE"},
        {"status": 204},
        {"status": 599, "times": None, "skip": 0, "seconds": 3600, "body": "one\r\n\ttwo €"},
        {"content_type": "text/plain; charset=latin-1"},
    ],
)
def test_a_fault_within_bounds_is_put_in_force(line: Line, args: dict[str, Any]) -> None:
    assert ask(line, "faults", "add", args).status_code == 200
    assert line.send("pipedrive", "POST", "/api/v2/persons", json={"name": "x"}).status_code


def test_no_path_takes_a_pattern_long(line: Line) -> None:
    assert ask(line, "faults", "add", {"path": "a*[a-z]*a{3}!"}).status_code == 400
    assert ask(line, "faults", "add", {"path": "a*[a-z]*!"}).status_code == 200
    begun = time.process_time()
    line.crm("GET", "/" + "a" * 20_000)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("wrong", [{"status": 99}, {"skip": -1}, {"seconds": float("nan")}])
def test_faults_of_a_test_are_held_to_the_same_bounds(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Fault(**wrong)


@pytest.mark.parametrize("status", [204, 304])
def test_a_fault_without_a_body_has_none(line: Line, status: int) -> None:
    line.sandbox.faults.add(Fault(status=status, body="x"))
    answer = line.crm("GET", "/persons/1")
    assert (answer.status_code, answer.content) == (status, b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("target", "method", "args", "words"),
    [
        ("billing", "add_customer", {"self": 1}, "no argument 'self'"),
        ("billing", "customer", {"self": 1, "id": "x"}, "there are id"),
        ("crm", "person", {}, "args has to hold id"),
        ("crm", "deals", {"x": 1}, "it takes none"),
        (None, "person", {}, "as text"),
        ("crm", None, {}, "as text"),
        ("crm", ["person"], {}, "as text"),
        ("x", "y", {}, "targets are billing"),
        ("clock", "stop", {}, "clock has travel"),
        ("billing", "edit_customer", {"id": "cust_000001", "updated_at": "x"}, "whole number"),
        ("billing", "edit_customer", {"id": "cust_000001", "id2": "x"}, "no attribute 'id2'"),
        ("billing", "customer", {"id": "cust_" + "1" * 5000}, "no customer with the id"),
        ("crm", "search", {"text": "x", "limit": "y"}, "a whole number"),
        ("site", "set", {"list_lag": 10**400}, "seconds from 0"),
        ("clock", "travel", {"seconds": [1]}, "a number"),
        ("apps", "register", {"redirect_uri": "http://evil.example/"}, "on this machine"),
        ("apps", "register", {"scopes": ["all"]}, "no scope all"),
    ],
)
def test_what_is_wrong_is_said_in_words_for_people(
    line: Line, target: Any, method: Any, args: Any, words: str
) -> None:
    answer = ask(line, target, method, args)
    said = answer.json()["error"]
    assert answer.status_code == 400
    assert words in said
    assert not any(word in said for word in PYTHON if word != "argument 'self'"), said


def test_what_nobody_thought_of_is_no_python_either(
    line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(id: str) -> None:
        raise AttributeError("'NoneType' object has no attribute 'x'")

    monkeypatch.setattr(line.sandbox.billing, "customer", broken)
    answer = ask(line, "billing", "customer", {"id": "x"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "billing.customer can do nothing with these values"
    assert "AttributeError" in caplog.text


def test_the_app_is_registered_by_whoever_plays(line: Line) -> None:
    here = "http://127.0.0.1:8000/callback"
    assert ask(line, "apps", "register", {"redirect_uri": here}).status_code == 200
    assert line.sandbox.apps.redirect_uri == here


@pytest.mark.parametrize(
    ("method", "name", "allowed"),
    [
        ("GET", "call", "POST"),
        ("PUT", "call", "POST"),
        ("POST", "state", "GET"),
        ("DELETE", "state", "GET"),
        ("POST", "", "GET"),
        ("HEAD", "app.js", "GET"),
    ],
)
def test_a_wrong_method_is_answered_405(line: Line, method: str, name: str, allowed: str) -> None:
    answer = line.send("pipedrive", method, URL + name, headers={})
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_strange_path_is_answered_404(line: Line) -> None:
    assert line.send("pipedrive", "POST", f"{URL}nothing", headers={}).status_code == 404


@pytest.mark.parametrize("host", ["LOCALHOST:8801", "LocalHost", "127.0.0.1", "[::1]:1"])
def test_a_host_may_be_written_in_capitals(line: Line, host: str) -> None:
    answer = line.send("pipedrive", "GET", f"{URL}state", headers={"host": host})
    assert answer.status_code == 200
    own = {"host": host, "origin": f"http://{host.lower()}"}
    assert line.send("pipedrive", "GET", f"{URL}state", headers=own).status_code == 200
