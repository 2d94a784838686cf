"""Parts of a sample customer: billing address and contacts."""

from typing import Any

from . import words


def address_of(
    drawn: bytes, first: str | None, last: str | None, company: str | None
) -> dict[str, Any]:
    """The billing address; its company is often the only one."""
    country, city, _, _ = words.PLACES[drawn[8] % len(words.PLACES)]
    address = {
        "first_name": first,
        "last_name": last,
        "company": company,
        "line1": f"{drawn[22]} Main Street",
        "city": city,
        "country": country,
        "validation_status": "not_validated",
        "object": "billing_address",
    }
    return {name: value for name, value in address.items() if value is not None}


def contacts_of(drawn: bytes, number: int) -> list[dict[str, Any]] | None:
    """Further people of the customer; one in eight has some (fact sheet 4)."""
    if drawn[28] >= 32:
        return None
    return [_contact(number, place, drawn[29 + place]) for place in range(1 + drawn[28] % 2)]


def _contact(number: int, place: int, kind: int) -> dict[str, Any]:
    first, last = words.FIRST[kind % 40], words.LAST[(kind + place) % 60]
    return {
        "id": f"contact_{number:06}_{place + 1}",
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}.{number}@contact.example".lower(),
        "label": ("Billing", "Support")[place],
        "enabled": kind < 200,
        "send_account_email": False,
        "send_billing_email": place == 0,
        "object": "contact",
    }
