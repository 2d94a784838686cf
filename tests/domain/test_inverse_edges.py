"""The way back at its edges: what was erased, was empty, or says less than what is held."""

from chargepipe.domain.diff import Difference
from chargepipe.domain.held import HeldPerson
from chargepipe.domain.inverse import Inverse, same, update_inverse, values_of


def test_what_was_erased_since_is_kept_even_where_nothing_is_held():
    note = {"erased": "2026-11-02T09:00:00+00:00"}
    inverse = update_inverse({"Tier": None}, {"Tier": note}, {"Tier": None})
    assert inverse == Inverse(Difference(), ("Tier",))


def test_what_was_empty_is_emptied_again():
    joined, other = {"key": None, "id": 5}, {"key": None, "id": 6}
    wrote = {"person": joined, "organization": other, "title": "B"}
    before = {"person": None, "organization": joined, "title": "A"}
    assert update_inverse(before, wrote, wrote) == Inverse(Difference(wrote, before))


def test_a_status_that_was_without_a_time_is_back_whatever_time_it_has():
    won = {"status": "won", "time": None, "reason": None}
    timed = {**won, "time": "2026-11-02T09:00:00Z"}
    inverse = update_inverse({"status": won}, {"status": timed}, {"status": timed})
    assert inverse == Inverse(Difference())


def test_who_is_joined_is_known_by_the_id():
    ada = HeldPerson(7, "Ada", (), (), None, {})
    joined = HeldPerson(7, "Ada", (), (), 5, {})
    assert values_of(ada)["organization"] is None
    assert values_of(joined)["organization"] == {"key": None, "id": 5}
    for name in ("person", "organization"):
        assert same(name, {"key": "ada", "id": 5}, {"key": None, "id": 5})
        assert not same(name, {"key": "ada", "id": 5}, {"key": "ada", "id": 6})
