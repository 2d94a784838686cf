"""Evidence: what Pipedrive says now of the candidates of an error (10 tokens for each 100)."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.ledger import Ledger
from chargepipe.accounts.services import open_target, way_in
from chargepipe.actions.connections import stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.account_fields import find
from chargepipe.domain.decisions import Evidence
from chargepipe.domain.fields import FieldSpec
from chargepipe.domain.names import CUSTOMER_ID, ORGANIZATION_STATUS, SUBSCRIPTION_ID
from chargepipe.http import BadRecord
from chargepipe.pipedrive import Entity, Pipedrive
from chargepipe.store.models import Connection

OPEN_DEALS = "open_deals_count"
_MARKS: Mapping[Entity, str] = {
    "person": CUSTOMER_ID,
    "organization": ORGANIZATION_STATUS,
    "deal": SUBSCRIPTION_ID,
}
_FIGURES: Mapping[Entity, tuple[str, ...]] = {
    "person": (OPEN_DEALS,),
    "organization": (OPEN_DEALS,),
    "deal": (),
}


def look(
    connection: Connection, kind: Entity, ids: Collection[int], env: Environment | None = None
) -> dict[int, Evidence]:
    """The evidence of those candidates that are there, by id; the ledger notes the tokens.

    Raises Refused for an unlinked connection, and the errors of `chargepipe.http`.
    """
    account = connection.account
    if account is None:
        raise Refused(f"{connection.name} is unlinked. Apply its connection file again to link it.")
    if not ids:
        return {}
    env, ledger = env or Environment(), Ledger()
    key, file = way_in(connection), stored_file(connection)
    target = open_target(file, key, env, domain=account.domain, calls=ledger)
    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        found = runner.run(_read(target, kind, sorted(ids), _mark(connection, kind)))
    ledger.save(0, account.pk, env.clock.now().date())
    return found


async def _read(
    target: Pipedrive, kind: Entity, ids: Sequence[int], mark: str | None
) -> dict[int, Evidence]:
    async with target:
        try:
            rows = await target.by_ids(kind, ids, [mark] if mark else [], include=_FIGURES[kind])
        except BadRecord:
            # The field of the mark was deleted since the fields were read: nobody carries it.
            rows = await target.by_ids(kind, ids, include=_FIGURES[kind])
        if kind == "organization":
            return {row["id"]: _evidence(row, row.get("name"), mark) for row in rows}
        at = sorted({row["org_id"] for row in rows if row.get("org_id")})
        names = {row["id"]: row.get("name") for row in await target.by_ids("organization", at)}
        return {row["id"]: _evidence(row, names.get(row.get("org_id")), mark) for row in rows}


def _evidence(row: Mapping[str, Any], organization: Any, mark: str | None) -> Evidence:
    custom = row.get("custom_fields") or {}
    return Evidence(
        id=row["id"],
        added_at=_time(row.get("add_time")),
        open_deals=int(row.get(OPEN_DEALS) or 0),
        organization=None if organization is None else str(organization),
        ours=bool(mark and custom.get(mark)),
    )


def _mark(connection: Connection, kind: Entity) -> str | None:
    """The code of the field that marks what this connection made, None while it is not there."""
    rows = connection.account.fields if connection.account else {}
    spec = FieldSpec(kind, _MARKS[kind], "varchar")
    row = find(spec, rows, connection.field_codes, connection.field_suffix)
    return row["code"] if row else None


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
