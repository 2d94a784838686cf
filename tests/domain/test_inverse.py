"""The way back of a change: exactly what was, and never over somebody's edit (rule 12)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.diff import Difference, after_difference, person_difference
from chargepipe.domain.held import ContactValue, HeldOrganization, HeldPerson
from chargepipe.domain.inverse import (
    Inverse,
    changed_since,
    edited_since,
    later,
    ours_left,
    same,
    update_inverse,
    values_of,
)
from chargepipe.domain.money import Money
from chargepipe.domain.settings import Overwrite
from chargepipe.domain.targets import PersonTarget
from chargepipe.domain.values import Raw

EMAILS = ("a@x.co", "b@x.co", "c@x.co", "d@x.co")
PHONES = ("+44 20 7946 0000", "+44 20 7946 1111", "+44 20 7946 2222")
FIELDS = ("CB Customer ID", "CB Customer MRR", "Tier")
POLICIES: tuple[Overwrite, ...] = ("always", "fill_empty", "append")


def contacts(texts: tuple[str, ...]) -> st.SearchStrategy[tuple[ContactValue, ...]]:
    def listed(chosen: list[str], label: str, primary: int) -> tuple[ContactValue, ...]:
        first = primary % len(chosen) if chosen else 0
        return tuple(
            ContactValue(text, label if n else "work", n == first) for n, text in enumerate(chosen)
        )

    some = st.lists(st.sampled_from(texts), max_size=3, unique=True)
    return st.builds(listed, some, st.sampled_from(["home", "work"]), st.integers(0, 2))


values = st.one_of(
    st.none(),
    st.sampled_from(["gold", "silver"]),
    st.integers(0, 3),
    st.builds(Money, st.integers(0, 300), st.sampled_from(["EUR", "USD"])),
    st.just(Raw({"value": 0.001, "currency": "EUR"})),
)
people = st.builds(
    HeldPerson,
    st.just(7),
    st.sampled_from(["Ada", "Countess", "a@x.co"]),
    contacts(EMAILS),
    contacts(PHONES),
    st.one_of(st.none(), st.integers(1, 3)),
    st.fixed_dictionaries(dict.fromkeys(FIELDS, values)),
)
targets = st.builds(
    PersonTarget,
    name=st.sampled_from(["Ada", "Ada King"]),
    email=st.one_of(st.none(), st.sampled_from(EMAILS)),
    phone=st.one_of(st.none(), st.sampled_from(PHONES)),
    country=st.just("GB"),
    organization=st.one_of(st.none(), st.just("engines")),
    organization_name=st.none(),
    fields=st.fixed_dictionaries(dict.fromkeys(FIELDS, values)),
)


def through_json(values: Any) -> Any:
    """What a journal gives back."""
    return json.loads(json.dumps(values))


def written(
    held: HeldPerson, target: PersonTarget, last: PersonTarget | None, policy: Overwrite
) -> tuple[Difference, dict[str, Any]]:
    """What a sync writes on this person, and what it holds then."""
    difference = person_difference(target, held, last, policy, 2)
    stored = Difference(through_json(difference.before), through_json(difference.after))
    return stored, values_of(after_difference(held, difference))


def after(now: dict[str, Any], inverse: Inverse) -> dict[str, Any]:
    return later(now, Difference({}, through_json(inverse.difference.after)))


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(same(name, one[name], other[name]) for name in one)


@given(people, targets, st.one_of(st.none(), targets), st.sampled_from(POLICIES))
def test_right_after_the_write_everything_is_as_it_was(
    held: HeldPerson, target: PersonTarget, last: PersonTarget | None, policy: Overwrite
):
    difference, now = written(held, target, last, policy)
    inverse = update_inverse(difference.before, difference.after, now)
    assert inverse.kept == ()
    assert equal(after(now, inverse), values_of(held))
    assert inverse.difference.after.keys() == difference.after.keys()


@given(people, targets, st.one_of(st.none(), targets), st.sampled_from(POLICIES))
def test_the_undo_of_an_undo_brings_back_what_was_written(
    held: HeldPerson, target: PersonTarget, last: PersonTarget | None, policy: Overwrite
):
    difference, now = written(held, target, last, policy)
    first = update_inverse(difference.before, difference.after, now)
    back = after(now, first)
    second = update_inverse(first.difference.before, first.difference.after, back)
    assert second.kept == ()
    assert equal(after(back, second), now)


def test_of_several_updates_the_last_says_what_was_changed_since():
    first, second = {"name": "Ada", "Tier": "gold"}, {"name": "Ada L.", "CB Due": None}
    now = {"name": "Ada", "Tier": "gold", "CB Due": 3}
    assert changed_since([first, second], now) == ("name", "CB Due")
    assert changed_since([second, first], now) == ("CB Due",)
    assert changed_since([first, second], {"name": "Ada L."}) == (), "the others are gone"


def test_what_is_theirs_stays_though_we_wrote_the_same_in_passing():
    before, after = {"name": "Ada", "Tier": None}, {"name": "Ada L.", "Tier": "gold"}
    now = {"name": "Ada L.", "Tier": "gold"}
    back = update_inverse(before, after, now, theirs=["name"])
    assert back == Inverse(Difference({"Tier": "gold"}, {"Tier": None}), ("name",))
    untouched = update_inverse(before, after, {**now, "name": "Ada"}, theirs=["name"])
    assert untouched.kept == (), "it is as it was"


def test_a_list_that_is_theirs_loses_what_we_added():
    own = {"value": "own@x.co", "label": "work", "primary": True}
    ours = {"value": "ours@x.co", "label": "work", "primary": False}
    change = {"emails": [own]}, {"emails": [own, ours]}
    back = update_inverse(*change, {"emails": [own, ours]}, theirs=["emails"])
    assert back.difference.after == {"emails": [own]}


@given(people, targets, people, st.sampled_from(POLICIES), st.sets(st.sampled_from(FIELDS)))
def test_what_a_person_changed_since_stays_and_is_named(
    held: HeldPerson,
    target: PersonTarget,
    other: HeldPerson,
    policy: Overwrite,
    edited: set[str],
):
    difference, wrote = written(held, target, None, policy)
    edits = {name: value for name, value in values_of(other).items() if name in {"name", *edited}}
    now = {**wrote, **edits}
    inverse = update_inverse(difference.before, difference.after, now)
    then = after(now, inverse)
    for name, value in edits.items():
        ours = same(name, value, difference.after.get(name)) and name in difference.after
        assert ours or same(name, then[name], value)
        known = same(name, value, wrote[name]) or same(name, value, difference.before.get(name))
        assert (name in inverse.kept) == (name in difference.after and not ours and not known)


@given(people, targets, st.sampled_from(POLICIES), contacts(("own@x.co", "two@x.co")))
def test_an_email_that_a_person_added_stays_as_it_is(
    held: HeldPerson, target: PersonTarget, policy: Overwrite, added: tuple[ContactValue, ...]
):
    difference, wrote = written(held, target, None, policy)
    own = [each.as_json() for each in added]
    if wrote["emails"]:
        own = [{**row, "primary": False} for row in own]
    now = {**wrote, "emails": [*wrote["emails"], *own]}
    then = after(now, update_inverse(difference.before, difference.after, now))
    rows = {row["value"]: row["label"] for row in then["emails"]}
    expected = {each.value: each.label for each in (*held.emails, *added)}
    if not same("emails", wrote["emails"], values_of(held)["emails"]):
        assert rows == expected, "theirs stay, ours goes"
    assert sum(row["primary"] for row in then["emails"]) == min(1, len(then["emails"]))


@given(people, targets, st.sampled_from(POLICIES), st.sets(st.sampled_from(EMAILS)))
def test_an_email_that_a_person_took_away_is_not_brought_back(
    held: HeldPerson, target: PersonTarget, policy: Overwrite, gone: set[str]
):
    difference, wrote = written(held, target, None, policy)
    left = [row for row in wrote["emails"] if row["value"] not in gone]
    now = {**wrote, "emails": left}
    then = after(now, update_inverse(difference.before, difference.after, now))
    if len(left) < len(wrote["emails"]):
        taken = {row["value"] for row in wrote["emails"]} & gone
        assert not {row["value"] for row in then["emails"]} & taken


def emails(*values: str) -> list[dict[str, Any]]:
    """Rows of a person's emails; the one in capitals is the primary one."""
    return [
        {"value": value.lower(), "label": "work", "primary": value.isupper()} for value in values
    ]


