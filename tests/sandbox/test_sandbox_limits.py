import pytest

from chargepipe.sandbox import Options
from sandbox.line import Line, code


def test_chargebee_lets_150_calls_pass_in_any_minute() -> None:
    line = Line(customers=5)
    assert all(line.billing("/configurations").status_code == 200 for _ in range(100))
    line.clock.advance(30)
    assert all(line.billing("/configurations").status_code == 200 for _ in range(50))
    refused = line.billing("/configurations")
    assert code(refused) == (429, "api_request_limit_exceeded")
    assert refused.headers["retry-after"] == "30"
    line.clock.advance(30)
    assert sum(line.billing("/configurations").status_code == 200 for _ in range(101)) == 100
    assert line.sandbox.too_many["chargebee"] == 2


@pytest.mark.parametrize(
    ("plan", "burst"), [("lite", 20), ("growth", 40), ("premium", 100), ("ultimate", 120)]
)
def test_pipedrive_lets_a_burst_pass_in_any_two_seconds(plan: str, burst: int) -> None:
    line = Line(customers=5, plan=plan)
    answers = [line.crm("GET", "/pipelines") for _ in range(burst)]
    assert all(answer.status_code == 200 for answer in answers)
    assert answers[0].headers["x-ratelimit-remaining"] == str(burst - 1)
    refused = line.crm("GET", "/pipelines")
    assert refused.status_code == 429
    assert refused.json()["success"] is False
    assert refused.headers["retry-after"] == "2"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert int(refused.headers["x-daily-ratelimit-token-remaining"]) > 0
    line.clock.advance(2)
    assert line.crm("GET", "/pipelines").status_code == 200


def test_searches_have_a_narrower_window_of_their_own() -> None:
    line = Line(customers=5, plan="premium")
    statuses = [line.crm("GET", "/persons/search", term="an").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert line.crm("GET", "/pipelines").status_code == 200


def test_each_call_costs_its_tokens_and_says_what_is_left() -> None:
    line = Line(customers=5)
    calls = [("GET", "/persons", 10), ("GET", "/persons/1", 1), ("GET", "/persons/9999", 1)]
    left = 30_000
    for method, path, cost in calls:
        left -= cost
        answer = line.crm(method, path)
        assert answer.headers["x-daily-ratelimit-token-remaining"] == str(left)
        assert answer.headers["x-daily-ratelimit-token-limit"] == "30000"
    assert line.sandbox.tokens_used == 12
    assert [entry[4] for entry in line.sandbox.requests] == [10, 1, 1]


def exhausted() -> Line:
    line = Line(customers=5)
    while line.sandbox.tokens_used < 30_000:
        if line.crm("GET", "/persons/search", term="an").status_code == 429:
            line.clock.advance(2)
    return line


def test_a_day_without_tokens_answers_429_until_midnight_utc() -> None:
    line = exhausted()
    refused = line.crm("GET", "/pipelines")
    assert refused.status_code == 429
    assert refused.headers["x-daily-ratelimit-token-remaining"] == "0"
    assert line.sandbox.tokens_used == 30_000
    line.clock.advance(15 * 3600 - line.clock.seconds - 1)
    assert line.crm("GET", "/pipelines").status_code == 429
    line.clock.advance(1)
    answer = line.crm("GET", "/pipelines")
    assert answer.status_code == 200
    assert answer.headers["x-daily-ratelimit-token-remaining"] == "29995"


@pytest.mark.parametrize(("options", "cost"), [(Options(), 0), (Options(refused_costs=True), 5)])
def test_whether_a_429_costs_tokens_is_an_option(options: Options, cost: int) -> None:
    line = Line(customers=5, options=options)
    for _ in range(21):
        line.crm("GET", "/pipelines")
    assert line.sandbox.tokens_used == 100 + cost
    assert line.sandbox.too_many["pipedrive"] == 1


def test_plan_and_seats_multiply_the_day() -> None:
    line = Line(customers=5, plan="growth")
    line.sandbox.company.seats = 3
    answer = line.crm("GET", "/pipelines")
    assert answer.headers["x-daily-ratelimit-token-limit"] == "180000"


def test_without_a_good_token_nothing_is_answered_or_counted() -> None:
    line = Line(customers=5)
    for headers in ({}, {"x-api-token": "no"}, {"authorization": "Bearer sandbox-token"}):
        answer = line.send("pipedrive", "GET", "/api/v2/persons", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["errorCode"] == 401
    assert line.send("pipedrive", "GET", "/v2/persons").status_code == 401
    assert line.sandbox.tokens_used == 0


def test_both_services_tell_the_time_of_the_sandbox() -> None:
    line = Line(customers=5)
    line.clock.advance(61)
    for answer in (line.billing("/customers"), line.crm("GET", "/persons")):
        assert answer.headers["date"] == "Mon, 02 Nov 2026 09:01:01 GMT"
