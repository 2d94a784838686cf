"""Clearing: what to take off a record so that nothing that we wrote stays on it (unlink --clear).

Fields of ours are emptied whatever they hold; an additional field, an email and a phone only while
they hold what we wrote. The name stays, for a record needs one, and so does the organization.
"""

from collections.abc import Mapping
from functools import partial

from chargepipe.domain import names
from chargepipe.domain.contacts import without
from chargepipe.domain.diff import Difference
from chargepipe.domain.held import ContactValue, HeldOrganization, HeldPerson
from chargepipe.domain.held_deal import HeldDeal
from chargepipe.domain.keys import email_keys, phone_keys
from chargepipe.domain.targets import DealTarget, OrganizationTarget, PersonTarget
from chargepipe.domain.values import JSON, Value, to_json


def person_clearing(
    held: HeldPerson, last: PersonTarget | None, ours: Mapping[str, str | None]
) -> Difference:
    """What to write to a person; `last` is what we wrote, `ours` the email and phone we added."""
    country = last.country if last else None
    email, phone = ours.get("email"), ours.get("phone")
    by_phone = partial(phone_keys, country=None)
    emails = without(held.emails, email, email_keys(email), email_keys)
    phones = without(held.phones, phone, phone_keys(phone, country), by_phone)
    before, after = _fields(held.fields, last.fields if last else {})
    for name, now, then in (("emails", held.emails, emails), ("phones", held.phones, phones)):
        if now != then:
            before[name], after[name] = _listed(now), _listed(then)
    return Difference(before, after)


def organization_clearing(held: HeldOrganization, last: OrganizationTarget | None) -> Difference:
    """What to write to an organization; `last` is what we wrote."""
    return Difference(*_fields(held.fields, last.fields if last else {}))


def deal_clearing(held: HeldDeal, last: DealTarget | None) -> Difference:
    """What to write to a deal; `last` is what we wrote. Title, value and stage stay."""
    return Difference(*_fields(held.fields, last.fields if last else {}))


def _fields(
    held: Mapping[str, Value], last: Mapping[str, Value]
) -> tuple[dict[str, JSON], dict[str, JSON]]:
    written = (name for name, now in held.items() if name in names.ALL or last.get(name) == now)
    before = {name: to_json(held[name]) for name in written if held[name] is not None}
    return before, dict.fromkeys(before)


def _listed(values: tuple[ContactValue, ...]) -> JSON:
    return [each.as_json() for each in values]