@pytest.mark.parametrize(
    ("before", "after", "now", "then"),
    [
        # Ours goes, what it replaced is there again, and what someone added stays.
        (["OLD", "b"], ["NEW", "b"], ["NEW", "b", "own"], ["b", "own", "OLD"]),
        (["OLD", "b"], ["NEW", "b"], ["new", "b", "OWN"], ["b", "OWN", "old"]),
        # Which one was primary before is so again, wherever it stands.
        (["b", "OLD"], ["NEW", "b", "old"], ["NEW", "b", "old", "own"], ["b", "OLD", "own"]),
        # Someone took ours away: what it replaced is not missed.
        (["OLD", "b"], ["NEW", "b"], ["B", "own"], None),
        # We only took one away: it is there again.
        (["A", "old"], ["A"], ["A", "own"], ["A", "own", "old"]),
        (["A", "old"], ["A"], ["own"], ["OWN", "old"]),
        # It is there again already.
        (["A", "old"], ["A"], ["A", "old", "own"], None),
    ],
)
def test_emails_that_someone_edited_since_lose_ours_and_get_back_what_it_replaced(
    before: list[str], after: list[str], now: list[str], then: list[str] | None
):
    inverse = update_inverse(
        {"emails": emails(*before)}, {"emails": emails(*after)}, {"emails": emails(*now)}
    )
    back = Difference({"emails": emails(*now)}, {"emails": emails(*then)}) if then else Difference()
    assert inverse == Inverse(back, ("emails",))


