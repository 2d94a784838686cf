"""Decide which person a customer is where several match: one by one, or by a rule (rule 2)."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.services import open_target
from chargepipe.actions.connections import find, stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.codes import AMBIGUOUS_PERSON, DUPLICATE_MARK
from chargepipe.domain.decisions import PICK_RULES, Evidence, pick
from chargepipe.pipedrive import Pipedrive
from chargepipe.store.models import Connection, Link, Record, SyncError
from chargepipe.sync import links
from chargepipe.sync.work import MAKE_NEW, customer_of

DECIDABLE = (AMBIGUOUS_PERSON, DUPLICATE_MARK)
OPEN_DEALS = "open_deals_count"


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a rule: the customers to sync now, and the errors that it could not decide."""

    connection: str
    """Its name."""
    customers: tuple[str, ...]
    left: tuple[SyncError, ...] = ()


def decide(
    error_id: int,
    *,
    person: int | None = None,
    new: bool = False,
    name: str | None = None,
    env: Environment | None = None,
) -> Decided:
    """Link the customer of an error to one of its candidates, or have a new person made for it.

    The next sync of the customer does it. Raises Refused for an error that is not open or has no
    people to choose from, for a person that is no candidate or no longer there; and what
    `chargepipe.http` raises. 1 token.
    """
    error = _open_error(error_id, name)
    if (person is None) is not new:
        raise Refused("Name a person to pick, or say that a new one shall be made.")
    if person is None:
        if error.code == DUPLICATE_MARK:
            raise Refused(
                f"Error {error.pk}: all of its people carry the customer's own mark, so none is "
                "made. Pick one of them with --person."
            )
        _keep(error.connection, [(error.source_key, None)])
    else:
        _check_candidate(error, person, env or Environment())
        _keep(error.connection, [(error.source_key, person)])
    return Decided(error.connection.name, (error.source_key,))


def decide_all(name: str, rule: str, env: Environment | None = None) -> Decided:
    """Decide all open errors of several matching people by a rule (`domain.decisions`).

    10 tokens for each 100 candidates. Raises Refused for an unknown rule.
    """
    if rule not in PICK_RULES:
        raise Refused(f'"{rule}" is no rule; use one of {", ".join(PICK_RULES)}.')
    connection = find(name)
    errors = list(connection.errors.filter(state="open", code=AMBIGUOUS_PERSON).order_by("pk"))
    evidence = _evidence(connection, {c["id"] for e in errors for c in e.candidates}, env)
    companies = _companies(connection, [error.source_key for error in errors])
    chosen: list[tuple[str, int | None]] = []
    left: list[SyncError] = []
    for error in errors:
        known = [evidence[c["id"]] for c in error.candidates if c["id"] in evidence]
        person = pick(rule, known, companies.get(error.source_key))
        if person is None:
            left.append(error)
        else:
            chosen.append((error.source_key, person))
    _keep(connection, chosen)
    return Decided(name, tuple(customer for customer, _ in chosen), tuple(left))


def _open_error(error_id: int, name: str | None) -> SyncError:
    errors = SyncError.objects.select_related("connection__account").filter(pk=error_id)
    if name is not None:
        errors = errors.filter(connection=find(name))
    error = errors.first()
    if error is None or error.state != "open":
        raise Refused(f"There is no open error {error_id}. See: chargepipe errors NAME")
    if error.kind != "customer" or error.code not in DECIDABLE:
        raise Refused(
            f"Error {error_id} ({error.code}) leaves nothing to choose. What to do is in the list: "
            f"chargepipe errors {error.connection.name}"
        )
    return error


def _check_candidate(error: SyncError, person: int, env: Environment) -> None:
    """Raise Refused for a person that is no candidate, or that is no longer to be seen."""
    ids = [candidate["id"] for candidate in error.candidates]
    if person not in ids:
        raise Refused(
            f"Person {person} is no candidate of error {error.pk}. Its candidates: "
            f"{', '.join(map(str, ids))}"
        )
    if not _evidence(error.connection, [person], env):
        raise Refused(
            f"Person {person} is no longer there in Pipedrive, or hidden from the connecting user. "
            f"Sync the customer again to see who matches now: chargepipe errors retry "
            f"{error.connection.name} {error.pk}"
        )


def _evidence(
    connection: Connection, people: Collection[int], env: Environment | None
) -> dict[int, Evidence]:
    """What Pipedrive says of those of these people that are there."""
    if connection.account is None:
        raise Refused(f"{connection.name} is unlinked. Apply its connection file again to link it.")
    if not people:
        return {}
    env = env or Environment()
    token, domain = connection.secrets.pipedrive_token, connection.account.domain
    target = open_target(stored_file(connection), token, env, domain=domain)
    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        return runner.run(_read(target, sorted(people)))


async def _read(target: Pipedrive, people: Sequence[int]) -> dict[int, Evidence]:
    async with target:
        rows = await target.by_ids("person", people, include=(OPEN_DEALS,))
        ids = sorted({row["org_id"] for row in rows if row.get("org_id")})
        organizations = await target.by_ids("organization", ids)
    names = {row["id"]: str(row.get("name") or "") for row in organizations}
    return {row["id"]: _evidence_of(row, names.get(row.get("org_id") or 0)) for row in rows}


def _evidence_of(row: dict[str, Any], organization: str | None) -> Evidence:
    return Evidence(
        person=row["id"],
        added_at=_time(row.get("add_time")),
        open_deals=int(row.get(OPEN_DEALS) or 0),
        organization=organization,
    )


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _companies(connection: Connection, customers: Sequence[str]) -> dict[str, str | None]:
    records = Record.objects.filter(connection=connection, kind="customer", source_id__in=customers)
    return {record.source_id: customer_of(record).company_name for record in records}


def _keep(connection: Connection, chosen: Sequence[tuple[str, int | None]]) -> None:
    """Store the decisions, all or none; None is a new person."""
    customers = [customer for customer, _ in chosen]
    with transaction.atomic():
        _still_open(connection, customers)
        links.decide(connection, [(c, person) for c, person in chosen if person is not None])
        for customer, person in chosen:
            Record.objects.filter(
                connection=connection, kind="customer", source_id=customer
            ).update(decision=MAKE_NEW if person is None else "")
        links.look_again(connection, customers)


def _still_open(connection: Connection, customers: Sequence[str]) -> None:
    """A run may have settled one meanwhile: what it linked is not turned over unasked."""
    rows = connection.errors.filter(
        kind="customer", state="open", code__in=DECIDABLE, source_key__in=customers
    )
    waiting = set(rows.values_list("source_key", flat=True))
    linked = Link.objects.filter(
        connection=connection, kind="person", source_key__in=customers
    ).values_list("source_key", flat=True)
    ambiguous = set(rows.filter(code=AMBIGUOUS_PERSON).values_list("source_key", flat=True))
    settled = (set(customers) - waiting) | (ambiguous & set(linked))
    if settled:
        raise Refused(
            f"Customer {min(settled)} was linked meanwhile; nothing was decided. "
            f"See: chargepipe errors {connection.name}"
        )
