"""The business entities of the site, and to which of them a record belongs (fact sheet 10)."""

from ..messages import Row

ENTITIES = ("be_main", "be_emea", "be_apac")
"""A record that names none belongs to the first (ours: the pages do not say)."""


def entity_of(row: Row) -> str:
    """The business entity of a customer, subscription, invoice or credit note."""
    return row.get("business_entity_id", ENTITIES[0])
