import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.keys import (
    NUMBER_END,
    common_key,
    company_key,
    customer_keys,
    email_key,
    held_keys,
    phone_keys,
    text_key,
)
from chargepipe.domain.settings import MatchKey

from .builders import customer

COUNTRIES = st.sampled_from([None, "DE", "US", "GB", "FR", "IT", "AR", "XI", "ZZ"])
NUMBERS = st.text(string.digits + "+-() /.x", max_size=18)


@pytest.mark.parametrize("key", [email_key, text_key, company_key])
def test_a_blank_text_has_no_key(key: Any):
    assert key(None) == key("") == key(" \t\n") == ""


@given(st.text())
def test_keys_of_keys_are_the_keys(value: str):
    assert company_key(company_key(value)) == company_key(value)
    assert text_key(text_key(value)) == text_key(value)


def test_emails_and_texts_are_trimmed_and_case_folded():
    assert email_key(" Jane@ACME.test ") == "jane@acme.test"
    assert text_key(" STRASSE ") == text_key("Straße") == "strasse"


def test_texts_keep_their_inner_blanks():
    assert text_key("a  b") != text_key("a b")


def test_companies_are_equal_whatever_case_blanks_and_form():
    same = ["Acme  GmbH", " ACME GmbH ", "acme\u00a0gmbh", "Ａcme GmbH", "acme gmbh"]
    assert {company_key(name) for name in same} == {"acme gmbh"}
    assert company_key("Café") == company_key("Cafe\u0301")
    assert company_key("Acme GmbH") != company_key("AcmeGmbH")


def test_of_a_long_company_name_the_first_300_signs_count():
    assert company_key("x" * 400) == "x" * 300
    assert company_key("x" * 299 + " GmbH") == "x" * 299


def test_of_a_long_text_the_first_300_signs_of_its_key_count():
    assert text_key(" " + "ß" * 160) == text_key("s" * 320) == "s" * 300
    assert text_key("x" * 299 + " more") == "x" * 299
    assert phone_keys("1" * 400, None) == {"1" * 300}


def test_a_number_without_a_code_is_read_in_its_country():
    assert "+4930901820" in phone_keys("(030) 90-1820", "DE")
    assert "+39030901820" in phone_keys("030 901820", "IT")


@pytest.mark.parametrize("held", ["+49 30 901820", "0049 30 901820", "030/901820", "30 901820"])
@pytest.mark.parametrize("written", ["030 901820", "+49 (30) 901820", "0049 30901820"])
def test_a_number_is_found_however_the_crm_writes_it(written: str, held: str):
    assert phone_keys(written, "DE") & phone_keys(held, None)


def test_a_forgotten_plus_is_found():
    assert phone_keys("4930901820", "DE") & phone_keys("+49 30 901820", None)
    assert phone_keys("4930901820", None) & phone_keys("+49 30 901820", None)
    assert phone_keys("+49 30 901820", None) & phone_keys("4930901820", None)


def test_digits_that_may_begin_with_the_code_or_with_an_area_are_read_both_ways():
    assert phone_keys("4931 901820", "DE") >= {"+4931901820", "+494931901820"}


def test_a_number_without_code_and_country_is_its_digits():
    assert phone_keys("030 / 90 18-20", None) == {"030901820"}
    assert phone_keys("030 901820", "ZZ") == {"030901820"}


def test_numbers_of_different_countries_are_different():
    assert not phone_keys("030 901820", "DE") & phone_keys("030 901820", "IT") - {"030901820"}
    assert not phone_keys("030 901820", "DE") & phone_keys("+39 030 901820", None)
    assert not phone_keys("+49 30 901820", "US") & phone_keys("30 901820", None)


def test_digits_that_only_look_like_a_foreign_code_stay_at_home():
    assert "+4930901820" not in phone_keys("4930901820", "US")


def test_a_number_known_by_its_code_has_no_other_key_without_a_country():
    assert phone_keys("+49 30 901820", None) == {"+4930901820"}
    assert phone_keys("\u00a0+49 30 901820 ", None) == {"+4930901820"}


def test_an_extension_does_not_count_for_a_known_number():
    assert phone_keys("+1 415 555 2671 ext. 5", "US") == phone_keys("+1 415 555 2671", "US")


def test_northern_ireland_dials_as_the_united_kingdom():
    assert phone_keys("028 9024 1000", "XI") == phone_keys("028 9024 1000", "GB")
    assert "+442890241000" in phone_keys("028 9024 1000", "XI")


def test_other_digits_than_latin_ones_are_digits():
    assert phone_keys("٠٣٠٩٠١٨٢٠", "DE") == phone_keys("030901820", "DE")
    assert phone_keys("＋49 30 901820", None) == {"+4930901820"}


