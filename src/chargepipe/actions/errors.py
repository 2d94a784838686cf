"""The error list of a connection: see, ignore until modified, un-ignore, retry (rule 7)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet

from chargepipe.actions.connections import find
from chargepipe.actions.csv import lines
from chargepipe.actions.refusal import Refused
from chargepipe.domain.codes import CODES
from chargepipe.store.models import Connection, Record, SyncError

COLUMNS = ("id", "state", "record", "key", "code", "what", "what to do", "candidates", "since")


def listing(name: str, states: Collection[str] = ("open",)) -> QuerySet[SyncError]:
    """The errors of a connection in these states, oldest first."""
    return find(name).errors.filter(state__in=states).order_by("opened_at", "pk")


def csv(name: str, states: Collection[str] = ("open",)) -> Iterator[str]:
    """The errors as CSV lines; ignored ones are left out unless asked for."""
    rows = (_row(error) for error in listing(name, states).iterator())
    return lines(COLUMNS, rows)


def _row(error: SyncError) -> tuple[Any, ...]:
    return (
        error.pk,
        error.state,
        error.kind,
        error.source_key,
        error.code,
        error.words,
        what_to_do(error),
        "; ".join(f"{c['id']} {c['name']}" for c in error.candidates),
        error.opened_at.isoformat(timespec="seconds"),
    )


def what_to_do(error: SyncError) -> str:
    """The advice for this kind of error."""
    code = CODES.get(error.code)
    return code.todo if code else ""


@dataclass(frozen=True, slots=True)
class Total:
    """How many findings of one code stand in one state."""

    code: str
    state: str
    number: int
    words: str
    """What happened, without the details of the single case."""
    todo: str


def totals(name: str, states: Collection[str] = ("open",)) -> list[Total]:
    """The findings by code, blocking ones first, then the most frequent."""
    rows = listing(name, states).order_by().values_list("state", "code").annotate(n=Count("pk"))
    made = [_total(state, code, number) for state, code, number in rows]
    return sorted(made, key=lambda total: (total.state != "open", -total.number, total.code))


def _total(state: str, name: str, number: int) -> Total:
    code = CODES.get(name)
    words = re.sub(r"\{\w+\}", "...", code.words) if code else name
    return Total(name, state, number, words, code.todo if code else "")


def ignore(name: str, ids: Collection[int] | None, reason: str = "") -> int:
    """Take errors off the list until their record is modified in Chargebee; None ignores all.

    Returns how many. Raises Refused for a number that is no open error.
    """
    errors = _chosen(name, ids, "open")
    versions = _versions(find(name), [error.source_key for error in errors])
    for error in errors:
        error.state, error.reason = "ignored", reason
        error.version_ignored = versions.get(error.source_key)
    SyncError.objects.bulk_update(errors, ["state", "reason", "version_ignored"], batch_size=500)
    return len(errors)


def unignore(name: str, ids: Collection[int] | None) -> int:
    """Put ignored errors back on the list; their records are tried again in the next run."""
    errors = _chosen(name, ids, "ignored")
    for error in errors:
        error.state, error.version_ignored = "open", None
        error.save(update_fields=["state", "version_ignored"])
    _touch(find(name), [error.source_key for error in errors])
    return len(errors)


def to_retry(name: str, ids: Collection[int] | None) -> list[str]:
    """The customers whose open errors are to be tried again now, made dirty.

    An organization is tried again with the customers of its company.
    """
    errors = _chosen(name, ids, "open")
    customers = [error.source_key for error in errors if error.kind == "customer"]
    companies = [error.source_key for error in errors if error.kind == "organization"]
    members = Record.objects.filter(
        connection=find(name), kind="customer", deleted=False, company_key__in=companies
    )
    customers += members.values_list("source_id", flat=True)
    _touch(find(name), customers)
    return sorted(set(customers))


def _touch(connection: Connection, ids: Collection[str]) -> None:
    Record.objects.filter(connection=connection, kind="customer", source_id__in=ids).update(
        revision=F("revision") + 1
    )


def _chosen(name: str, ids: Collection[int] | None, state: str) -> list[SyncError]:
    errors = list(listing(name, (state,)))
    if ids is None:
        return errors
    wanted = set(ids)
    chosen = [error for error in errors if error.pk in wanted]
    missing = sorted(set(ids) - {error.pk for error in chosen})
    if missing:
        raise Refused(
            f"No {state} error of {name} has the number {', '.join(map(str, missing))}. "
            f"See: chargepipe errors {name}"
        )
    return chosen


def _versions(connection: Connection, ids: Collection[str]) -> dict[str, int]:
    rows = Record.objects.filter(connection=connection, kind="customer", source_id__in=ids)
    return dict(rows.values_list("source_id", "version"))
