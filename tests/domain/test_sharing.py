import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.sharing import Claim, owner

LINKED_LATE = Claim("late", 9, 1, False)
LINKED_FIRST = Claim("first", 3, 5, False)
OLD = Claim("old", None, 1, False)
OLD_TOO = Claim("older by id", None, 1, False)
YOUNG = Claim("a young one", None, 2, False)
DELETED = Claim("deleted", 1, 0, True)


def test_the_one_that_was_linked_first_owns_the_person():
    assert owner([OLD, LINKED_LATE, LINKED_FIRST]) == "first"


def test_of_the_unlinked_the_oldest_owns_it_and_of_equals_the_first_id():
    assert owner([YOUNG, OLD]) == "old"
    assert owner([OLD_TOO, OLD]) == "old"


def test_a_deleted_one_owns_it_only_among_deleted_ones():
    assert owner([DELETED, YOUNG]) == "a young one"
    assert owner([DELETED]) == "deleted"


def test_nobody_owns_what_nobody_claims():
    with pytest.raises(ValueError):
        owner([])


CLAIMS = st.builds(
    Claim, st.text(max_size=3), st.none() | st.integers(1, 4), st.integers(0, 3), st.booleans()
)


@given(st.lists(CLAIMS, min_size=1, max_size=5, unique_by=lambda claim: claim.customer))
def test_the_order_of_the_claims_does_not_matter(claims: list[Claim]):
    assert owner(claims) == owner(claims[::-1])
    assert owner(claims) in {claim.customer for claim in claims}


def test_the_repr_tells_no_id():
    assert "deleted=True" in repr(DELETED)
    assert "late" not in repr(LINKED_LATE)
