"""Examples: what settings would make of three real customers. Nothing is written or stored."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.services import open_source
from chargepipe.actions.connections import stored_file
from chargepipe.actions.journal import in_words
from chargepipe.chargebee import Chargebee, Kind
from chargepipe.domain.mapping import SiteFacts, organization_target, person_name, person_target
from chargepipe.domain.records import Customer, Subscription
from chargepipe.domain.revenue import Unconvertible
from chargepipe.domain.settings import ConnectionFile, Settings
from chargepipe.domain.targets import OrganizationTarget, PersonTarget
from chargepipe.domain.values import to_json
from chargepipe.store.models import Connection, Record
from chargepipe.sync.work import customer_of

HOW_MANY = 3


@dataclass(frozen=True, slots=True)
class Example:
    """One customer under the settings; values in words, "-" is an empty field."""

    title: str
    person: tuple[tuple[str, str], ...]
    organization: tuple[tuple[str, str], ...]
    problem: str = ""


def examples(
    connection: Connection, file: ConnectionFile, env: Environment | None = None
) -> list[Example]:
    """Three customers as these settings would write them; from the mirror, else from Chargebee.

    Raises the errors of `chargepipe.http` where Chargebee has to be asked.
    """
    rows = list(
        Record.objects.filter(connection=connection, kind="customer", deleted=False).order_by(
            "created_at", "source_id"
        )[:HOW_MANY]
    )
    if rows:
        customers = [customer_of(row) for row in rows]
        owned = Record.objects.filter(
            connection=connection,
            kind="subscription",
            deleted=False,
            customer_id__in=[customer.id for customer in customers],
        )
        subscriptions = [Subscription.parse(row.attributes) for row in owned]
    else:
        customers, subscriptions = _asked(connection, env or Environment())
    site = _site(connection, subscriptions)
    return [_example(customer, subscriptions, file, site) for customer in customers]


def _asked(connection: Connection, env: Environment) -> tuple[list[Customer], list[Subscription]]:
    """The three oldest customers, with what the first page of subscriptions has of them."""
    file = stored_file(connection)
    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        found = runner.run(_first_pages(file, connection.secrets.chargebee_key, env))
    customers = [Customer.parse(row) for row in found["customer"][:HOW_MANY]]
    ids = {customer.id for customer in customers}
    subscriptions = [Subscription.parse(row) for row in found["subscription"]]
    return customers, [each for each in subscriptions if each.customer_id in ids]


async def _first_pages(
    file: ConnectionFile, key: str, env: Environment
) -> dict[str, list[dict[str, Any]]]:
    async with open_source(file, key, env) as source:
        return {kind: await _first_page(source, kind) for kind in ("customer", "subscription")}


async def _first_page(source: Chargebee, kind: Kind) -> list[dict[str, Any]]:
    async for page in source.pages(kind, include_deleted=False):
        return list(page.rows)
    return []


def _site(connection: Connection, subscriptions: list[Subscription]) -> SiteFacts:
    base = next((s.base_currency_code for s in subscriptions if s.base_currency_code), None)
    account = connection.account
    default = (account.default_currency if account else "") or "USD"
    return SiteFacts(site=connection.site, base_currency=base, default_currency=default)


def _example(
    customer: Customer, subscriptions: list[Subscription], file: ConnectionFile, site: SiteFacts
) -> Example:
    settings = file.settings
    owned = [each for each in subscriptions if each.customer_id == customer.id]
    title = person_name(customer)
    try:
        person = person_target(customer, owned, settings, site)
        built_in = (
            ("name", person.name),
            ("email", person.email),
            ("phone", person.phone),
            ("organization", person.organization_name),
        )
        organization: tuple[tuple[str, str], ...] = ()
        if settings.organizations and customer.company_name:
            company = organization_target([customer], owned, settings, site)
            organization = _in_words((("name", company.name), *_fields(company)), settings)
        return Example(title, _in_words((*built_in, *_fields(person)), settings), organization)
    except Unconvertible as error:
        words = f"Amounts in several currencies cannot be added: {error.subscription_id}"
        return Example(title, (), (), words)


def _fields(target: PersonTarget | OrganizationTarget) -> list[tuple[str, Any]]:
    return [(name, to_json(value)) for name, value in target.fields.items()]


def _in_words(pairs: Iterable[tuple[str, Any]], settings: Settings) -> tuple[tuple[str, str], ...]:
    return tuple((name, in_words(value, settings.zero_decimal)) for name, value in pairs)