def test_letters_of_a_vanity_number_count_as_their_digits():
    assert "18003569377" in phone_keys("1-800-FLOWERS", None)
    assert phone_keys("12A", None) == {"12"}
    assert phone_keys("123A", None) == {"1232"}


@pytest.mark.parametrize("value", [None, "", " ", "n/a", "+", "-"])
def test_what_holds_no_digit_has_no_key(value: str | None):
    assert phone_keys(value, "DE") == frozenset()


@pytest.mark.parametrize("value", ["0", "+1", "00", "+999999999999999999", "0" * 40])
def test_what_is_no_number_anywhere_is_its_digits(value: str):
    assert phone_keys(value, "DE") == {value.lstrip("+")}


@given(NUMBERS, COUNTRIES)
def test_a_number_equals_itself_with_and_without_its_country(number: str, country: str | None):
    mine, held = phone_keys(number, country), phone_keys(number, None)
    assert bool(mine) == bool(held) == any(c.isdigit() for c in number)
    assert mine & held or not mine


@given(NUMBERS, COUNTRIES)
def test_outer_blanks_of_a_number_do_not_matter(number: str, country: str | None):
    assert phone_keys(f" {number}\t", country) == phone_keys(number, country)


def test_by_email_the_keys_are_the_emails():
    jane = customer(email=" Jane@acme.test")
    assert customer_keys(jane, MatchKey()) == {"jane@acme.test"}
    assert held_keys(["JANE@acme.test", None, " ", "x@y"], MatchKey()) == {"jane@acme.test", "x@y"}


def test_by_phone_the_customers_country_counts():
    key = MatchKey(chargebee="phone", pipedrive="phone")
    jane = customer(phone="030 901820", billing_address={"country": "DE"})
    assert customer_keys(jane, key) & held_keys(["x", "+4930901820"], key)
    assert not customer_keys(customer(phone="030 901820"), key) & held_keys(["+4930901820"], key)


@pytest.mark.parametrize("pair", [("cf_tel", "phone"), ("phone", "Second phone")])
def test_a_phone_on_one_side_makes_both_sides_phones(pair: tuple[str, str]):
    key = MatchKey(chargebee=pair[0], pipedrive=pair[1])
    jane = customer(phone="030 901820", cf_tel="030 901820", billing_address={"country": "DE"})
    assert customer_keys(jane, key) & held_keys(["+49 30 901820"], key)


def test_by_id_or_custom_field_the_keys_are_texts():
    jane = customer("C-1", cf_number=" AB-7 ", cf_int=42, cf_on=True)
    for attribute, held in (("id", "c-1"), ("cf_number", "ab-7"), ("cf_int", "42")):
        key = MatchKey(chargebee=attribute, pipedrive="Number")
        assert customer_keys(jane, key) == held_keys([held], key) == {held}


@pytest.mark.parametrize("attribute", ["email", "phone", "cf_none", "cf_on"])
def test_a_customer_without_a_value_has_no_keys(attribute: str):
    pipedrive = "phone" if attribute == "phone" else "Number"
    key = MatchKey(chargebee=attribute, pipedrive=pipedrive)
    assert customer_keys(customer(cf_on=True, email="  "), key) == frozenset()


def test_a_country_that_has_no_numbers_of_its_own_is_like_none():
    assert phone_keys("4930901820", "ZZ") == {"4930901820", "+4930901820"}


BY_PHONE = MatchKey(chargebee="phone", pipedrive="phone")


@pytest.mark.parametrize(
    ("phone", "country", "key"),
    [
        ("+49 30 901820", None, "0901820"),
        ("0049 30 901820", "FR", "0901820"),
        ("030 901820", "DE", "0901820"),
        ("030 901820", None, "0901820"),
        ("4930901820", None, "0901820"),
        ("12 34", None, "1234"),
        ("n/a", None, ""),
        (None, "DE", ""),
    ],
)
def test_the_common_key_of_phones_is_how_they_end(phone: str | None, country: str | None, key: str):
    made = customer(phone=phone, billing_address={"country": country})
    assert common_key(made, BY_PHONE) == key


def test_the_common_key_of_texts_is_their_key():
    assert common_key(customer(email=" Ada.Lovelace@X.co "), MatchKey()) == "ada.lovelace@x.co"
    assert common_key(customer(email=None), MatchKey()) == ""


@given(NUMBERS, COUNTRIES, COUNTRIES)
def test_one_number_read_in_two_countries_has_one_common_key_where_it_has_a_code(
    number: str, one: str | None, other: str | None
):
    written = f"+49 30 90{number}"
    keys = {
        common_key(customer(phone=written, billing_address={"country": each}), BY_PHONE)
        for each in (one, other)
    }
    assert len(keys) == 1
    assert len(min(keys)) <= NUMBER_END
