"""Where each field of a person, an organization and a deal comes from, in words (rule 17).

It stands beside `mapping` and `deals`, which do what is said here; a test holds them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chargepipe.domain import names
from chargepipe.domain.settings import Entity, Settings

SourceRecord: TypeAlias = Literal[
    "customer",
    "leading customer",
    "oldest customer",
    "customers",
    "leading subscription",
    "subscriptions",
    "record",
]


@dataclass(frozen=True, slots=True)
class Source:
    """One field's source. `attribute` is Chargebee's API name, `words` say what we make of it."""

    record: SourceRecord
    """Whose attribute it is; the leading ones speak for several (product.md 3, setting 5).

    Of a deal "record" is its own subscription or invoice.
    """
    attribute: str
    words: str = ""


_MRR = "the sum over those that are active, non_renewing or paused"
_LEADING: Mapping[str, Source] = {
    names.SUBSCRIPTION_STATUS: Source("leading subscription", "status"),
    names.PLAN: Source("leading subscription", "subscription_items", "the plan's item price"),
    names.MRR: Source("subscriptions", "mrr", _MRR),
    names.NEXT_BILLING: Source("leading subscription", "next_billing_at"),
    names.TRIAL_END: Source("leading subscription", "trial_end"),
    names.TERM_END: Source("leading subscription", "current_term_end"),
    names.CANCELLED_ON: Source("leading subscription", "cancelled_at"),
    names.ACTIVE_SUBSCRIPTIONS: Source(
        "subscriptions", "status", "how many are active or non_renewing"
    ),
}
_PERSON: Mapping[str, Source] = {
    "name": Source(
        "customer",
        "first_name and last_name; else company; else billing_address.company; else email; else id",
    ),
    "emails": Source("customer", "email"),
    "phones": Source("customer", "phone"),
    "organization": Source("customer", "company; else billing_address.company"),
    names.CUSTOMER_ID: Source("customer", "id"),
    names.CUSTOMER_STATUS: Source("customer", "deleted", "Deleted once it is deleted, else Active"),
    names.CUSTOMER_MRR: Source("subscriptions", "mrr", _MRR),
    names.CUSTOMER_CMRR: Source(
        "subscriptions",
        "mrr",
        "computed by chargepipe: MRR, plus future and in_trial ones without a cancellation, "
        "less non_renewing ones",
    ),
    names.BUSINESS_ENTITY: Source("customer", "business_entity_id"),
    names.LINK: Source("customer", "id", "the address of the customer in Chargebee"),
    names.OVERDUE_AMOUNT: Source("subscriptions", "total_dues", "the sum of unpaid invoices"),
    names.OVERDUE_SINCE: Source("subscriptions", "due_since", "the oldest"),
    **_LEADING,
}
_ORGANIZATION: Mapping[str, Source] = {
    "name": Source(
        "oldest customer", "company; else billing_address.company", "written only when it is made"
    ),
    names.ORGANIZATION_STATUS: Source("customers", "deleted", "Deleted once all of them are"),
    names.BUSINESS_ENTITY: Source("leading customer", "business_entity_id"),
    **_LEADING,
}
_DEAL: Mapping[str, Source] = {
    "title": Source("record", "title", "by the template of the settings"),
    "value": Source(
        "record", "subscription_items; of an invoice total", "or mrr, as the settings choose"
    ),
    "stage": Source("record", "status", "by the rule of the settings"),
    "status": Source(
        "record",
        "status",
        "by the rule of the settings; with activated_at, cancelled_at, paid_at or voided_at",
    ),
    "expected_close_date": Source(
        "record", "trial_end in a trial, start_date of a future one; of an invoice due_date"
    ),
    "person": Source("record", "customer_id"),
    "organization": Source("customer", "company; else billing_address.company"),
    names.SUBSCRIPTION_ID: Source("record", "id"),
    names.SUBSCRIPTION_STATUS: Source("record", "status"),
    names.PLAN: Source("record", "subscription_items", "the plan's item price"),
    names.NEXT_BILLING: Source("record", "next_billing_at"),
    names.INVOICE_ID: Source("record", "id"),
    names.INVOICE_STATUS: Source("record", "status"),
    names.DUE: Source("record", "amount_due"),
}
_TABLES: Mapping[str, Mapping[str, Source]] = {
    "person": _PERSON,
    "organization": _ORGANIZATION,
    "deal": _DEAL,
}


def source_of(entity: Entity, name: str, settings: Settings) -> Source | None:
    """The source of a field of ours; None for a field that the settings do not write."""
    for field in settings.additional_fields:
        if field.entity == entity and field.name == name:
            return Source(_record_of(entity, field.record), field.attribute)
    return _TABLES.get(entity, {}).get(name)


def _record_of(entity: Entity, record: str) -> SourceRecord:
    if entity == "deal":
        return "customer" if record == "customer" else "record"
    if record == "subscription":
        return "leading subscription"
    return "leading customer" if entity == "organization" else "customer"
