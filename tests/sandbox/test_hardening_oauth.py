"""The OAuth server redirects nowhere but to a proper address on this machine."""

import pytest

from sandbox import app
from sandbox.line import Line
from sandbox.test_hardening_outbox import IMPROPER


@pytest.fixture
def line() -> Line:
    return Line(customers=3)


@pytest.mark.parametrize("uri", IMPROPER)
def test_a_callback_that_is_no_proper_address_is_refused(line: Line, uri: str) -> None:
    if "\ud800" in uri:
        uri = uri.replace("\ud800", "\ufffd")  # what is left of it in a query
    for method in ("GET", "POST"):
        answer = app.authorize(line, method, redirect_uri=uri, decision="allow")
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize("uri", IMPROPER)
def test_a_token_call_with_such_a_callback_is_refused_in_its_words(line: Line, uri: str) -> None:
    answer = app.exchange(line, app.code(line), redirect_uri=uri.replace("\ud800", "\ufffd"))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize("uri", IMPROPER)
def test_no_app_is_registered_with_one(line: Line, uri: str) -> None:
    with pytest.raises(ValueError, match="on this machine"):
        line.sandbox.apps.register(uri)


def test_an_access_token_is_as_long_as_real_ones_are(line: Line) -> None:
    assert len(app.install(line)["access_token"]) >= 768


def test_a_code_that_was_used_says_so(line: Line) -> None:
    code = app.code(line)
    assert app.exchange(line, code).status_code == 200
    again = app.exchange(line, code)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert "already been exchanged" in again.json()["message"]
