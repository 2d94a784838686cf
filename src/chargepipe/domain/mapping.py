"""Records and settings to targets: what a person and an organization should hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from chargepipe.domain import names
from chargepipe.domain.attributes import attribute_value, day
from chargepipe.domain.keys import company_key
from chargepipe.domain.reading import Scalar
from chargepipe.domain.records import Customer, Subscription
from chargepipe.domain.revenue import Revenue, cmrr, mrr, overdue
from chargepipe.domain.settings import Settings
from chargepipe.domain.targets import OrganizationTarget, PersonTarget
from chargepipe.domain.text import cut
from chargepipe.domain.values import Value

_LEADING: Mapping[str | None, int] = {
    "active": 0,
    "non_renewing": 1,
    "in_trial": 2,
    "future": 3,
    "paused": 4,
    "cancelled": 5,
}
"""Which of several subscriptions leads (setting 5); an unknown status comes last."""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a target needs to know of the Chargebee site."""

    site: str
    """Its name: acme of https://acme.chargebee.com."""
    base_currency: str | None
    default_currency: str
    """Taken where neither the customer nor the site names a currency."""


def person_target(
    customer: Customer, subscriptions: Iterable[Subscription], settings: Settings, site: SiteFacts
) -> PersonTarget:
    """The person that a customer and its subscriptions make under the settings.

    Raises Unconvertible where amounts in several currencies cannot be added.
    """
    owned = sorted(subscriptions, key=lambda subscription: subscription.id)
    key = company_key(customer.company_name) if settings.organizations else ""
    return PersonTarget(
        name=person_name(customer),
        email=customer.email,
        phone=customer.phone,
        country=customer.billing_country,
        organization=key or None,
        organization_name=cut(customer.company_name) if key else None,
        fields=_person_fields(customer, owned, settings, site),
        cleared=customer.pii_cleared,
    )


def organization_target(
    customers: Iterable[Customer],
    subscriptions: Iterable[Subscription],
    settings: Settings,
    site: SiteFacts,
) -> OrganizationTarget:
    """The organization that all customers of one company make, with their subscriptions.

    Its name is the oldest customer's way to write it; entity and additional fields are those of
    the leading customer (not deleted first, then the newest change). The order given does not
    matter. Raises ValueError without a customer that has a company, and Unconvertible.
    """
    named = [customer for customer in customers if company_key(customer.company_name)]
    if not named:
        raise ValueError("an organization needs a customer with a company name")
    oldest = min(named, key=lambda customer: (customer.created_at or 0, customer.id))
    leading = leading_customer(named)
    owned = sorted(subscriptions, key=lambda subscription: subscription.id)
    sums = organization_revenues(named, owned, settings, site)
    return OrganizationTarget(
        key=company_key(oldest.company_name),
        name=cut(oldest.company_name),
        fields={
            names.ORGANIZATION_STATUS: _status(all(c.deleted for c in named), settings),
            **_entity(leading, settings),
            **_subscription_data("organization", owned, settings),
            **_amounts(sums),
            **_additional("organization", leading, owned, settings, site),
        },
    )


def person_revenues(
    customer: Customer, subscriptions: Iterable[Subscription], settings: Settings, site: SiteFacts
) -> dict[str, Revenue]:
    """The sums that a person shows, by field, each with its working. Raises Unconvertible."""
    owned = sorted(subscriptions, key=lambda subscription: subscription.id)
    facts = _fallback(customer, site), settings.zero_decimal
    sums = {names.CUSTOMER_MRR: mrr(owned, *facts), names.CUSTOMER_CMRR: cmrr(owned, *facts)}
    if settings.subscription_data == "person":
        sums[names.MRR] = sums[names.CUSTOMER_MRR]
    if "overdue" in settings.extras:
        sums[names.OVERDUE_AMOUNT] = overdue(owned, *facts)
    return sums


def organization_revenues(
    customers: Iterable[Customer],
    subscriptions: Iterable[Subscription],
    settings: Settings,
    site: SiteFacts,
) -> dict[str, Revenue]:
    """The sums that an organization shows, as `person_revenues`; arguments as for its target."""
    if settings.subscription_data != "organization":
        return {}
    owned = sorted(subscriptions, key=lambda subscription: subscription.id)
    fallback = _fallback(leading_customer(customers), site)
    return {names.MRR: mrr(owned, fallback, settings.zero_decimal)}


def person_name(customer: Customer) -> str:
    """First and last name; else company; else email; else id. Never empty, at most 255."""
    return _name(customer)[1]


def name_attribute(customer: Customer) -> str:
    """Which attribute of the customer its person is named by, in words."""
    return _name(customer)[0]


