import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.held import (
    ContactValue,
    FieldMap,
    KnownField,
    NoOrganizationYet,
    UnknownField,
    UnknownOption,
    decode_organization,
    decode_person,
    encode,
)
from chargepipe.domain.money import Money
from chargepipe.domain.values import Raw, to_json

FIELDS = FieldMap(
    {
        "CB Customer ID": KnownField("k1", "varchar"),
        "CB Customer Status": KnownField("k2", "enum", {"Active": 11, "Deleted": 12}),
        "CB Customer MRR": KnownField("k3", "monetary"),
        "CB Next Billing": KnownField("k4", "date"),
        "CB Active Subscriptions": KnownField("k5", "double"),
        "Address": KnownField("k6", "address"),
    },
    ("JPY",),
)
CODES = {name: held.code for name, held in FIELDS.fields.items()}


def value(name: str, json: Any) -> Any:
    return decode_person({"id": 7, "custom_fields": {CODES[name]: json}}, FIELDS).fields[name]


def test_a_person_is_decoded():
    held = decode_person(
        {
            "id": 7,
            "name": "Jane Doe",
            "emails": [
                {"value": "jane@acme.test", "label": "work", "primary": True},
                {"value": "j@home.test", "label": "home", "primary": False},
            ],
            "phones": [{"value": "030", "label": None}],
            "org_id": 5,
            "custom_fields": {
                "k1": "c1",
                "k2": 11,
                "k3": {"value": 12.34, "currency": "EUR"},
                "k4": "2026-03-01",
                "k5": 2,
                "other": "x",
            },
        },
        FIELDS,
    )
    assert (held.id, held.name, held.org_id) == (7, "Jane Doe", 5)
    assert held.emails == (
        ContactValue("jane@acme.test", "work", True),
        ContactValue("j@home.test", "home", False),
    )
    assert held.phones == (ContactValue("030", None, False),)
    assert held.fields == {
        "CB Customer ID": "c1",
        "CB Customer Status": "Active",
        "CB Customer MRR": Money(1234, "EUR"),
        "CB Next Billing": "2026-03-01",
        "CB Active Subscriptions": 2,
        "Address": None,
    }


@pytest.mark.parametrize("row", [{}, {"custom_fields": None, "name": None, "emails": None}])
def test_a_bare_person_is_decoded(row: dict[str, Any]):
    held = decode_person({"id": 7, **row}, FIELDS)
    assert (held.name, held.emails, held.phones, held.org_id) == ("", (), (), None)
    assert set(held.fields.values()) == {None}


def test_an_organization_is_decoded():
    row = {"id": 5, "name": "Acme", "custom_fields": {"k2": 12}}
    held = decode_organization(row, FIELDS)
    assert (held.id, held.name, held.fields["CB Customer Status"]) == (5, "Acme", "Deleted")
    assert decode_organization({"id": 5}, FIELDS).name == ""


@pytest.mark.parametrize("decode", [decode_person, decode_organization])
def test_a_record_without_an_id_is_refused(decode: Any):
    with pytest.raises(KeyError):
        decode({"name": "x"}, FIELDS)


def test_blank_emails_are_none():
    rows = [{"value": "", "primary": True}, {"value": None}, {"label": "work"}]
    assert decode_person({"id": 7, "emails": rows}, FIELDS).emails == ()


def test_only_true_is_primary():
    rows = [{"value": "a@b", "primary": 1}, {"value": "c@d", "primary": "true"}]
    assert [e.primary for e in decode_person({"id": 7, "emails": rows}, FIELDS).emails] == [
        False
    ] * 2


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("json", [None, ""])
def test_an_empty_field_is_none(name: str, json: Any):
    assert value(name, json) is None


@pytest.mark.parametrize(
    "json",
    [
        {"value": 12.345, "currency": "EUR"},
        {"value": 0.5, "currency": "JPY"},
        {"value": None, "currency": "EUR"},
        {"value": 5, "currency": None},
        {"value": 5, "currency": "EUR", "note": 1},
        "5 EUR",
    ],
)
def test_an_amount_that_minor_units_do_not_hold_stays_as_it_came(json: Any):
    assert value("CB Customer MRR", json) == Raw(json)


def test_whole_amounts_with_a_point_are_money():
    assert value("CB Customer MRR", {"value": 5.0, "currency": "JPY"}) == Money(5, "JPY")


