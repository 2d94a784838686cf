"""The error list of a connection: see, ignore until modified, un-ignore, retry (rule 7)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils import timezone

from chargepipe.actions.connections import find
from chargepipe.actions.links import customer_url, deal_source_url, pipedrive_url
from chargepipe.actions.refusal import Refused
from chargepipe.domain.codes import AMBIGUOUS_ORGANIZATION, CODES
from chargepipe.store.models import Connection, Link, Record, SyncError
from chargepipe.sync.ignored import versions
from chargepipe.sync.links import look_again, look_at_deals


def listing(name: str, states: Collection[str] = ("open",)) -> QuerySet[SyncError]:
    """The errors of a connection in these states, oldest first."""
    errors = find(name).errors.select_related("connection__account")
    return errors.filter(state__in=states).order_by("opened_at", "pk")


@dataclass(frozen=True, slots=True)
class Place:
    """A record of Pipedrive that an error is about: a candidate, or the linked one."""

    kind: str
    id: int
    name: str
    url: str
    """Its page; "" while the connection is unlinked."""


def source_url(error: SyncError) -> str:
    """The record's page in Chargebee; "" for a company, which has none."""
    if error.kind == "deal":
        return deal_source_url(error.connection, error.source_key)
    if error.kind != "customer":
        return ""
    return customer_url(error.connection, error.source_key)


def places(error: SyncError) -> list[Place]:
    """Where to look in Pipedrive: the candidates, else what the record is linked to."""
    kind = error.kind if error.kind in ("organization", "deal") else "person"
    sought = "organization" if error.code == AMBIGUOUS_ORGANIZATION else kind
    found = [(sought, row["id"], row["name"]) for row in error.candidates]
    if not found:
        links = Link.objects.filter(
            connection=error.connection, kind=kind, source_key=error.source_key
        )
        found = [(kind, pid, "") for pid in links.values_list("pipedrive_id", flat=True)]
    return [
        Place(kind, pid, name, pipedrive_url(error.connection, kind, pid))
        for kind, pid, name in found
    ]


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
    """The findings of records by code, blocking ones first, then the most frequent."""
    rows = (
        listing(name, states)
        .exclude(kind="connection")
        .order_by()
        .values_list("state", "code")
        .annotate(n=Count("pk"))
    )
    made = [_total(state, code, number) for state, code, number in rows]
    return sorted(made, key=lambda total: (total.state != "open", -total.number, total.code))


def _total(state: str, name: str, number: int) -> Total:
    code = CODES.get(name)
    words = (code.of_many or code.words) if code else name
    return Total(name, state, number, words, code.todo if code else "")


def ignore(name: str, ids: Collection[int] | None, reason: str = "") -> int:
    """Take errors off the list until their record is modified in Chargebee; None ignores all.

    Returns how many. Raises Refused for a number that is no open error.
    """
    errors, left = _chosen(name, ids, "open"), timezone.now()
    for kind in {error.kind for error in errors}:
        same = [error for error in errors if error.kind == kind]
        now = versions(find(name), kind, [error.source_key for error in same])
        for error in same:
            error.state, error.reason, error.resolved_at = "ignored", reason, left
            error.version_ignored = now.get(error.source_key)
    changed = ["state", "reason", "version_ignored", "resolved_at"]
    SyncError.objects.bulk_update(errors, changed, batch_size=500)
    return len(errors)


def unignore(name: str, ids: Collection[int] | None) -> int:
    """Put ignored errors back on the list; their records are tried again in the next run."""
    errors = _chosen(name, ids, "ignored")
    for error in errors:
        error.state, error.version_ignored, error.reason = "open", None, ""
        error.resolved_at = None
    changed = ["state", "reason", "version_ignored", "resolved_at"]
    SyncError.objects.bulk_update(errors, changed, batch_size=500)
    look_again(find(name), _customers(find(name), errors))
    look_at_deals(find(name), [error.source_key for error in errors if error.kind == "deal"])
    return len(errors)


def to_retry(name: str, ids: Collection[int] | None) -> list[str]:
    """The customers whose open errors are to be tried again now, made dirty.

    An organization is tried again with the customers of its company, a deal with its customer.
    """
    errors = _chosen(name, ids, "open")
    customers = _customers(find(name), errors)
    look_again(find(name), customers)
    deals = [error.source_key for error in errors if error.kind == "deal"]
    return sorted({*customers, *look_at_deals(find(name), deals)})


def _customers(connection: Connection, errors: Collection[SyncError]) -> list[str]:
    """The customers that these errors hold up; a company's are its living ones."""
    customers = {error.source_key for error in errors if error.kind == "customer"}
    companies = [error.source_key for error in errors if error.kind == "organization"]
    members = Record.objects.filter(
        connection=connection, kind="customer", deleted=False, company_key__in=companies
    )
    return sorted(customers.union(members.values_list("source_id", flat=True)))


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
