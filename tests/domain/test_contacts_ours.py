"""Which of a person's emails and phones are ours: only those are ever replaced."""

import pytest

from chargepipe.domain.contacts import ours_after
from chargepipe.domain.diff import Difference, ours_of
from chargepipe.domain.targets import PersonTarget
from chargepipe.domain.values import JSON


def keys(value: str | None) -> frozenset[str]:
    return frozenset({value.casefold()} if value else ())


@pytest.mark.parametrize(
    ("value", "texts", "previous", "ours"),
    [
        ("a", None, None, None),  # not touched: nothing becomes ours
        ("a", None, "x", "x"),  # not touched: what was ours stays so
        ("a", (["A"], ["A"]), None, None),  # there before us
        ("a", (["A", "x"], ["A", "X"]), "x", "x"),  # ours stays beside it
        ("a", (["A", "x"], ["A"]), "x", None),  # there before us, ours went
        ("a", (["b"], ["a"]), "b", "a"),  # ours replaced
        ("a", ([], ["a"]), None, "a"),  # added
        (None, (["b"], []), "b", None),  # taken away
    ],
)
def test_ours_is_what_we_added(
    value: str | None,
    texts: tuple[list[str], list[str]] | None,
    previous: str | None,
    ours: str | None,
):
    assert ours_after(value, texts, previous, keys) == ours


A: dict[str, JSON] = {"value": "a@x.co", "label": "work", "primary": True}
B: dict[str, JSON] = {**A, "value": "030 1"}


def target(email: str | None, phone: str | None) -> PersonTarget:
    return PersonTarget("N", email, phone, "DE", None, None, {})


def test_a_made_person_has_only_what_is_ours():
    made = Difference(after={"name": "N", "emails": [A], "phones": [B]})
    ours = ours_of(target("a@x.co", "030 1"), made, {})
    assert ours == {"email": "a@x.co", "phone": "030 1"}


@pytest.mark.parametrize(("name", "plural"), [("email", "emails"), ("phone", "phones")])
def test_what_was_ours_stays_so_where_nothing_is_written(name: str, plural: str):
    before = {"email": "a@x.co", "phone": "030 1"}
    renamed = Difference(before={"name": "M"}, after={"name": "N"})
    assert ours_of(target("b@x.co", "030 2"), renamed, before) == before
    touched = Difference(before={plural: []}, after={plural: [A]})
    ours = ours_of(target("b@x.co", "030 2"), touched, before)
    assert ours == {**before, name: {"email": "b@x.co", "phone": "030 2"}[name]}


def test_an_email_that_was_there_is_not_ours_though_the_name_is_written_too():
    before = {"name": "M", "emails": [{"value": "A@x.co", "label": "work", "primary": True}]}
    changed = Difference(before=before, after={"name": "N", "emails": []})
    assert ours_of(target("a@x.co", None), changed, {})["email"] is None


def test_a_phone_that_was_there_in_another_writing_is_not_ours():
    before = [{"value": "+49 30 123456", "label": "work", "primary": True}]
    changed = Difference(before={"phones": before}, after={"phones": []})
    assert ours_of(target(None, "030 123456"), changed, {})["phone"] is None