@pytest.mark.parametrize("json", [13, "11", {"id": 11, "label": "Active"}, [11]])
def test_an_option_without_a_label_stays_as_it_came(json: Any):
    assert value("CB Customer Status", json) == Raw(json)


@pytest.mark.parametrize("json", [True, [1], {"value": "Berlin"}])
def test_what_our_types_do_not_hold_stays_as_it_came(json: Any):
    assert value("Address", json) == Raw(json)


JSON_VALUES = st.recursive(
    st.none()
    | st.text(max_size=3)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.fixed_dictionaries({"value": inner, "currency": st.sampled_from(["EUR", "JPY", None])})
    ),
    max_leaves=4,
)


@given(st.sampled_from(sorted(CODES)), JSON_VALUES)
def test_whatever_a_field_holds_an_undo_writes_it_back(name: str, json_value: Any):
    held = json.loads(json.dumps(to_json(value(name, json_value))))
    body = encode({name: held}, FIELDS)
    assert body["custom_fields"][CODES[name]] == (None if json_value == "" else json_value)


def test_a_body_has_custom_fields_by_code_below_the_built_in_ones():
    emails = [ContactValue("a@b", "work", True).as_json()]
    body = encode(
        {
            "name": "Jane",
            "emails": emails,
            "phones": [],
            "organization": {"key": "acme", "id": 5},
            "CB Customer ID": "c1",
            "CB Customer Status": "Deleted",
            "CB Customer MRR": {"amount": 1234, "currency": "EUR"},
            "CB Next Billing": None,
            "CB Active Subscriptions": 2,
        },
        FIELDS,
    )
    assert body == {
        "name": "Jane",
        "emails": [{"value": "a@b", "label": "work", "primary": True}],
        "phones": [],
        "org_id": 5,
        "custom_fields": {
            "k1": "c1",
            "k2": 12,
            "k3": {"value": 12.34, "currency": "EUR"},
            "k4": None,
            "k5": 2,
        },
    }


def test_zero_decimal_currencies_of_the_map_count_in_a_body():
    body = encode({"CB Customer MRR": {"amount": 1234, "currency": "JPY"}}, FIELDS)
    assert body["custom_fields"]["k3"] == {"value": 1234, "currency": "JPY"}


def test_a_body_without_custom_fields_names_none():
    assert encode({"name": "Jane"}, FIELDS) == {"name": "Jane"}
    assert encode({}, FIELDS) == {}


def test_an_option_is_cleared_by_null():
    assert encode({"CB Customer Status": None}, FIELDS) == {"custom_fields": {"k2": None}}


def test_no_organization_takes_the_person_out_of_one():
    assert encode({"organization": None}, FIELDS) == {"org_id": None}


def test_an_organization_made_since_is_found_by_its_key():
    wanted = {"organization": {"key": "acme", "id": None}}
    assert encode(wanted, FIELDS, {"acme": 9}) == {"org_id": 9}
    with pytest.raises(NoOrganizationYet):
        encode(wanted, FIELDS, {"other": 9})
    with pytest.raises(NoOrganizationYet, match=r"^make the organization before its person$"):
        encode(wanted, FIELDS)
    known = {"organization": {"key": "acme", "id": 5}}
    assert encode(known, FIELDS, {"acme": 9}) == {"org_id": 5}


def test_an_unknown_field_is_named():
    with pytest.raises(UnknownField, match='no field "CB Link"') as caught:
        encode({"CB Link": "x"}, FIELDS)
    assert caught.value.name == "CB Link"


def test_an_unknown_option_is_named_but_not_shown():
    with pytest.raises(UnknownOption, match='"CB Customer Status" lacks an option') as caught:
        encode({"CB Customer Status": "hush"}, FIELDS)
    assert (caught.value.name, caught.value.label) == ("CB Customer Status", "hush")
    assert "hush" not in str(caught.value)


def test_no_repr_shows_personal_data():
    row = {
        "id": 7,
        "name": "hush",
        "emails": [{"value": "hush"}],
        "phones": [{"value": "hush"}],
        "custom_fields": {"k1": "hush"},
    }
    held = decode_person(row, FIELDS)
    assert "hush" not in f"{held!r} {held.emails!r} {decode_organization(row, FIELDS)!r}"
