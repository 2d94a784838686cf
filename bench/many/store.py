"""Fills a connection's tables as a full sync of these records would have left them.

    CHARGEPIPE_HOME=... python -m many.store 1000000

The connection has been applied. Nothing was pulled, matched or written: rows are put in directly.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from many import records
from many.service import Services, groups

if TYPE_CHECKING:
    from chargepipe.store.models import Connection, Link, Record

PAGE = 1000


def fill(connection: "Connection", customers: int) -> None:
    """Mirror rows with nothing dirty, links with what was written, and how far the walks are."""
    from chargepipe.store.models import Link, Record

    _done(connection, customers)
    for model, rows in (
        (Record, _customers(connection, customers)),
        (Record, _subscriptions(connection, customers)),
        (Link, _people(connection, customers)),
        (Link, _organizations(connection, customers)),
    ):
        _store(model, rows)
    _index(connection, customers)


def _store(model: Any, rows: Iterable[Any]) -> None:
    rows = iter(rows)
    while page := list(islice(rows, PAGE)):
        model.objects.bulk_create(page)


def _done(connection: "Connection", customers: int) -> None:
    """The first full sync ended an hour ago."""
    from django.utils import timezone

    from chargepipe.domain.settings import ConnectionFile
    from chargepipe.store.models import IndexState, PullState

    then = timezone.now() - timedelta(hours=1)
    settings = ConnectionFile.model_validate(connection.file).settings
    connection.full_started_at = connection.full_done_at = then
    connection.full_with_organizations = True
    connection.deals_since = connection.invoices_since = int(then.timestamp())
    connection.save()
    own = connection.account
    assert own is not None
    own.fields_at = own.presence_at = then
    own.currencies = ["EUR"]
    own.save()
    for kind, rows in (("customer", customers), ("subscription", customers + customers // 5)):
        PullState.objects.create(
            connection=connection,
            kind=kind,
            asked=[*sorted(settings.attributes(kind)), *settings.match_key.model_dump().values()],
            watermark=records.BORN + (rows - 1) * records.APART,
            walk=1,
            loaded_at=then,
        )
    for entity, codes in (
        ("person", [records.MARK]),
        ("organization", [records.ORGANIZATION_STATUS]),
    ):
        IndexState.objects.create(account=own, entity=entity, since=then, codes=codes)


def _customers(connection: "Connection", customers: int) -> "Iterator[Record]":
    from chargepipe.domain.keys import company_key
    from chargepipe.domain.searching import search_text

    for n in range(customers):
        row = json.loads(records.customer(n))["customer"]
        yield _record(
            connection,
            "customer",
            row,
            company_key=company_key(row.get("company")),
            match_key=records.email(n),
            search=search_text(row),
            outcome="created",
        )


def _subscriptions(connection: "Connection", customers: int) -> "Iterator[Record]":
    for m in range(customers + customers // 5):
        row = json.loads(records.subscription(m, customers))["subscription"]
        yield _record(connection, "subscription", row)


def _record(connection: "Connection", kind: Any, row: dict[str, Any], **more: Any) -> "Record":
    from chargepipe.domain.records import allowed
    from chargepipe.store.models import Record

    return Record(
        connection=connection,
        kind=kind,
        source_id=row["id"],
        customer_id=row.get("customer_id", row["id"]),
        attributes=allowed(kind, row),
        version=row["resource_version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        walk=1,
        settled=1,
        **more,
    )


def _people(connection: "Connection", customers: int) -> "Iterator[Link]":
    from chargepipe.domain.keys import company_key
    from chargepipe.store.models import Link

    for n in range(customers):
        name = records.company_of(n) if n % 3 else None
        owned = list(records.subscriptions_of(n, customers))
        yield Link(
            connection=connection,
            kind="person",
            source_key=f"cus{n:07}",
            pipedrive_id=n + 1,
            reason="made",
            last={
                "name": f"{records.FIRST[n % 10]} {records.LAST[n // 7 % 9]}",
                "email": records.email(n),
                "phone": records.phone(n),
                "country": "DE",
                "organization": company_key(name) if name else None,
                "organization_name": name,
                "fields": {
                    "CB Customer ID": f"cus{n:07}",
                    "CB Customer Status": "Active",
                    "CB Customer MRR": _money(sum(map(records.mrr, owned))),
                    "CB Customer CMRR": _money(sum(map(records.cmrr, owned))),
                },
                "cleared": False,
            },
            ours={"email": records.email(n), "phone": records.phone(n)},
        )


def _money(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


def _organizations(connection: "Connection", customers: int) -> "Iterator[Link]":
    from chargepipe.domain.keys import company_key
    from chargepipe.store.models import Link

    for group in range(groups(customers)):
        name = records.company(group)
        yield Link(
            connection=connection,
            kind="organization",
            source_key=company_key(name),
            pipedrive_id=group + 1,
            reason="made",
            last={"key": company_key(name), "name": name, "fields": {"CB Status": "Active"}},
        )


def _index(connection: "Connection", customers: int) -> None:
    """As the walks of both lists left it."""
    from chargepipe.store.models import IndexKey, IndexRecord
    from chargepipe.sync.index import keys_of

    own = connection.account
    pipedrive = Services(customers, synced=True)
    for entity, rows, make, code in (
        ("person", customers, pipedrive.person, records.MARK),
        ("organization", groups(customers), pipedrive.organization, records.ORGANIZATION_STATUS),
    ):
        base = {"account": own, "entity": entity}
        for start in range(0, rows, PAGE):
            page = [json.loads(make(place)) for place in range(start, min(rows, start + PAGE))]
            IndexRecord.objects.bulk_create(
                IndexRecord(**base, pipedrive_id=row["id"], name=row["name"]) for row in page
            )
            IndexKey.objects.bulk_create(
                IndexKey(**base, pipedrive_id=row["id"], field=field, value=value)
                for row in page
                for field, value in keys_of(entity, row, [code])
            )


def main() -> None:
    """Fill the only connection of this home."""
    from chargepipe.cli.setup import setup

    setup()
    from chargepipe.store.models import Connection

    fill(Connection.objects.get(), int(sys.argv[1]))


if __name__ == "__main__":
    main()
