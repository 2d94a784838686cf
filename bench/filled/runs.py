"""A connection, and the runs that it has had."""

from datetime import timedelta
from typing import Any

from chargepipe.actions.connections import as_json
from chargepipe.domain.settings import load
from chargepipe.store.models import Account, Connection, Run
from filled.who import NOW

PIPELINES = {
    "pipelines": [{"id": 1, "name": "Sales", "order": 1}],
    "stages": [
        {"id": place, "name": name, "order": place, "of": 1}
        for place, name in enumerate(("Qualified", "Demo", "Proposal Made", "Negotiation"), 1)
    ],
}
FILE = """
name = "acme"
[chargebee]
site = "acme-test"
api_key = "env:NO_KEY"
[pipedrive]
api_token = "env:NO_TOKEN"
[settings]
organizations = true
subscription_data = "person"
[settings.subscription_deals]
enabled = true
[settings.invoice_deals]
enabled = true
"""


def connection() -> Connection:
    """One whose first full sync ended 59 hours ago."""
    account = Account.objects.create(
        company_id=7, name="Acme", domain="acme", default_currency="EUR", pipelines=PIPELINES
    )
    account.tokens_day, account.tokens_used, account.tokens_limit = NOW.date(), 4200, 90_000
    account.tokens_left = 60_000
    account.save()
    return Connection.objects.create(
        name="acme",
        account=account,
        company_id=7,
        site="acme-test",
        file=as_json(load(FILE)),
        full_started_at=NOW - timedelta(hours=60),
        full_done_at=NOW - timedelta(hours=59),
        full_with_organizations=True,
        deals_since=int((NOW - timedelta(hours=60)).timestamp()),
        invoices_since=int((NOW - timedelta(hours=60)).timestamp()),
        next_sync_at=NOW + timedelta(minutes=42),
    )


def run(connection: Connection, kind: str, hours: int, changes: int) -> Run:
    """One that is done, begun so many hours ago."""
    begun = NOW - timedelta(hours=hours)
    return Run.objects.create(
        connection=connection,
        kind=kind,
        state="done",
        phase="planned",
        automatic=kind == "sync",
        tokens=5 * changes,
        started_at=begun,
        finished_at=begun + timedelta(minutes=5),
        requests_chargebee=20,
        requests_pipedrive=changes,
        counts=_counts(kind, changes),
    )


def _counts(kind: str, number: int) -> dict[str, Any]:
    """The object that a finished run keeps."""
    none = {"created": 0, "updated": 0}
    return {
        "run": 0,
        "kind": kind,
        "state": "done",
        "customers": number,
        "created": number,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "failed": 0,
        "errors_open": 0,
        "objects": {"organization": none, "deal": none, "field": {"created": 0}},
        "requests": {"chargebee": 20, "pipedrive": number},
        "tokens": 5 * number,
        "seconds": 300.0,
    }
