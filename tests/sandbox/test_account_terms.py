"""Plan, seats, a closed account, missing headers, and the edge that blocks (fact sheet 2)."""

from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Options
from chargepipe.sandbox.pipedrive.limiter import HAMMERING
from sandbox import app
from sandbox.line import Line, code

LIMITS = (
    *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    *("x-daily-ratelimit-token-limit", "x-daily-ratelimit-token-remaining"),
)


def look(line: Line) -> httpx2.Response:
    return line.crm("GET", "/pipelines")


def burst(line: Line, send: Any) -> int:
    """How many calls pass at once."""
    passed = 0
    while send().status_code == 200:
        passed += 1
    line.clock.advance(2)
    return passed


def test_a_plan_and_seats_can_be_switched_in_mid_flight() -> None:
    line = Line(customers=5)
    assert burst(line, lambda: look(line)) == 20
    line.sandbox.company.plan = "ultimate"
    line.sandbox.company.seats = 2
    answer = look(line)
    assert answer.headers["x-daily-ratelimit-token-limit"] == "420000"
    assert answer.headers["x-daily-ratelimit-token-remaining"] == str(420_000 - 21 * 5)
    assert answer.headers["x-ratelimit-limit"] == "120"
    line.clock.advance(2)
    assert burst(line, lambda: look(line)) == 120
    line.sandbox.company.plan = "growth"
    assert burst(line, lambda: look(line)) == 40


def test_a_smaller_plan_can_end_the_day_at_once() -> None:
    line = Line(customers=5, plan="growth")
    while line.sandbox.tokens_used < 30_000:
        if line.crm("GET", "/persons/search", term="an").status_code == 429:
            line.clock.advance(2)
    line.clock.advance(2)
    assert look(line).status_code == 200
    line.sandbox.company.plan = "lite"
    refused = look(line)
    assert refused.status_code == 429
    assert refused.headers["x-daily-ratelimit-token-remaining"] == "0"


@pytest.mark.parametrize(("plan", "calls"), [("lite", 80), ("growth", 160)])
def test_an_app_may_call_four_times_as_often(plan: str, calls: int) -> None:
    line = Line(customers=5, plan=plan)
    tokens = app.install(line)
    assert burst(line, lambda: app.call(line, tokens, "GET", "/api/v2/pipelines")) == calls
    assert line.sandbox.tokens_used == calls * 5


def test_bursts_are_per_token_and_the_budget_is_one() -> None:
    line = Line(customers=5)
    tokens = app.install(line)
    for _ in range(20):
        look(line)
    assert look(line).status_code == 429
    other = app.call(line, tokens, "GET", "/api/v2/pipelines")
    assert other.status_code == 200
    assert other.headers["x-ratelimit-remaining"] == "79"
    assert other.headers["x-daily-ratelimit-token-remaining"] == str(30_000 - 21 * 5)


def test_searches_are_as_narrow_for_an_app() -> None:
    line = Line(customers=5)
    tokens = app.install(line)
    path = "/api/v2/persons/search?term=an"
    assert burst(line, lambda: app.call(line, tokens, "GET", path)) == 10


def test_a_closed_account_answers_402_until_it_is_open_again() -> None:
    line = Line(customers=5)
    line.sandbox.company.is_open = False
    answer = look(line)
    assert answer.status_code == 402
    assert answer.json()["success"] is False
    assert line.send("pipedrive", "GET", "/api/v1/users/me").status_code == 402
    assert line.send("pipedrive", "GET", "/api/v1/users/me", headers={}).status_code == 401
    assert line.sandbox.tokens_used == 0
    line.sandbox.company.is_open = True
    assert look(line).status_code == 200


def test_limits_may_not_be_shown_at_all() -> None:
    line = Line(customers=5)
    assert all(name in look(line).headers for name in LIMITS)
    line.sandbox.company.shows_limits = False
    passed = look(line)
    assert not any(name in passed.headers for name in LIMITS)
    refused = [look(line) for _ in range(20)][-1]
    assert refused.status_code == 429
    assert not any(name in refused.headers for name in LIMITS)
    assert refused.headers["retry-after"] == "2"


