from typing import Any

import pytest

from chargepipe.domain.brake import Reason, Totals, beyond, brake
from chargepipe.domain.settings import Brake


def totals(**counts: int) -> Totals:
    row = {"linked_people": 1000, "changed": 0, "deleted": 0, "deals_made": 0, "missing": 0}
    return Totals(**{**row, **counts})


def stops(limits: Brake | None = None, **counts: int) -> bool:
    return bool(brake(totals(**counts), limits or Brake()))


def test_a_harmless_plan_goes():
    assert brake(totals(), Brake()) == ()


@pytest.mark.parametrize(
    ("people", "changed", "stop"),
    [
        (1000, 300, False),
        (1000, 301, True),
        (20, 9, False),
        (20, 10, True),
        (33, 10, True),
        (34, 10, False),
        (0, 10, True),
        (0, 9, False),
    ],
)
def test_it_asks_above_a_share_of_the_linked_people_and_ten(people: int, changed: int, stop: bool):
    assert stops(linked_people=people, changed=changed) is stop


def test_the_share_is_exact():
    assert not stops(Brake(share_of_people=0.29), linked_people=100, changed=29)
    assert stops(Brake(share_of_people=0.29), linked_people=100, changed=30)
    assert not stops(Brake(share_of_people=1.0), linked_people=10, changed=10)


def test_it_asks_before_any_deletion():
    assert stops(deleted=1)


def test_it_asks_above_the_number_of_deals():
    assert not stops(deals_made=100)
    assert stops(deals_made=101)
    assert stops(Brake(deals=0), deals_made=1)
    assert not stops(Brake(deals=0))


@pytest.mark.parametrize(
    ("people", "missing", "stop"),
    [
        (1000, 10, False),
        (1000, 11, True),
        (100, 4, False),
        (100, 5, True),
        (500, 5, False),
        (499, 5, True),
    ],
)
def test_it_asks_when_more_than_one_percent_and_five_are_missing(
    people: int, missing: int, stop: bool
):
    assert stops(linked_people=people, missing=missing) is stop


def test_every_reason_is_given_in_words():
    reasons = brake(totals(changed=500, deleted=2, deals_made=200, missing=50), Brake())
    assert tuple(reason.words for reason in reasons) == (
        "would change 500 of 1000 linked people, more than 30 %",
        "would delete 2 in Pipedrive",
        "would make 200 deals, more than 100",
        "50 of 1000 linked people are missing in Pipedrive, more than 1 %: "
        "they may be hidden from the connecting user, not gone",
    )
    assert [(reason.what, reason.number) for reason in reasons] == [
        ("changed", 500),
        ("deleted", 2),
        ("deals", 200),
        ("missing", 50),
    ]


@pytest.mark.parametrize(("share", "words"), [(0.125, "12.5 %"), (0.3, "30 %"), (0.07, "7 %")])
def test_the_limit_is_told_without_needless_digits(share: Any, words: str):
    (reason,) = brake(totals(changed=900), Brake(share_of_people=share))
    assert reason.words.endswith(f"more than {words}")


@pytest.mark.parametrize(
    ("agreed", "asked"),
    [
        ({}, ["3 deals", "2 gone"]),
        ({"deals": 3, "deleted": 2}, []),
        ({"deals": 4, "deleted": 9}, []),
        ({"deals": 3}, ["2 gone"]),
        ({"deals": 2, "deleted": 2}, ["3 deals; the yes was to 2"]),
    ],
)
def test_a_yes_covers_as_much_as_it_was_said_to(agreed: dict[str, int], asked: list[str]):
    reasons = [Reason("deals", 3, "3 deals"), Reason("deleted", 2, "2 gone")]
    assert [reason.words for reason in beyond(reasons, agreed)] == asked


def test_one_deletion_that_nobody_was_asked_about_is_asked_about():
    one = Reason("deleted", 1, "1 gone")
    assert beyond([one], {"deals": 200}) == (one,)
