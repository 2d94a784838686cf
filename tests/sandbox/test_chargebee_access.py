"""Who may call Chargebee's API, how often, and what a refusal looks like."""

import pytest

from chargepipe.sandbox import Fault, Options
from chargepipe.sandbox.chargebee.access import REFUSALS
from chargepipe.sandbox.chargebee.errors import CODES
from sandbox.hook_line import HERE, HookLine
from sandbox.line import Line, code


def busy(line: Line, calls: int) -> list[int]:
    return [line.billing("/configurations").status_code for _ in range(calls)]


def test_a_test_site_only_answers_429_however_long_it_goes_on() -> None:
    line = Line(customers=5, options=Options(calls_per_minute=3))
    assert set(busy(line, 3)) == {200}
    assert set(busy(line, REFUSALS * 2)) == {429}
    line.clock.advance(60)
    assert set(busy(line, 3)) == {200}


def test_a_live_site_that_is_called_on_and_on_blocks_all_reads_until_it_is_set_free() -> None:
    line = Line(customers=5, options=Options(calls_per_minute=3))
    line.sandbox.site.live = True
    busy(line, 3)
    assert set(busy(line, REFUSALS)) == {429}
    assert line.sandbox.site.blocked
    line.clock.advance(3600)
    assert code(line.billing("/customers")) == (403, "request_blocked")
    line.sandbox.site.blocked = False
    assert set(busy(line, 3)) == {200}
    assert set(busy(line, REFUSALS - 1)) == {429}
    assert not line.sandbox.site.blocked


def test_a_live_site_forgives_few_refusals() -> None:
    line = Line(customers=5, options=Options(calls_per_minute=3))
    line.sandbox.site.live = True
    for _ in range(4):
        busy(line, 3 + REFUSALS // 2)
        line.clock.advance(301)
    assert not line.sandbox.site.blocked


def test_whether_a_429_says_how_long_to_wait_is_an_option() -> None:
    line = Line(customers=5, options=Options(calls_per_minute=1, sends_retry_after=False))
    busy(line, 1)
    refused = line.billing("/configurations")
    assert code(refused) == (429, "api_request_limit_exceeded")
    assert "retry-after" not in refused.headers
    line.sandbox.faults.add(Fault(service="chargebee", status=429))
    assert "retry-after" not in line.billing("/configurations").headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_supported(method: str) -> None:
    line = Line(customers=5)
    answer = line.send("chargebee", method, "/api/v2/customers")
    assert code(answer) == (405, "http_method_not_supported")


@pytest.mark.parametrize("path", ["/api/v2/nothing", "/api/v1/customers", "/customers", "/api/v2"])
def test_there_is_nothing_at_other_paths(path: str) -> None:
    answer = Line(customers=5).send("chargebee", "GET", path)
    assert code(answer) == (404, "resource_not_found")


@pytest.mark.parametrize("status", CODES)
def test_a_fault_answers_with_the_usual_code_of_its_status_or_with_any_other(status: int) -> None:
    line = Line(customers=5)
    line.sandbox.faults.add(Fault(service="chargebee", status=status))
    assert code(line.billing("/customers")) == (status, CODES[status][0])
    for other in CODES[status]:
        line.sandbox.faults.clear()
        line.sandbox.faults.add(Fault(service="chargebee", status=status, code=other))
        answer = line.billing("/customers")
        assert code(answer) == (status, other)
        assert answer.json()["http_status_code"] == status
        assert answer.json()["message"]


@pytest.mark.parametrize("status", [502, 504])
def test_what_stands_in_front_of_chargebee_answers_with_a_page(status: int) -> None:
    line = Line(customers=5)
    line.sandbox.faults.add(Fault(service="chargebee", status=status))
    answer = line.billing("/customers")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_a_503_can_be_a_page_too() -> None:
    line = Line(customers=5)
    line.sandbox.faults.add(Fault(service="chargebee", status=503, body="<h1>503</h1>"))
    answer = line.billing("/customers")
    assert (answer.status_code, answer.text) == (503, "<h1>503</h1>")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("status", "kind"), [(400, "invalid_request"), (500, "operation_failed")])
def test_errors_say_of_what_type_they_are_but_for_the_key(status: int, kind: str) -> None:
    line = Line(customers=5)
    line.sandbox.faults.add(Fault(service="chargebee", status=status))
    assert line.billing("/customers").json()["type"] == kind
    line.sandbox.faults.add(Fault(service="chargebee", status=401, skip=1))
    assert "type" not in line.billing("/customers").json()


def test_a_blocked_site_refuses_reads_alone() -> None:
    line = HookLine()
    line.sandbox.site.live = line.sandbox.site.blocked = True
    assert code(line.billing("/webhook_endpoints")) == (403, "request_blocked")
    assert line.add_hook()["url"] == HERE
