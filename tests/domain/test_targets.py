import json

from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.money import Money
from chargepipe.domain.targets import OrganizationTarget, PersonTarget

from .builders import organization, person
from .test_values import MONEY, PLAIN, RAW

TEXT = st.none() | st.text()
FIELDS = st.dictionaries(st.text(), PLAIN | MONEY | RAW, max_size=4)
PEOPLE = st.builds(PersonTarget, st.text(), TEXT, TEXT, TEXT, TEXT, TEXT, FIELDS, st.booleans())
ORGANIZATIONS = st.builds(OrganizationTarget, st.text(), st.text(), FIELDS)


@given(PEOPLE)
def test_a_person_survives_json(target: PersonTarget):
    assert PersonTarget.from_json(json.loads(json.dumps(target.as_json()))) == target


@given(ORGANIZATIONS)
def test_an_organization_survives_json(target: OrganizationTarget):
    assert OrganizationTarget.from_json(json.loads(json.dumps(target.as_json()))) == target


@given(PEOPLE, PEOPLE)
def test_equal_json_means_equal_people(one: PersonTarget, other: PersonTarget):
    assert (one.as_json() == other.as_json()) == (one == other)


def test_the_json_is_plain():
    target = person(email="a@b", fields={"CB Customer MRR": Money(5, "EUR")})
    assert target.as_json() == {
        "name": "Jane Doe",
        "email": "a@b",
        "phone": None,
        "country": None,
        "organization": None,
        "organization_name": None,
        "fields": {"CB Customer MRR": {"amount": 5, "currency": "EUR"}},
        "cleared": False,
    }
    json = {"key": "acme", "name": "Acme", "fields": {"Status": "Active"}}
    assert organization(Status="Active").as_json() == json


def test_no_repr_shows_personal_data():
    parts = dict.fromkeys(("email", "phone", "organization", "organization_name"), "hush")
    target = person("hush", **parts, fields={"x": "hush"})
    assert "hush" not in repr(target)
    assert "hush" not in repr(organization("hush", "hush", x="hush"))
