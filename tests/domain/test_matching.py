import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.matching import (
    Ambiguous,
    Matched,
    NoKey,
    NotFound,
    match_organization,
    match_person,
)

IDS = st.lists(st.integers(1, 5), max_size=4)


def test_a_link_wins_over_everything():
    assert match_person(7, [1], [2], ["k"]) == Matched(7, "link")
    assert match_person(7, [1, 2], [], []) == Matched(7, "link")


def test_a_mark_wins_over_the_key():
    assert match_person(None, [1], [2, 3], ["k"]) == Matched(1, "mark")
    assert match_person(None, [1], [], []) == Matched(1, "mark")


def test_several_marks_are_ambiguous_even_when_the_key_is_not():
    assert match_person(None, [3, 1], [2], ["k"]) == Ambiguous((1, 3), "mark")


def test_without_a_key_nobody_is_looked_for():
    assert match_person(None, [], [1], []) == NoKey()


def test_one_with_the_key_is_it():
    assert match_person(None, [], [4, 4], ["k"]) == Matched(4, "key")


def test_a_new_one_is_made_where_a_person_decided_that_none_with_the_key_is_it():
    assert match_person(None, [], [4, 9], ["k"], make_new=True) == NotFound()
    assert match_person(None, [1], [4, 9], ["k"], make_new=True) == Matched(1, "mark")
    assert match_person(7, [], [4, 9], ["k"], make_new=True) == Matched(7, "link")
    assert match_person(None, [], [4, 9], [], make_new=True) == NoKey()


def test_several_with_the_key_are_ambiguous():
    assert match_person(None, [], [9, 4, 9], ["k"]) == Ambiguous((4, 9), "key")


def test_none_with_the_key_is_not_found():
    assert match_person(None, [], [], ["k"]) == NotFound()


@pytest.mark.parametrize(
    ("linked", "named", "match"),
    [
        (7, [1, 2], Matched(7, "link")),
        (None, [3], Matched(3, "name")),
        (None, [], NotFound()),
        (None, [3, 2, 3], Ambiguous((2, 3), "name")),
    ],
)
def test_an_organization_is_its_link_or_the_only_one_of_its_name(
    linked: int | None, named: list[int], match: object
):
    assert match_organization(linked, named) == match


def test_a_new_organization_is_made_where_a_person_decided_that_none_is_it():
    assert match_organization(None, [3, 2], make_new=True) == NotFound()
    assert match_organization(7, [3], make_new=True) == Matched(7, "link")


@given(IDS, IDS, st.lists(st.text(), max_size=1))
def test_a_match_is_always_one_of_the_candidates(
    marked: list[int], keyed: list[int], keys: list[str]
):
    match = match_person(None, marked, keyed, keys)
    if isinstance(match, Matched):
        assert match.pipedrive_id in {*marked, *keyed}
    if isinstance(match, Ambiguous):
        assert set(match.candidates) <= {*marked, *keyed}
        assert list(match.candidates) == sorted(set(match.candidates))
        assert len(match.candidates) > 1