@pytest.mark.parametrize("sends", [True, False])
def test_whether_a_429_says_how_long_to_wait_is_an_option(sends: bool) -> None:
    line = Line(customers=5, options=Options(sends_retry_after=sends))
    refused = [look(line) for _ in range(21)][-1]
    assert code(refused) == (429, None)
    assert ("retry-after" in refused.headers) is sends


@pytest.mark.parametrize("costs", [True, False])
def test_whether_another_refusal_costs_tokens_is_an_option(costs: bool) -> None:
    line = Line(customers=5, options=Options(failed_costs=costs))
    assert line.crm("GET", "/persons/9999").status_code == 404
    assert line.crm("POST", "/persons", {}).status_code == 400
    assert line.sandbox.tokens_used == (6 if costs else 0)
    assert look(line).headers["x-daily-ratelimit-token-remaining"] == str(
        30_000 - line.sandbox.tokens_used
    )


@pytest.mark.parametrize("hour", [0, 12, 21])
def test_the_budget_begins_anew_at_an_hour_that_is_an_option(hour: int) -> None:
    line = Line(customers=5, options=Options(reset_hour=hour))
    look(line)
    left = "x-daily-ratelimit-token-remaining"
    wait = (hour - 9) % 24 * 3600
    line.clock.advance(wait - 1)
    assert look(line).headers[left] == "29990"
    line.clock.advance(1)
    assert look(line).headers[left] == "29995"


def hammer(line: Line, send: Any) -> httpx2.Response:
    """The answer to the last of many calls that do not care for 429."""
    for _ in range(20 + HAMMERING + 1):
        send()
    return send()


def test_who_keeps_calling_through_429_is_blocked_with_a_web_page_for_15_minutes() -> None:
    line = Line(customers=5)
    blocked = hammer(line, lambda: look(line))
    assert blocked.status_code == 403
    assert blocked.headers["content-type"].startswith("text/html")
    assert "Cloudflare" in blocked.text
    assert not any(name in blocked.headers for name in LIMITS)
    line.clock.advance(899)
    assert look(line).status_code == 403
    line.clock.advance(1)
    assert look(line).status_code == 200


def test_apps_are_not_blocked() -> None:
    line = Line(customers=5)
    tokens = app.install(line)
    send = lambda: app.call(line, tokens, "GET", "/api/v2/pipelines")  # noqa: E731
    for _ in range(80 + 2 * HAMMERING):
        send()
    assert send().status_code == 429
    hammer(line, lambda: look(line))
    line.clock.advance(2)
    assert look(line).status_code == 403
    assert send().status_code == 200


def test_who_waits_is_never_blocked() -> None:
    line = Line(customers=5)
    for _ in range(2 * HAMMERING):
        burst(line, lambda: look(line))
        line.sandbox.company.seats += 1
    assert look(line).status_code == 200


def test_the_refusals_of_an_app_do_not_block_the_api_token() -> None:
    line = Line(customers=5)
    tokens = app.install(line)
    for _ in range(80 + 2 * HAMMERING):
        app.call(line, tokens, "GET", "/api/v2/pipelines")
    answers = [look(line).status_code for _ in range(21)]
    assert answers[-1] == 429
    line.clock.advance(2)
    assert look(line).status_code == 200


def test_a_hundred_refusals_within_a_minute_are_borne_and_no_more() -> None:
    line = Line(customers=5)
    for _ in range(20 + 100):
        look(line)
    line.clock.advance(2)
    assert look(line).status_code == 200
    answers = [look(line).status_code for _ in range(20)]
    assert answers[-1] == 429
    assert look(line).status_code == 403


def test_every_answer_has_an_id_of_its_own_but_for_the_pages_of_the_edge() -> None:
    line = Line(customers=5)
    answers = [look(line), line.crm("GET", "/persons/9999"), line.crm("GET", "/nothing")]
    answers.append(line.send("pipedrive", "GET", "/api/v2/persons", headers={}))
    assert len({answer.headers["x-correlation-id"] for answer in answers}) == 4
    assert "x-correlation-id" not in hammer(line, lambda: look(line)).headers
