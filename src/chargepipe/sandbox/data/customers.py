"""Sample customers of Chargebee, with every oddity that a real site has."""

import re
from typing import Any

from . import words
from .custom_fields import Dates, custom_fields
from .customer_parts import address_of, contacts_of
from .draw import draw, rising, touched

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "KWD")
_DIGITS = re.compile(r"([0-9]{6,12})$")
_GROUP = 41
"""Of every 41 customers seven share an email with a neighbour, in three groups."""
_OLD = 3
"""The first customers of a large site do not say when they were updated."""
_OWNER = {30: 29, 31: 29, 20: 19, 40: 39}


class Customers:
    """The customers 1..size of a seed. Bytes of one draw decide each case independently.

    dates: how dates and times of custom fields are written.
    """

    def __init__(self, seed: int, size: int, dates: Dates = "iso") -> None:
        self.size = size
        self._dates: Dates = dates
        self.created = rising(size)
        self.companies = max(size * 2 // 5, 1)
        self._seed = seed

    def drawn(self, number: int) -> bytes:
        """The bytes that decide what this customer is like."""
        return draw(self._seed, "customer", number)

    def updated(self, number: int) -> int:
        """Unix seconds of the last change."""
        return touched(self.created(number))

    def id(self, number: int, drawn: bytes | None = None) -> str:
        """The Chargebee id; a few have a slash, a blank or a letter beyond ASCII."""
        kind = (drawn or self.drawn(number))[0]
        if kind < 5:
            return f"eu/cust_{number:06}"
        if kind < 10:
            return f"cust {number:06}"
        if kind < 15:
            return f"künde-ß-{number:06}"
        return f"cust_{number:06}"

    def number(self, customer_id: str) -> int | None:
        """The number of an id, or None where no sample customer has it."""
        found = _DIGITS.search(customer_id)
        if not found or not 1 <= int(found[1]) <= self.size:
            return None
        number = int(found[1])
        return number if self.id(number) == customer_id else None

    def _is_old(self, number: int) -> bool:
        """Whether it was last updated before Chargebee kept the time of that (fact sheet 3)."""
        return number <= min(_OLD, self.size // 50) and not self.is_deleted(self.drawn(number))

    def is_deleted(self, drawn: bytes) -> bool:
        """Whether this customer is a tombstone."""
        return drawn[1] < 8

    def company_index(self, drawn: bytes) -> int | None:
        """Index of the customer's company, None without one."""
        if _is_bare(drawn) or drawn[2] < 54 or 64 <= drawn[2] < 74:
            return None
        return int.from_bytes(drawn[16:20]) % self.companies

    def email(self, number: int, drawn: bytes) -> str | None:
        """The email: the customer's own, one shared with a neighbour, or none."""
        owner = _OWNER.get(number % _GROUP)
        if owner is not None:
            number -= number % _GROUP - owner
            address = _address(number, self.drawn(number))
            return _capitals(address) if owner == 19 else address
        if number % _GROUP in _OWNER.values():
            return _address(number, drawn)
        if _is_bare(drawn) or drawn[3] < 10:
            return None
        address = _address(number, drawn)
        return address.upper() if drawn[3] < 20 else address

    def name(self, drawn: bytes) -> tuple[str | None, str | None]:
        """First and last name; some have neither."""
        if _is_bare(drawn) or drawn[4] < 12:
            return None, None
        if drawn[4] < 26:
            return words.UNICODE[drawn[5] % len(words.UNICODE)]
        return words.FIRST[drawn[6] % 40], words.LAST[drawn[7] % 60]

    def phone(self, drawn: bytes) -> str | None:
        """A phone number in national or in E.164 writing, or none."""
        _, _, national, international = words.PLACES[drawn[8] % len(words.PLACES)]
        line = f"{int.from_bytes(drawn[9:11]) % 10_000:04}"
        if drawn[11] < 100:
            return None
        return f"{national}{line}" if drawn[11] < 170 else f"{international}{line}"

    def currency(self, drawn: bytes) -> str:
        """The preferred currency; mostly the base currency USD."""
        kind = drawn[12]
        return "USD" if kind < 176 else CURRENCIES[1 + kind % 4]

    def row(self, number: int) -> dict[str, Any]:
        """The customer as Chargebee's JSON; attributes without a value are absent."""
        drawn = self.drawn(number)
        first, last = self.name(drawn)
        company, billing_company = self._companies(drawn)
        updated, is_old = self.updated(number), self._is_old(number)
        row: dict[str, Any] = {
            "id": self.id(number, drawn),
            "first_name": first,
            "last_name": last,
            "email": self.email(number, drawn),
            "phone": self.phone(drawn),
            "company": company,
            "auto_collection": "on" if drawn[13] < 200 else "off",
            "net_term_days": 0,
            "allow_direct_debit": False,
            "created_at": self.created(number),
            "updated_at": None if is_old else updated,
            "resource_version": None if is_old else updated * 1000 + number % 1000,
            "taxability": "taxable",
            "locale": "en" if drawn[13] < 128 else None,
            "pii_cleared": "active",
            "channel": "web",
            "card_status": "valid" if drawn[13] < 200 else "no_card",
            "contacts": contacts_of(drawn, number),
            "billing_address": address_of(drawn, first, last, billing_company),
            "promotional_credits": 0,
            "refundable_credits": 0,
            "excess_payments": 0,
            "unbilled_charges": 0,
            "preferred_currency_code": self.currency(drawn),
            "business_entity_id": entity(drawn),
            "deleted": self.is_deleted(drawn),
            "object": "customer",
            **self._custom_fields(drawn, number),
        }
        return {name: value for name, value in row.items() if value is not None}

    def _custom_fields(self, drawn: bytes, number: int) -> dict[str, Any]:
        return custom_fields(self._seed, number, self._dates) if drawn[23] >= 128 else {}

    def _companies(self, drawn: bytes) -> tuple[str | None, str | None]:
        if _is_bare(drawn):
            return None, None
        kind = drawn[2]
        name = words.company(int.from_bytes(drawn[16:20]) % self.companies)
        if kind < 54:
            return None, None
        if kind < 64:
            return None, name
        if kind < 74:
            return (f"{name} " + "and Daughters " * 20)[:249] + ".", None
        if kind < 90:
            return _respelled(name, kind), None
        return name, (name if kind < 150 else None)


def entity(drawn: bytes) -> str | None:
    """The business entity of a customer's draw; most sites have one alone, and name none."""
    return "be_emea" if drawn[14] < 40 else None


def _is_bare(drawn: bytes) -> bool:
    return drawn[15] < 5


def _address(number: int, drawn: bytes) -> str:
    first, last = words.FIRST[drawn[6] % 40], words.LAST[drawn[7] % 60]
    domain = words.COMPANY_HEAD[drawn[21] % 60]
    return f"{first}.{last}.{number}@{domain}.example".lower()


def _capitals(address: str) -> str:
    user, _, domain = address.partition("@")
    return f"{user.title()}@{domain.title()}"


def _respelled(name: str, kind: int) -> str:
    if kind < 82:
        return name.upper()
    return " " + name.replace(" ", "  ")
