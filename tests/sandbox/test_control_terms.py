"""Plan, seats, catalog, lags and switches over the control path."""

from typing import Any

import httpx2
import pytest

from chargepipe.sandbox.terms import SETTABLE
from sandbox.line import Line


def given(line: Line, target: str, **values: Any) -> httpx2.Response:
    call = {"target": target, "method": "set", "args": values}
    url = "http://127.0.0.1/_sandbox/call"
    return line.send("chargebee", "POST", url, json=call, headers={})


GOOD = {
    "site": {
        "catalog": "v1",
        "live": True,
        "blocked": True,
        "list_lag": 300,
        "mrr_delay": 0.5,
    },
    "company": {"plan": "growth", "seats": 3, "is_open": False, "shows_limits": False},
    "outbox": {"twice": True, "turned_round": True},
}


@pytest.mark.parametrize("target", list(SETTABLE))
def test_each_term_is_set_and_told(target: str) -> None:
    line = Line(customers=5)
    assert set(GOOD[target]) == set(SETTABLE[target])
    assert given(line, target, **GOOD[target]).json()["result"] == GOOD[target]
    held = getattr(line.sandbox, target)
    assert {name: getattr(held, name) for name in GOOD[target]} == GOOD[target]
    assert line.sandbox.state()[target].items() >= GOOD[target].items()


@pytest.mark.parametrize(
    ("target", "values", "words"),
    [
        ("site", {"catalog": "v3"}, "has to be one of v1, v2, coexistence"),
        ("site", {"live": 1}, "true or false"),
        ("site", {"list_lag": -1}, "seconds"),
        ("site", {"list_lag": "5"}, "seconds"),
        ("site", {"mrr_delay": True}, "seconds"),
        ("site", {"domain": "other"}, "cannot be set"),
        ("site", {"__class__": "x"}, "cannot be set"),
        ("company", {"plan": "huge"}, "has to be one of lite"),
        ("company", {"seats": 0}, "whole number"),
        ("company", {"seats": 1.5}, "whole number"),
        ("company", {"burst": 5}, "cannot be set"),
        ("outbox", {"sent": 0}, "cannot be set"),
        ("company", {}, "name what to set"),
    ],
)
def test_a_wrong_value_or_name_is_refused(target: str, values: Any, words: str) -> None:
    answer = given(Line(customers=5), target, **values)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_one_wrong_value_sets_none() -> None:
    line = Line(customers=5)
    assert given(line, "company", plan="growth", seats=0).status_code == 400
    assert line.sandbox.company.plan == "lite"


def test_a_plan_moves_the_limits_at_once() -> None:
    line = Line(customers=5)
    given(line, "company", plan="ultimate", seats=2)
    state = line.sandbox.state()
    assert state["company"]["daily_tokens"] == 7 * 2 * 30_000
    assert state["tokens_left_today"] == 7 * 2 * 30_000
