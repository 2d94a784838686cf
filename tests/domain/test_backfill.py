"""What a backfill may be asked for."""

from typing import Any

import pytest

from chargepipe.domain.backfill import Window, problem
from domain.builders import settings

ON = settings(subscription_deals={"enabled": True})
BOTH = settings(subscription_deals={"enabled": True}, invoice_deals={"enabled": True})


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(("paid",)), '"paid" is no status that makes deals here; use: future'),
        (Window(start="2025-13-01"), '"2025-13-01" is no day; write it as 2025-12-31.'),
        (Window(start="20250101"), '"20250101" is no day'),
        (Window(start="2025-02-01", end="2025-01-31"), "ends (2025-01-31) before it begins"),
        (Window(most=0), "at least one deal"),
    ],
)
def test_what_cannot_be_asked_for_is_said_in_words(window: Window, words: str):
    assert words in problem(window, ON)


def test_nothing_is_asked_for_while_deals_are_off():
    assert "switched off" in problem(Window(), settings())
    only = settings(invoice_deals={"enabled": True})
    assert "Plans narrow subscriptions" in problem(Window(plans=("pro",)), only)


@pytest.mark.parametrize(
    ("window", "kinds"),
    [
        (Window(), ("subscription", "invoice")),
        (Window(("cancelled",)), ("subscription",)),
        (Window(("paid", "voided")), ("invoice",)),
        (Window(plans=("pro",)), ("subscription",)),
    ],
)
def test_a_window_takes_the_kinds_that_its_statuses_and_plans_leave(window: Window, kinds: Any):
    assert not problem(window, BOTH)
    assert window.kinds(BOTH) == kinds


def test_days_are_taken_whole_in_the_time_zone_of_the_site():
    day = Window(start="2025-03-30", end="2025-03-30")
    assert day.seconds("UTC") == (1_743_292_800, 1_743_292_800 + 86_400)
    begin, end = day.seconds("Europe/Berlin")
    assert begin == 1_743_292_800 - 3600
    assert end is not None
    assert end - begin == 23 * 3600
    assert Window().seconds("UTC") == (None, None)


def test_a_window_is_its_json():
    window = Window(("paused",), "2025-01-01", "", ("pro",), 5)
    assert Window.from_json({**window.as_json(), "chosen": ["x"]}) == window
    assert str(window) == "paused; from 2025-01-01; plan pro; at most 5"
    assert str(Window()) == "everything"


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(), "everything"),
        (
            Window(("cancelled", "paused"), "2025-01-01", "2025-12-31", ("pro", "max"), 5),
            "cancelled, paused; from 2025-01-01 to 2025-12-31; plan pro, max; at most 5",
        ),
        (Window(start="2025-01-01"), "from 2025-01-01"),
    ],
)
def test_a_window_in_words(window: Window, words: str):
    assert str(window) == words


def test_a_window_may_be_one_day_and_ask_for_one_deal():
    assert not problem(Window(start="2025-01-01", end="2025-01-01", most=1), ON)
    assert not problem(Window(end="2025-01-01"), ON)
    assert not problem(Window(start="2025-01-01"), ON)


def test_the_whole_words_of_what_cannot_be_asked_for():
    off = "Deals are switched off: set enabled = true under settings.subscription_deals or "
    assert problem(Window(), settings()) == f"{off}settings.invoice_deals."
    only = settings(invoice_deals={"enabled": True})
    plans = problem(Window(plans=("pro",)), only)
    assert plans == "Plans narrow subscriptions, and their deals are off."
    assert problem(Window(most=0), ON) == "Ask for at least one deal."


def test_the_plain_form_of_a_window_holds_all_of_it():
    window = Window(("paused",), "2025-01-01", "2025-12-31", ("pro",), 5)
    plain = {"start": "2025-01-01", "end": "2025-12-31", "plans": ["pro"], "most": 5}
    assert window.as_json() == {"statuses": ["paused"], **plain}
    assert Window.from_json(window.as_json()) == window


def test_a_strange_status_is_told_with_all_that_may_be_asked_for():
    only = settings(invoice_deals={"enabled": True})
    known = "posted, payment_due, not_paid, paid, voided, pending"
    assert problem(Window(("active",)), only) == (
        f'"active" is no status that makes deals here; use: {known}.'
    )
