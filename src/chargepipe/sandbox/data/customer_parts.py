"""Parts of a sample customer: billing address and custom fields."""

from typing import Any

from . import words

TIERS = ("bronze", "silver", "gold", "platinum")


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


def custom_fields(drawn: bytes) -> dict[str, Any]:
    """The merchant's own attributes: text, number and date; half of the customers have none."""
    if drawn[23] < 128:
        return {}
    return {
        "cf_tier": TIERS[drawn[24] % 4],
        "cf_seats": drawn[25] or None,
        "cf_renewal": f"2027-{1 + drawn[26] % 12:02}-{1 + drawn[27] % 28:02}",
    }