def _name(customer: Customer) -> tuple[str, str]:
    ways = (
        ("first_name and last_name", f"{customer.first_name or ''} {customer.last_name or ''}"),
        ("company", customer.company),
        ("billing_address.company", customer.billing_company),
        ("email", customer.email),
    )
    found = ((attribute, cut(value)) for attribute, value in ways)
    return next((pair for pair in found if pair[1]), ("id", cut(customer.id)))


def leading_customer(customers: Iterable[Customer]) -> Customer:
    """The customer that speaks for its company: not deleted first, then the newest change.

    Raises ValueError without one.
    """
    return max(customers, key=lambda c: (not c.deleted, c.updated_at or 0, c.id))


def leading_subscription(subscriptions: Iterable[Subscription]) -> Subscription | None:
    """The live subscription that speaks for all: by status, then the newest, then by id."""
    live = [subscription for subscription in subscriptions if subscription.live]
    return max(live, key=_rank, default=None)


def _rank(subscription: Subscription) -> tuple[int, int, str]:
    place = _LEADING.get(subscription.status, len(_LEADING))
    return -place, subscription.created_at or 0, subscription.id


def _person_fields(
    customer: Customer, owned: Sequence[Subscription], settings: Settings, site: SiteFacts
) -> dict[str, Value]:
    return {
        names.CUSTOMER_ID: customer.id,
        names.CUSTOMER_STATUS: _status(customer.deleted, settings),
        **_amounts(person_revenues(customer, owned, settings, site)),
        **_entity(customer, settings),
        **_subscription_data("person", owned, settings),
        **_extras(customer, owned, settings, site),
        **_additional("person", customer, owned, settings, site),
    }


def _amounts(sums: Mapping[str, Revenue]) -> dict[str, Value]:
    return {name: revenue.money for name, revenue in sums.items()}


def _fallback(customer: Customer, site: SiteFacts) -> str:
    return customer.preferred_currency or site.base_currency or site.default_currency


def _status(deleted: bool, settings: Settings) -> str:
    flagged = deleted and settings.deleted_customers != "leave"
    return names.DELETED if flagged else names.ACTIVE


def _entity(customer: Customer, settings: Settings) -> dict[str, Value]:
    if settings.business_entities == "all":
        return {}
    return {names.BUSINESS_ENTITY: customer.business_entity_id}


def _subscription_data(
    entity: str, owned: Sequence[Subscription], settings: Settings
) -> dict[str, Value]:
    """Setting 5 but for MRR: the count over all subscriptions, the rest of the leading one."""
    if settings.subscription_data != entity:
        return {}
    serving = [s for s in owned if s.live and s.status in ("active", "non_renewing")]
    return {
        **_leading_data(leading_subscription(owned), settings.time_zone),
        names.ACTIVE_SUBSCRIPTIONS: len(serving),
    }


def _leading_data(leading: Subscription | None, zone: str) -> dict[str, Value]:
    status = leading.status if leading else None
    return {
        names.SUBSCRIPTION_STATUS: names.status_label(status) if status else None,
        names.PLAN: cut(leading.plan) or None if leading else None,
        names.NEXT_BILLING: day(leading.next_billing_at, zone) if leading else None,
        names.TRIAL_END: day(leading.trial_end, zone) if leading else None,
        names.TERM_END: day(leading.current_term_end, zone) if leading else None,
        names.CANCELLED_ON: day(leading.cancelled_at, zone) if leading else None,
    }


def _extras(
    customer: Customer, owned: Sequence[Subscription], settings: Settings, site: SiteFacts
) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    if "link" in settings.extras:
        path = quote(customer.id, safe="")
        fields[names.LINK] = f"https://{site.site}.chargebee.com/d/customers/{path}"
    if "overdue" in settings.extras:
        times = (s.due_since for s in owned if not s.deleted and s.total_dues)
        since = min((time for time in times if time is not None), default=None)
        fields[names.OVERDUE_SINCE] = day(since, settings.time_zone)
    return fields


def _additional(
    entity: str,
    customer: Customer,
    owned: Sequence[Subscription],
    settings: Settings,
    site: SiteFacts,
) -> dict[str, Value]:
    """Setting 9 for this entity: of the customer, or of its leading subscription."""
    leading = leading_subscription(owned)
    of_subscription: Mapping[str, Scalar] = leading.attributes if leading else {}
    currency = _fallback(customer, site)
    own_currency = (leading.currency_code if leading else None) or currency
    fields: dict[str, Value] = {}
    for field in settings.additional_fields:
        if field.entity == entity:
            of_customer = field.record == "customer"
            source = customer.attributes if of_customer else of_subscription
            fields[field.name] = attribute_value(
                source.get(field.attribute),
                field.kind,
                currency if of_customer else own_currency,
                settings.time_zone,
            )
    return fields
