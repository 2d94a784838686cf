"""Offers: what both accounts have to choose from, for the pickers of the settings.

Kept on the account and the connection, so that a page asks nobody; `refresh` asks both services.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chargepipe.accounts.discover import ENTITIES, read_fields
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.ledger import Ledger
from chargepipe.accounts.services import WayIn, open_source, open_target, way_in
from chargepipe.actions.connections import stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.chargebee import Kind
from chargepipe.domain import names
from chargepipe.domain.account_fields import type_of
from chargepipe.domain.pipelines import PipelineFacts
from chargepipe.domain.reading import Scalar, scalars
from chargepipe.domain.settings import ConnectionFile
from chargepipe.domain.settings.additional import kind_of
from chargepipe.domain.text import squeeze
from chargepipe.store.models import Account, Connection

KINDS: tuple[Kind, ...] = ("customer", "subscription", "invoice")
GOOD_FOR = timedelta(days=1)
_OWN: Mapping[str, frozenset[str]] = {
    "person": frozenset(
        {"name", "first name", "last name", "email", "emails", "phone", "phones", "organization"}
    ),
    "organization": frozenset({"name", "address"}),
    "deal": frozenset(
        {"title", "value", "currency", "pipeline", "stage", "status", "probability", "person"}
        | {"contact person", "organization", "expected close date"}
    ),
}
_OF_ALL = frozenset({"owner", "label", "labels", "visible to", "id"})
"""Pipedrive's built-in fields as its pages call them, folded."""


def is_built_in(target: str) -> bool:
    """Whether "person.Name" and the like is the name of a field that Pipedrive has by itself."""
    entity, _, name = target.partition(".")
    return squeeze(name).casefold() in _OF_ALL | _OWN.get(entity, frozenset())


@dataclass(frozen=True, slots=True)
class Offer:
    """One value to choose, with a word that helps."""

    value: str
    hint: str = ""
    made: str = ""
    """Of an attribute: the type of the field that it makes where no other is chosen."""


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything there is to choose from; empty lists while nobody was asked."""

    owners: tuple[Offer, ...]
    labels: tuple[Offer, ...]
    person_keys: tuple[Offer, ...]
    """Fields of a person that may be its match key."""
    customer_keys: tuple[Offer, ...]
    attributes: tuple[Offer, ...]
    """Of Chargebee's records, for additional fields, each with what it holds."""
    targets: tuple[Offer, ...]
    """Custom fields of Pipedrive's that an additional field may fill, each with what it holds."""
    known_at: datetime | None
    """When both were asked last."""
    facts: PipelineFacts
    """Pipelines and their stages."""


def offers(connection: Connection) -> Offers:
    """What is known of both accounts; asks no service."""
    account = connection.account or Account()
    fields, attributes = account.fields, connection.attributes
    custom = [(entity, row) for entity in ENTITIES for row in fields.get(entity, ())]
    return Offers(
        owners=(Offer("token", "the connecting user"), *map(Offer, account.users)),
        labels=tuple(map(Offer, fields.get("labels", ()))),
        person_keys=(
            *map(Offer, ("email", "phone")),
            *(
                Offer(row["name"], type_of(row["type"]).words)
                for entity, row in custom
                if entity == "person" and type_of(row["type"]).key
            ),
        ),
        customer_keys=(*map(Offer, ("email", "id", "phone")), *_custom_texts(attributes)),
        attributes=tuple(
            Offer(name, kind, kind_of(name.partition(".")[2]))
            for name, kind in sorted(attributes.items())
        ),
        targets=tuple(
            Offer(f"{entity}.{row['name']}", held)
            for entity, row in custom
            if (held := type_of(row["type"]).holds) and not _is_ours(row["name"])
        ),
        known_at=_known_at(connection),
        facts=PipelineFacts.from_json(account.pipelines),
    )


def _known_at(connection: Connection) -> datetime | None:
    account = connection.account
    return account.pipelines_at if account is not None and connection.attributes else None


def _custom_texts(attributes: Mapping[str, str]) -> Iterator[Offer]:
    for name, kind in sorted(attributes.items()):
        if name.startswith("customer.cf_") and kind == "text":
            yield Offer(name.removeprefix("customer."))


def _is_ours(name: str) -> bool:
    """Whether it is a field that chargepipe fills by itself, also that of a further site."""
    return name.split(" (")[0] in names.ALL


def stale(connection: Connection, now: datetime) -> bool:
    """Whether both should be asked again: never asked, or more than a day ago."""
    known_at = _known_at(connection)
    return connection.account_id is not None and (known_at is None or now - known_at > GOOD_FOR)


def refresh(connection: Connection, env: Environment | None = None) -> None:
    """Ask both services what there is to choose from (about 70 tokens) and keep it.

    Raises Refused for an unlinked connection, and the errors of `chargepipe.http`.
    """
    account = connection.account
    if account is None:
        raise Refused(f"{connection.name} is not linked to a Pipedrive account.")
    env, ledger, file = env or Environment(), Ledger(), stored_file(connection)
    key, domain = way_in(connection), account.domain
    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        attributes = runner.run(_attributes(file, connection.secrets.chargebee_key, env))
        found = runner.run(_account(file, key, domain, env, ledger))
    ledger.save(0, account.pk, env.clock.now().date())
    account.refresh_from_db()
    account.pipelines, account.users = found["pipelines"], found["users"]
    account.fields = {**account.fields, **found["fields"]}
    account.pipelines_at = env.clock.now()
    account.save(update_fields=["pipelines", "users", "fields", "pipelines_at"])
    connection.attributes = attributes
    connection.save(update_fields=["attributes"])


async def _account(
    file: ConnectionFile, key: WayIn, domain: str, env: Environment, ledger: Ledger
) -> dict[str, Any]:
    async with open_target(file, key, env, domain=domain, calls=ledger) as target:
        pipelines, stages = await target.pipelines(), await target.stages()
        users = await target.users()
        return {
            "pipelines": {
                name: [
                    {"id": row.id, "name": row.name, "order": row.order, "of": row.pipeline}
                    for row in rows
                ]
                for name, rows in (("pipelines", pipelines), ("stages", stages))
            },
            "users": sorted(user.email for user in users if user.active and user.email),
            "fields": await read_fields(target, ENTITIES),
        }


async def _attributes(file: ConnectionFile, key: str, env: Environment) -> dict[str, str]:
    """The attributes that the first page of each kind shows, with their types."""
    found: dict[str, str] = {}
    async with open_source(file, key, env) as source:
        for kind in KINDS:
            async for page in source.pages(kind, include_deleted=False):
                for row in page.rows:
                    found |= {f"{kind}.{name}": _type(name, v) for name, v in scalars(row).items()}
                break
    return found


def _type(attribute: str, value: Scalar) -> str:
    """By what an attribute of Chargebee's is shown best; of a custom field its value tells."""
    if isinstance(value, bool):
        return "yes_no"
    kind = kind_of(attribute)
    return "number" if kind == "text" and isinstance(value, int | float) else kind
