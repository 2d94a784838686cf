"""Persons and organizations that the CRM held before any sync."""

from typing import Any

from . import words
from .customers import Customers
from .draw import ANCHOR, DAY, draw, iso, touched

ME = 101
COLLEAGUE = 102
_SHARE = 10_000


class People:
    """The sample persons and organizations; none at all where `share` is 0.

    Persons 1..matched are customers that are already in the CRM, the next ones second persons with
    the same email, the last ones strangers. Organizations 1..known are every fourth company,
    the next ones second organizations of the same name, the last ones strangers.
    """

    def __init__(self, seed: int, customers: Customers, share: float) -> None:
        self._seed = seed
        self._customers = customers
        self._share = round(share * _SHARE)
        some = bool(self._share)
        self.matched = customers.size * self._share // _SHARE
        self.doubles = self.matched // 20
        self.known = (customers.companies + 3) // 4 if some else 0
        self.namesakes = self.known // 20
        self.persons = self.matched + self.doubles + (customers.size // 33 if some else 0)
        self.organizations = self.known + self.namesakes + (customers.size // 50 if some else 0)

    def added(self, number: int) -> int:
        """Unix seconds of the making of person or organization `number`; rises with it."""
        size = max(self.persons, self.organizations) + 1
        return ANCHOR - 4 * 365 * DAY + number * (4 * 365 * DAY // (size + 1))

    def updated(self, number: int) -> int:
        """Unix seconds of the last change."""
        return touched(self.added(number))

    def customer(self, person: int) -> int | None:
        """The number of the customer that a person is, None for a stranger."""
        if person > self.matched + self.doubles:
            return None
        slot = person if person <= self.matched else (person - self.matched) * 20
        return -(-slot * _SHARE // self._share)

    def of(self, customer: int) -> list[int]:
        """The persons that are this customer."""
        slot = customer * self._share // _SHARE
        if slot == (customer - 1) * self._share // _SHARE:
            return []
        return [slot] if slot % 20 else [slot, self.matched + slot // 20]

    def organization_name(self, number: int) -> str:
        """The name of organization `number`."""
        if number > self.known + self.namesakes:
            return f"Stranger {words.company(number)}"
        index = number if number <= self.known else (number - self.known) * 20
        return words.company((index - 1) * 4)

    def person(self, number: int) -> dict[str, Any]:
        """The person as Pipedrive's JSON, custom fields without a value left out."""
        drawn = draw(self._seed, "person", number)
        customer = self.customer(number)
        owner = self._customers.drawn(customer) if customer else b""
        email = self._customers.email(customer, owner) if customer else None
        first, last = words.FIRST[drawn[1] % 40], words.LAST[drawn[2] % 60]
        if customer and drawn[0] < 180:
            known_first, known_last = self._customers.name(owner)
            first, last = known_first or first, known_last or last
        emails = _emails(drawn, email, f"{first}.{last}.{number}@stranger.example".lower())
        phone = self._phone(drawn, owner)
        return {
            "id": number,
            "name": f"{first} {last}",
            "first_name": first,
            "last_name": last,
            "owner_id": ME if drawn[5] < 200 else COLLEAGUE,
            "org_id": self._organization(owner) if customer and drawn[6] < 128 else None,
            "add_time": iso(self.added(number)),
            "update_time": iso(self.updated(number)),
            "emails": emails,
            "phones": [{"value": phone, "primary": True, "label": "work"}] if drawn[7] < 90 else [],
            "is_deleted": False,
            "visible_to": 3,
            "label_ids": [],
            "picture_id": None,
            "custom_fields": {},
        }

    def organization(self, number: int) -> dict[str, Any]:
        """The organization as Pipedrive's JSON, custom fields without a value left out."""
        return {
            "id": number,
            "name": self.organization_name(number),
            "owner_id": ME,
            "add_time": iso(self.added(number)),
            "update_time": iso(self.updated(number)),
            "is_deleted": False,
            "visible_to": 3,
            "address": None,
            "label_ids": [],
            "website": None,
            "linkedin": None,
            "industry": None,
            "annual_revenue": None,
            "employee_count": None,
            "custom_fields": {},
        }

    def _phone(self, drawn: bytes, owner: bytes) -> str:
        """Every other customer's own number, where it has one; else one of theirs alone."""
        known = self._customers.phone(owner) if owner and drawn[9] < 128 else None
        return known or f"+1 614 555 {int.from_bytes(drawn[3:5]) % 10_000:04}"

    def _organization(self, owner: bytes) -> int | None:
        index = self._customers.company_index(owner)
        return None if index is None or index % 4 else index // 4 + 1


def _emails(drawn: bytes, email: str | None, own: str) -> list[dict[str, Any]]:
    """The customer's email as the only one, in other case, or as the second one at home."""
    if email is None:
        return [_email(own, True, "work")] if drawn[8] < 200 else []
    if drawn[8] < 40:
        return [_email(email.swapcase(), True, "work")]
    if drawn[8] < 80:
        return [_email(own, True, "work"), _email(email, False, "home")]
    return [_email(email, True, "work")]


def _email(value: str, primary: bool, label: str) -> dict[str, Any]:
    return {"value": value, "primary": primary, "label": label}
