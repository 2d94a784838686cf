from typing import Any

import pytest

from chargepipe.domain.clearing import organization_clearing, person_clearing
from chargepipe.domain.held import ContactValue, HeldOrganization, HeldPerson
from chargepipe.domain.money import Money
from chargepipe.domain.targets import OrganizationTarget, PersonTarget

OURS = {"email": "a@x.co", "phone": "030 123456"}


def held(**more: Any) -> HeldPerson:
    rest: dict[str, Any] = {
        "name": "Ada",
        "emails": (),
        "phones": (),
        "org_id": 5,
        "fields": {},
        **more,
    }
    return HeldPerson(id=1, **rest)


def last(**fields: Any) -> PersonTarget:
    return PersonTarget("Ada", "a@x.co", "030 123456", "DE", None, None, fields)


def values(*contacts: str, primary: int = 0) -> tuple[ContactValue, ...]:
    return tuple(ContactValue(c, "work", n == primary) for n, c in enumerate(contacts))


def texts(rows: Any) -> list[tuple[str, bool]]:
    return [(row["value"], row["primary"]) for row in rows]


def test_nothing_of_ours_is_nothing_to_clear():
    person = held(emails=values("b@x.co"), fields={"CB MRR": None, "Tier": "gold"})
    assert not person_clearing(person, last(), OURS)
    assert not person_clearing(held(), None, {})


def test_fields_of_ours_are_emptied_whatever_they_hold():
    person = held(fields={"CB MRR": Money(5, "EUR"), "CB Plan": "by hand", "CB Link": None})
    found = person_clearing(person, last(), OURS)
    assert found.after == {"CB MRR": None, "CB Plan": None}
    assert found.before == {"CB MRR": {"amount": 5, "currency": "EUR"}, "CB Plan": "by hand"}


@pytest.mark.parametrize(("value", "cleared"), [("gold", True), ("tin", False), (None, False)])
def test_an_additional_field_is_emptied_while_it_holds_what_we_wrote(value: Any, cleared: bool):
    found = person_clearing(held(fields={"Tier": value}), last(Tier="gold"), OURS)
    assert found.after == ({"Tier": None} if cleared else {})


def test_an_additional_field_that_we_never_wrote_stays():
    assert not person_clearing(held(fields={"Tier": "gold"}), last(), OURS)
    assert not person_clearing(held(fields={"Tier": "gold"}), None, {})


def test_our_email_and_phone_go_and_others_stay():
    person = held(
        emails=values("a@x.co", "b@x.co"), phones=values("+49 40 777777", "+49 30 123456")
    )
    found = person_clearing(person, last(), OURS)
    assert texts(found.after["emails"]) == [("b@x.co", True)]
    assert texts(found.after["phones"]) == [("+49 40 777777", True)]
    assert texts(found.before["emails"]) == [("a@x.co", True), ("b@x.co", False)]
    assert set(found.after) == {"emails", "phones"}


def test_an_email_and_a_phone_that_are_not_ours_stay():
    person = held(emails=values("a@x.co"), phones=values("030 123456"))
    assert not person_clearing(person, last(), {"email": None, "phone": None})
    assert not person_clearing(person, last(), {})
    assert not person_clearing(person, last(), {"email": "c@x.co", "phone": "030 9"})


def test_an_email_is_found_in_another_writing():
    found = person_clearing(held(emails=values(" A@X.co")), last(), OURS)
    assert found.after == {"emails": []}


def test_of_equal_values_the_very_one_that_we_wrote_goes():
    person = held(
        emails=values("A@x.co", "a@x.co"), phones=values("+49 30 123456", OURS["phone"], primary=1)
    )
    found = person_clearing(person, last(), OURS)
    assert texts(found.after["emails"]) == [("A@x.co", True)]
    assert texts(found.after["phones"]) == [("+49 30 123456", True)]


def test_name_and_organization_stay():
    assert not person_clearing(held(name="Ada", org_id=5), last(), OURS)


def test_an_organization_is_emptied_like_a_person():
    fields = {"CB Status": "Active", "Region": "North", "Other": "mine"}
    target = OrganizationTarget("acme", "Acme", {"CB Status": "Active", "Region": "North"})
    found = organization_clearing(HeldOrganization(1, "Acme", fields), target)
    assert found.after == {"CB Status": None, "Region": None}
    found = organization_clearing(HeldOrganization(1, "Acme", fields), None)
    assert found.after == {"CB Status": None}