@given(people, targets)
def test_a_record_that_nobody_touched_is_not_edited(held: HeldPerson, target: PersonTarget):
    made = person_difference(target, None, None, "always", 2)
    now = values_of(after_difference(None, made))
    assert edited_since(through_json(made.after), now) == ()
    if not same("name", held.name, now["name"]):
        assert edited_since(made.after, {**now, "name": held.name}) == ("name",)


def test_a_field_that_the_record_was_made_without_counts_once_it_holds_something():
    assert edited_since({"name": "Ada"}, {"name": "Ada", "Segment": None, "phones": []}) == ()
    assert edited_since({"name": "Ada"}, {"name": "Ada", "Segment": "A"}) == ("Segment",)


def test_a_field_that_is_gone_from_the_account_stays_gone():
    inverse = update_inverse(
        {"Tier": "gold", "name": "A"}, {"Tier": None, "name": "B"}, {"name": "B"}
    )
    assert inverse == Inverse(Difference({"name": "B"}, {"name": "A"}), ())


def test_an_erased_value_is_never_written_back():
    note = {"erased": "2026-11-02T09:00:00+00:00"}
    inverse = update_inverse(
        {"name": note, "emails": [], "Tier": None},
        {"name": "Ada", "emails": note, "Tier": "gold"},
        {"name": "Ada", "emails": emails("A"), "Tier": "gold"},
    )
    assert inverse == Inverse(Difference({"Tier": "gold"}, {"Tier": None}), ("name", "emails"))


def test_an_organization_keeps_its_company_so_that_it_is_found_under_a_new_id():
    held = {"organization": {"key": None, "id": 5}}
    inverse = update_inverse(
        {"organization": None}, {"organization": {"key": "engines", "id": 5}}, held
    )
    assert inverse.difference.before == {"organization": {"key": "engines", "id": 5}}
    assert inverse.difference.after == {"organization": None}


def test_an_organization_that_someone_gave_back_is_no_edit():
    inverse = update_inverse(
        {"organization": {"key": "engines", "id": 5}},
        {"organization": None},
        {"organization": {"key": None, "id": 5}},
    )
    assert inverse == Inverse(Difference())


def test_an_organization_record_is_known_by_its_name_and_fields():
    held = HeldOrganization(5, "Acme", {"CB Status": "Active", "CB MRR": Money(5, "EUR")})
    assert values_of(held) == {
        "name": "Acme",
        "CB Status": "Active",
        "CB MRR": {"amount": 5, "currency": "EUR"},
    }


@pytest.mark.parametrize(("name", "plural"), [("email", "emails"), ("phone", "phones")])
def test_ours_is_what_came_back_in_the_place_of_what_we_wrote(name: str, plural: str):
    own, one, two = (
        {"value": text, "label": "work", "primary": True} for text in ("a person's own", "1", "2")
    )
    change = Difference({plural: [own, one]}, {plural: [own, two]})

    def left(*now: Any) -> str | None:
        return ours_left(change, {plural: now}, {name: "2"})[name]

    assert left(own, one) == "1"
    assert left(own, two) == "2"
    assert left(own) is None
    assert left() is None
    erased = Difference({plural: {"erased": "2026-11-02"}}, {plural: [own, two]})
    assert ours_left(erased, {plural: [one]}, {name: "2"})[name] is None
