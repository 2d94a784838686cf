"""Searching: the one text of a customer in which people look for it."""

from collections.abc import Mapping
from typing import Any

from chargepipe.domain.records import Customer

MOST = 500
"""Characters kept: an index of a database takes no endless text."""


def search_text(json: Mapping[str, Any]) -> str:
    """Id, name, email and company of a customer, of its JSON or the mirror's cut, folded."""
    customer = Customer.parse(json)
    parts = (
        customer.id,
        customer.first_name,
        customer.last_name,
        customer.email,
        customer.company,
        customer.billing_company,
    )
    return folded(" ".join(dict.fromkeys(part for part in parts if part)))


def folded(text: str) -> str:
    """As texts are compared when people search: no capitals, single blanks."""
    return " ".join(text.casefold().split())[:MOST]
