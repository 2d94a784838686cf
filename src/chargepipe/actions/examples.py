"""Examples: what settings would make of three real customers. Nothing is written or stored."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.services import open_source
from chargepipe.actions.connections import stored_file
from chargepipe.actions.journal import in_words, stages
from chargepipe.chargebee import Chargebee, Kind
from chargepipe.domain.deals import DEAL_RECORDS, NoDeal, deal_of, records_with_deals
from chargepipe.domain.mapping import SiteFacts, organization_target, person_name, person_target
from chargepipe.domain.pipelines import NoSuchPlace, PipelineFacts
from chargepipe.domain.records import Customer, Invoice, Subscription
from chargepipe.domain.revenue import Unconvertible
from chargepipe.domain.settings import ConnectionFile, Settings
from chargepipe.domain.targets import DealTarget, OrganizationTarget, PersonTarget
from chargepipe.domain.values import to_json
from chargepipe.store.models import Connection, Record
from chargepipe.sync.work import customer_of

HOW_MANY = 3
HELD_SECONDS = 300
"""So long what Chargebee said serves further looks, so that a form can be followed."""


@dataclass(frozen=True, slots=True)
class Example:
    """One customer under the settings; values in words, "-" is an empty field."""

    title: str
    person: tuple[tuple[str, str], ...]
    organization: tuple[tuple[str, str], ...]
    deals: tuple["DealExample", ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DealExample:
    """The deal of one subscription or one-time invoice; `words` say why there is none."""

    record: str
    """Such as "subscription s1"."""
    fields: tuple[tuple[str, str], ...]
    words: str = ""


def examples(
    connection: Connection,
    file: ConnectionFile,
    env: Environment | None = None,
    *,
    anew: bool = True,
) -> list[Example]:
    """Three customers as these settings would write them; from the mirror, else from Chargebee.

    `anew`: Chargebee is asked in any case, else only where it was not within five minutes. It is
    asked for three lists, which cost no token of Pipedrive's.

    Raises the errors of `chargepipe.http` where Chargebee has to be asked.
    """
    known = Record.objects.filter(connection=connection, kind="customer", deleted=False)
    # Those that changed last: an index holds this order.
    rows = list(known.order_by("-updated_at", "source_id")[:HOW_MANY])
    missing = _newly_asked(connection, file)
    seen = (
        _asked(connection, env or Environment(), anew)
        if missing or not rows
        else _mirrored(connection, rows)
    )
    site = _site(connection, seen.subscriptions)
    facts = stages(connection)
    return [_example(each, seen, file, site, facts) for each in seen.customers]


@dataclass(frozen=True, slots=True)
class _Seen:
    """Three customers and what they bought."""

    customers: list[Customer]
    subscriptions: list[Subscription]
    invoices: list[Invoice]


def _newly_asked(connection: Connection, file: ConnectionFile) -> bool:
    """Whether these settings show attributes that the mirror does not hold yet."""
    held = stored_file(connection).settings
    return any(file.settings.attributes(kind) - held.attributes(kind) for kind in KINDS)


def _mirrored(connection: Connection, rows: list[Record]) -> _Seen:
    owned = Record.objects.filter(
        connection=connection,
        kind__in=DEAL_RECORDS,
        deleted=False,
        customer_id__in=[row.source_id for row in rows],
    )
    sold = sorted(owned, key=lambda row: (row.created_at, row.source_id))
    return _Seen(
        [customer_of(row) for row in rows],
        [Subscription.parse(row.attributes) for row in sold if row.kind == "subscription"],
        [Invoice.parse(row.attributes) for row in sold if row.kind == "invoice"],
    )


def _asked(connection: Connection, env: Environment, anew: bool) -> _Seen:
    """The three oldest customers, with what the first page of the other lists has of them."""
    file = stored_file(connection)
    name = f"examples of {connection.pk} {connection.created_at} {file.chargebee}"
    key = sha256(name.encode()).hexdigest()
    seen = None if anew else cache.get(key)
    if seen is None:
        with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
            seen = _first(runner.run(_first_pages(file, connection.secrets.chargebee_key, env)))
        cache.set(key, seen, HELD_SECONDS)
    return seen


def _first(found: Mapping[str, list[dict[str, Any]]]) -> _Seen:
    customers = [Customer.parse(row) for row in found["customer"][:HOW_MANY]]
    ids = {customer.id for customer in customers}
    return _Seen(
        customers,
        [s for row in found["subscription"] if (s := Subscription.parse(row)).customer_id in ids],
        [i for row in found["invoice"] if (i := Invoice.parse(row)).customer_id in ids],
    )


async def _first_pages(
    file: ConnectionFile, key: str, env: Environment
) -> dict[str, list[dict[str, Any]]]:
    async with open_source(file, key, env) as source:
        return {kind: await _first_page(source, kind) for kind in KINDS}


async def _first_page(source: Chargebee, kind: Kind) -> list[dict[str, Any]]:
    async for page in source.pages(kind, include_deleted=False):
        return list(page.rows)
    return []


KINDS: tuple[Kind, ...] = ("customer", "subscription", "invoice")


def _site(connection: Connection, subscriptions: list[Subscription]) -> SiteFacts:
    base = next((s.base_currency_code for s in subscriptions if s.base_currency_code), None)
    account = connection.account
    default = (account.default_currency if account else "") or "USD"
    return SiteFacts(site=connection.site, base_currency=base, default_currency=default)


def _example(
    customer: Customer, seen: _Seen, file: ConnectionFile, site: SiteFacts, facts: PipelineFacts
) -> Example:
    settings = file.settings
    owned = [each for each in seen.subscriptions if each.customer_id == customer.id]
    billed = [each for each in seen.invoices if each.customer_id == customer.id]
    deals = tuple(_deals(customer, [*owned, *billed], settings, facts))
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
        shown = _in_words((*built_in, *_fields(person)), settings)
        return Example(title, shown, organization, deals)
    except Unconvertible as error:
        words = f"Amounts in several currencies cannot be added: {error.subscription_id}"
        return Example(title, (), (), deals, words)


def _deals(
    customer: Customer,
    sold: Iterable[Subscription | Invoice],
    settings: Settings,
    facts: PipelineFacts,
) -> Iterator[DealExample]:
    on = records_with_deals(settings)
    for record in sold:
        kind = "subscription" if isinstance(record, Subscription) else "invoice"
        if kind not in on or (isinstance(record, Invoice) and not record.one_time):
            continue
        try:
            made = deal_of(record, customer, settings, facts)
        except NoSuchPlace as error:
            yield DealExample(f"{kind} {record.id}", (), str(error))
            continue
        shown = () if isinstance(made, NoDeal) else _deal(made, settings, facts)
        words = f"No deal: {made.words}" if isinstance(made, NoDeal) else ""
        yield DealExample(f"{kind} {record.id}", shown, words)


def _deal(
    made: DealTarget, settings: Settings, facts: PipelineFacts
) -> tuple[tuple[str, str], ...]:
    status = made.standing.as_json() if made.standing else None
    built_in: tuple[tuple[str, Any], ...] = (
        ("title", made.title),
        ("value", to_json(made.value)),
        ("stage", made.place.as_json() if made.place else None),
        ("status", status),
        ("expected close", made.expected_close),
    )
    pairs = (*built_in, *((name, to_json(value)) for name, value in made.fields.items()))
    return tuple((name, in_words(v, settings.zero_decimal, facts)) for name, v in pairs)


def _fields(target: PersonTarget | OrganizationTarget) -> list[tuple[str, Any]]:
    return [(name, to_json(value)) for name, value in target.fields.items()]


def _in_words(pairs: Iterable[tuple[str, Any]], settings: Settings) -> tuple[tuple[str, str], ...]:
    return tuple((name, in_words(value, settings.zero_decimal)) for name, value in pairs)
