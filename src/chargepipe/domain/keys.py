"""Keys by which records find each other: equal keys mean equal values (product.md 5, rule 2)."""

import unicodedata
from collections.abc import Iterable

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from chargepipe.domain.records import Customer
from chargepipe.domain.settings.match_key import MatchKey
from chargepipe.domain.text import squeeze

_VANITY_DIGITS = 3


NUMBER_END = 7
"""Digits: so many the ways to write a phone number have in common at its end."""
LONGEST_KEY = 300
"""So many signs of a key count, for the tables keep so many. A company name of Chargebee's has at
most 250, a text of a custom field may be longer."""


def email_key(value: str | None) -> str:
    """The address without outer blanks, case-folded; "" when blank."""
    return text_key(value)


def email_keys(value: str | None) -> frozenset[str]:
    """The key of the address as a set, as `phone_keys` gives them; empty when blank."""
    return frozenset({email_key(value)} - {""})


def text_key(value: str | None) -> str:
    """The text without outer blanks, case-folded, cut at `LONGEST_KEY` signs; "" when blank."""
    return (value or "").strip().casefold()[:LONGEST_KEY].rstrip()


def company_key(value: str | None) -> str:
    """The company name under NFKC, case-folded, blanks squeezed; "" when blank.

    It is the source key of an organization. Folding twice makes it stable: folding a key gives
    the key (Unicode, definition D147, folds twice for the same reason). Folding may lengthen a
    name, so the key is cut at `LONGEST_KEY` signs.
    """
    return _fold(_fold(value or ""))[:LONGEST_KEY].rstrip()


def _fold(value: str) -> str:
    folded = unicodedata.normalize("NFKC", value).casefold()
    return squeeze(unicodedata.normalize("NFKC", folded))


def phone_keys(value: str | None, country: str | None) -> frozenset[str]:
    """All keys of a phone number; two numbers are equal when their sets meet.

    A number written with + or 00 is known: its only key is E.164 ("+4930901820"), and where it
    lies in `country` (ISO-2) also the ways in which people there write it without a code. A
    number without a code is read in `country`, where that is known. The CRM has no country: its
    bare numbers keep their digits, and the E.164 number that these digits would be.
    """
    written = unicodedata.normalize("NFKC", value or "").strip()
    region = _region(country)
    known = _international(written)
    if known:
        return frozenset({_e164(known), *_local_ways(known, region)})
    digits = _digits(written)
    if not digits:
        return frozenset()
    keys = {digits, *_guess(digits, region)}
    home = _parsed(written, region) if region else None
    if home:
        keys |= {_e164(home), *_local_ways(home, region)}
    return frozenset(keys)


def amount_key(person: int, value: float, currency: str) -> str:
    """By what deals of the same person and amount find each other; `value` is in major units."""
    return f"{person} {value:.2f} {currency}"


def customer_keys(customer: Customer, match_key: MatchKey) -> frozenset[str]:
    """The keys of a customer under the match key; empty when it has no value there."""
    value = _customer_value(customer, match_key.chargebee)
    return _keys((value,), match_key, customer.billing_country)


def common_key(customer: Customer, match_key: MatchKey) -> str:
    """The same for all customers whose keys are equal; "" without a key.

    Of phone numbers it is how they end, for they are written with and without codes: customers
    with the same one may be equal.
    """
    key = min(customer_keys(customer, match_key), default="")  # + comes before all digits
    return key[-NUMBER_END:] if match_key.by_phone else key


def held_keys(held_values: Iterable[str | None], match_key: MatchKey) -> frozenset[str]:
    """The keys of a person: of all values that its field of the match key holds."""
    return _keys(held_values, match_key, None)


def _customer_value(customer: Customer, attribute: str) -> str | None:
    value = customer.attributes.get(attribute)
    return None if value is None or isinstance(value, bool) else str(value)


def _keys(values: Iterable[str | None], match_key: MatchKey, country: str | None) -> frozenset[str]:
    if match_key.by_phone:
        return frozenset[str]().union(*(phone_keys(value, country) for value in values))
    return frozenset(map(text_key, values)) - {""}


def _region(country: str | None) -> str | None:
    """The region of the numbering plan; Chargebee says XI for Northern Ireland."""
    region = "GB" if country == "XI" else country
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _international(written: str) -> PhoneNumber | None:
    if written.startswith("00"):
        written = "+" + written[2:]
    return _parsed(written, None) if written.startswith("+") else None


def _parsed(written: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException:
        return None
    number.extension = None
    return number if phonenumbers.is_possible_number(number) else None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _local_ways(number: PhoneNumber, region: str | None) -> set[str]:
    """How a number of the region is dialled inside it: with and without the trunk prefix."""
    if not region or phonenumbers.country_code_for_region(region) != number.country_code:
        return set()
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return {
        phonenumbers.normalize_digits_only(national),
        phonenumbers.national_significant_number(number),
    }


def _guess(digits: str, region: str | None) -> set[str]:
    """The E.164 number of digits that already start with a country code, the + forgotten."""
    number = _parsed("+" + digits, None)
    if number is None:
        return set()
    if region and phonenumbers.country_code_for_region(region) != number.country_code:
        return set()
    return {_e164(number)}


def _digits(written: str) -> str:
    """The digits; letters of 1-800-FLOWERS count as theirs, so that two such do not look equal.

    Words with hardly a digit ("n/a", "unknown 1") are no such number: their letters are dropped.
    """
    digits = phonenumbers.normalize_digits_only(written)
    if len(digits) >= _VANITY_DIGITS:
        letters = phonenumbers.convert_alpha_characters_in_number(written)
        digits = phonenumbers.normalize_digits_only(letters)
    return digits[:LONGEST_KEY]
