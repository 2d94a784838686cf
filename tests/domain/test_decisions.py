from datetime import UTC, datetime

import pytest

from chargepipe.domain.decisions import PICK_RULES, Evidence, pick


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


OLD = Evidence(1, day(1), 0, "Acme")
NEW = Evidence(2, day(2), 3, "Brick")
NOWHERE = Evidence(3, None, 1, None)


def test_the_newest_is_the_one_that_was_added_last():
    assert pick("newest", [OLD, NEW, NOWHERE], None) == 2
    assert pick("newest", [NOWHERE], None) is None
    assert pick("newest", [OLD, Evidence(4, day(1), 0, None)], None) is None


def test_the_most_open_deals_win_and_none_at_all_decide_nothing():
    assert pick("deals", [OLD, NEW, NOWHERE], None) == 2
    assert pick("deals", [OLD, NOWHERE], None) == 3
    assert pick("deals", [OLD], None) is None
    assert pick("deals", [NEW, Evidence(4, None, 3, None)], None) is None


def test_a_company_is_compared_as_organizations_are():
    assert pick("company", [OLD, NEW, NOWHERE], " ACME ") == 1
    assert pick("company", [OLD, Evidence(4, None, 0, "acme")], "Acme") is None
    assert pick("company", [NEW], "Acme") is None
    assert pick("company", [NOWHERE], None) is None


@pytest.mark.parametrize("rule", PICK_RULES)
def test_nobody_is_picked_of_nobody(rule: str):
    assert pick(rule, [], "Acme") is None  # type: ignore[arg-type]


def test_the_repr_tells_no_name():
    assert "Acme" not in repr(OLD)
