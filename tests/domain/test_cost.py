from datetime import date

import pytest

from chargepipe.domain.cost import Cost


@pytest.mark.parametrize(
    ("cost", "time"),
    [
        (Cost(1, 5, 100, 100), "1 min"),
        (Cost(6_000, 30_000, 30_000, 21_000), "10 min"),
        (Cost(90_000, 450_000, 500_000, 500_000), "2 hours"),
        (Cost(21, 105, 100, 100), "2 days, for runs may spend 100 tokens a day"),
        (Cost(60, 300, 100, 100), "3 days, for runs may spend 100 tokens a day"),
        (Cost(1, 5, 0, 0), "for ever, for runs may spend 0 tokens a day"),
    ],
)
def test_the_time_is_that_of_the_writes_or_of_the_days_tokens(cost: Cost, time: str):
    assert cost.time == time


def test_a_plan_of_days_says_when_it_ends():
    today = date(2026, 12, 30)
    assert Cost(60, 300, 100, 100, today).ends == date(2027, 1, 1)
    assert Cost(60, 300, 100, 100, today).time == (
        "3 days, ends 2027-01-01, for runs may spend 100 tokens a day"
    )
    assert Cost(1, 5, 100, 100, today).ends == today
    assert Cost(1, 5, 0, 0, today).ends is None
    assert Cost(1, 5, 0, 0, today).time == "for ever, for runs may spend 0 tokens a day"
    assert Cost(1, 5, 100, 100, today).time == "1 min"


def test_a_cost_is_one_line():
    assert str(Cost(1, 5, 7, 10)) == "5 tokens (7 left for runs today), about 1 min"


@pytest.mark.parametrize(
    ("tokens", "left", "a_day", "days"),
    [(0, 0, 0, 1), (100, 100, 50, 1), (101, 100, 50, 2), (200, 100, 50, 3), (5, 0, 0, 0)],
)
def test_tokens_take_days(tokens: int, left: int, a_day: int, days: int):
    assert Cost(1, tokens, left, a_day).days == days
