"""Now: what Pipedrive holds of linked records at this moment, one GET each (1 token)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.ledger import Ledger
from chargepipe.accounts.services import open_target, way_in
from chargepipe.actions.connections import stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.account_fields import find, known
from chargepipe.domain.fields import wanted
from chargepipe.domain.held import FieldMap, decode_organization, decode_person
from chargepipe.domain.held_deal import decode_deal
from chargepipe.domain.inverse import Held, values_of
from chargepipe.domain.values import JSON
from chargepipe.http import Gone, NeedsAdmin
from chargepipe.store.models import Connection, Link


@dataclass(frozen=True, slots=True)
class Now:
    """A record as Pipedrive shows it now."""

    values: Mapping[str, JSON]
    """By the names that a Change uses; empty where the record is not to be seen."""
    words: str = ""
    """Why it is not to be seen."""


def look(
    connection: Connection, links: Sequence[Link], env: Environment | None = None
) -> dict[int, Now]:
    """Read the records of these links, by the pk of the link; 1 token each, as the ledger notes.

    Raises Refused for an unlinked connection, and the errors of `chargepipe.http`.
    """
    account = connection.account
    if account is None:
        raise Refused(f"{connection.name} is unlinked. Apply its connection file again to link it.")
    ledger, key = Ledger(), way_in(connection)
    env = env or Environment()

    async def read() -> dict[int, Any]:
        found: dict[int, Any] = {}
        file = stored_file(connection)
        async with open_target(file, key, env, domain=account.domain, calls=ledger) as target:
            for link in links:
                kind: Any = link.kind
                try:
                    found[link.pk] = await target.get(kind, link.pipedrive_id)
                except (Gone, NeedsAdmin) as error:
                    found[link.pk] = error
        return found

    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        found = runner.run(read())
    ledger.save(0, account.pk, env.clock.now().date())
    return {link.pk: _now(connection, link, found[link.pk]) for link in links}


def _now(connection: Connection, link: Link, found: Any) -> Now:
    if isinstance(found, Gone):
        return Now({}, "it is gone from Pipedrive, or hidden from the connecting user")
    if isinstance(found, NeedsAdmin):
        return Now({}, "it is hidden from the connecting user")
    fields = _fields(connection, link.kind)
    return Now(values_of(_DECODERS[link.kind](found, fields)))


_DECODERS: Mapping[str, Callable[[Any, FieldMap], Held]] = {
    "person": decode_person,
    "organization": decode_organization,
    "deal": decode_deal,
}


def _fields(connection: Connection, entity: str) -> FieldMap:
    """Our fields as they were found last; those of `sync.fields` need a run."""
    settings, codes = stored_file(connection).settings, connection.field_codes
    rows = connection.account.fields if connection.account else {}
    found = (
        (spec, find(spec, rows, codes, connection.field_suffix))
        for spec in wanted(settings)
        if spec.entity == entity
    )
    fields = {spec.name: known(spec, row, codes) for spec, row in found if row is not None}
    return FieldMap(fields, frozenset(settings.zero_decimal))
