"""Ignored errors: what they hold back until their own record is modified (rule 7)."""

from collections.abc import Collection

from django.db.models import Max

from chargepipe.store.models import Connection, Record, SyncError
from chargepipe.sync.session import Session
from chargepipe.sync.waking import keyed


def versions(connection: Connection, kind: str, keys: Collection[str]) -> dict[str, int]:
    """The version of each record now: a customer's own, a company's newest among its customers.

    An organization has no record of its own in Chargebee; a deal has its subscription or invoice.
    """
    if kind == "deal":
        return dict(keyed(connection).filter(key__in=keys).values_list("key", "version"))
    customers = Record.objects.filter(connection=connection, kind="customer")
    if kind == "customer":
        return dict(customers.filter(source_id__in=keys).values_list("source_id", "version"))
    rows = customers.filter(company_key__in=keys).values_list("company_key")
    return dict(rows.annotate(newest=Max("version")).order_by())


def ignored(session: Session, kind: str, keys: Collection[str]) -> set[str]:
    """Those of `keys` with an ignored error, not modified in Chargebee since it was ignored."""
    errors = SyncError.objects.filter(
        connection=session.connection, kind=kind, state="ignored", source_key__in=list(keys)
    )
    pairs = set(errors.values_list("source_key", "version_ignored"))
    if not pairs:
        return set()
    now = versions(session.connection, kind, {key for key, _ in pairs})
    return {key for key, version in pairs if now.get(key) == version}
