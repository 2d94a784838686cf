"""The title of a deal, by its template (settings 7 and 8)."""

import re
from collections.abc import Mapping

from chargepipe.domain.mapping import person_name
from chargepipe.domain.names import status_label
from chargepipe.domain.records import Customer
from chargepipe.domain.text import cut

_AT_THE_ENDS = " -–—,:;|/·"
"""What a template puts between two words: at an end it parts nothing."""


def title_of(template: str, words: Mapping[str, str]) -> str:
    """The template with its words filled in, at most 255 characters; never empty.

    Where a word is empty, what stood between it and the end goes too: "Acme - " is "Acme".
    A title of which nothing is left is the record's id.
    """
    filled = cut(template.format_map(words))
    if any(not words[name] for name in re.findall(r"\{(\w+)\}", template)):
        filled = filled.strip(_AT_THE_ENDS)
    return filled or cut(words["id"])


def words_of(customer: Customer, id: str, status: str, plan: str | None) -> dict[str, str]:
    """The words of a title (`settings.deals.TITLE_WORDS`); those that are not known are empty."""
    return {
        "company_or_name": customer.company_name or person_name(customer),
        "name": person_name(customer),
        "company": customer.company_name or "",
        "email": customer.email or "",
        "customer_id": customer.id,
        "plan": plan or "",
        "status": status_label(status),
        "id": id,
    }
