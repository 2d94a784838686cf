"""Fill a store directly: as if so many customers had been synced, without asking any service."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from chargepipe.actions.connections import as_json
from chargepipe.domain.codes import CODES
from chargepipe.domain.deals import deal_key
from chargepipe.domain.keys import company_key
from chargepipe.domain.searching import search_text
from chargepipe.domain.settings import load
from chargepipe.store.models import Account, Change, Connection, Link, Record, Run, SyncError

NOW = datetime.now(UTC).replace(microsecond=0)
STATUSES = ("active", "active", "active", "in_trial", "non_renewing", "cancelled")
FIRST = ("Ada", "Grace", "Alan", "Mary", "Edsger", "Barbara", "Donald", "Radia", "Niklaus", "Özge")
LAST = (
    "Lovelace",
    "Hopper",
    "Turing",
    "Shelley",
    "Dijkstra",
    "Liskov",
    "Knuth",
    "Perlman",
    "Wirth",
)
CODE_MIX = (
    "no_match_key",
    "ambiguous_person",
    "refused",
    "ambiguous_organization",
    "hidden_person",
)
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


def fill(customers: int, say: Callable[[str], None]) -> Connection:
    """Customers, a subscription each and some invoices, links, runs with changes, and errors."""
    connection = _connection()
    full = _run(connection, "full", 60, customers)
    syncs = [_run(connection, "sync", 48 - hour, 400) for hour in range(48)]
    runs = [full, *syncs]
    for what, model, rows in (
        ("records", Record, _records(connection, customers, full)),
        ("links", Link, _links(connection, customers)),
        ("changes", Change, _changes(connection, customers, runs)),
        ("errors", SyncError, _errors(connection, customers, runs[-1])),
    ):
        say(f"{_store(model, rows)} {what}")
    for run in runs:
        run.done = run.total = run.changes.count()
    Run.objects.bulk_update(runs, ["done", "total"])
    return connection


def _store(model: Any, rows: Iterable[Any]) -> int:
    number, rows = 0, iter(rows)
    while page := list(islice(rows, 2000)):
        model.objects.bulk_create(page)
        number += len(page)
    return number


def _connection() -> Connection:
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


def _run(connection: Connection, kind: str, hours: int, changes: int) -> Run:
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


def customer_json(place: int) -> dict[str, Any]:
    """A customer as the mirror keeps it; two of three have a company, four share one."""
    first, last = FIRST[place % len(FIRST)], LAST[place // 7 % len(LAST)]
    company = f"Company {place // 4} GmbH" if place % 3 else None
    return {
        "id": f"cus{place:07}",
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}{place}@example.com".lower(),
        "phone": f"+49 30 {place:07}",
        **({"company": company} if company else {}),
        "preferred_currency_code": "EUR",
        "created_at": int(NOW.timestamp()) - 10_000_000 + place,
    }


def _records(connection: Connection, customers: int, run: Run) -> Iterator[Record]:
    for place in range(customers):
        json = customer_json(place)
        yield _record(connection, "customer", json["id"], json, place, run)
        status = STATUSES[place % len(STATUSES)]
        yield _record(
            connection,
            "subscription",
            f"sub{place:07}",
            {
                "id": f"sub{place:07}",
                "customer_id": json["id"],
                "status": status,
                "currency_code": "EUR",
                "mrr": 4900,
                "billing_period": 1,
                "billing_period_unit": "month",
                "subscription_items": [
                    {"item_price_id": "team-EUR-monthly", "item_type": "plan", "amount": 4900}
                ],
                "created_at": json["created_at"],
            },
            place,
            run,
        )
        if place % 5 == 0:
            invoice = {"id": f"inv{place:07}", "customer_id": json["id"], "status": "paid"}
            more = {"total": 9900, "amount_due": 0, "recurring": False, "currency_code": "EUR"}
            yield _record(connection, "invoice", invoice["id"], {**invoice, **more}, place, run)


def _record(
    connection: Connection, kind: str, id: str, json: dict[str, Any], place: int, run: Run
) -> Record:
    customer = kind == "customer"
    return Record(
        connection=connection,
        kind=kind,
        source_id=id,
        customer_id=json["id"] if customer else json["customer_id"],
        attributes=json,
        version=1000 + place,
        created_at=int(NOW.timestamp()) - 10_000_000 + place,
        updated_at=int(NOW.timestamp()) - 5_000_000 + place,
        company_key=company_key(json.get("company")) if customer else "",
        match_key=json["email"] if customer else "",
        search=search_text(json) if customer else "",
        settled=1,
        outcome="created",
        outcome_run=run.pk,
    )


def _person(json: dict[str, Any]) -> dict[str, Any]:
    money = {"amount": 4900, "currency": "EUR"}
    return {
        "name": f"{json['first_name']} {json['last_name']}",
        "email": json["email"],
        "phone": json["phone"],
        "country": "DE",
        "cleared": False,
        "organization": company_key(json.get("company")) or None,
        "organization_name": json.get("company"),
        "fields": {
            "CB Customer ID": json["id"],
            "CB Customer Status": "Active",
            "CB Customer MRR": money,
            "CB Customer CMRR": money,
            "CB MRR": money,
            "CB Plan": "team-EUR-monthly",
            "CB Subscription Status": "Active",
        },
    }


def _links(connection: Connection, customers: int) -> Iterator[Link]:
    companies = set[str]()
    for place in range(customers):
        json = customer_json(place)
        company = json.get("company")
        yield Link(
            connection=connection,
            kind="person",
            source_key=json["id"],
            pipedrive_id=1_000_000 + place,
            reason="key" if place % 3 else "made",
            last=_person(json),
        )
        yield Link(
            connection=connection,
            kind="deal",
            source_key=deal_key("subscription", f"sub{place:07}"),
            pipedrive_id=3_000_000 + place,
            reason="made",
            last={"fields": {"CB Subscription ID": f"sub{place:07}"}},
            ours={"title": f"{json['first_name']} - team-EUR-monthly", "status": None},
        )
        if company and company not in companies:
            companies.add(company)
            yield Link(
                connection=connection,
                kind="organization",
                source_key=company_key(company),
                pipedrive_id=2_000_000 + place,
                reason="name",
                last={"key": company_key(company), "name": company, "fields": {}},
            )


def _changes(connection: Connection, customers: int, runs: list[Run]) -> Iterator[Change]:
    for place in range(customers):
        yield _change(connection, runs[0], place, "create", {})
    for number, run in enumerate(runs[1:]):
        for place in range(number * 400, number * 400 + 400):
            before = {"CB Customer MRR": {"amount": 2900, "currency": "EUR"}}
            yield _change(connection, run, place % customers, "update", before)


def _change(
    connection: Connection, run: Run, place: int, action: str, before: dict[str, Any]
) -> Change:
    json = customer_json(place)
    target = _person(json)
    written = {"name": target["name"], "emails": [{"value": json["email"]}], **target["fields"]}
    after = {name: target["fields"][name] for name in before} if before else written
    return Change(
        run=run,
        connection=connection,
        account_id=connection.account_id,
        action=action,
        kind="person",
        source_key=json["id"],
        pipedrive_id=1_000_000 + place,
        before=before,
        after=after,
        target=target,
        state="written",
        written_at=run.started_at,
    )


def _errors(connection: Connection, customers: int, run: Run) -> Iterator[SyncError]:
    """One customer in twenty has an open error, one in fifty an ignored one or a warning."""
    for place in range(customers):
        state = "open" if place % 20 == 0 else {0: "ignored", 25: "warning"}.get(place % 50, "")
        if state:
            code = CODE_MIX[place // 20 % len(CODE_MIX)]
            several = [{"id": 1_000_000 + n, "name": f"Candidate {n}"} for n in range(3)]
            yield SyncError(
                connection=connection,
                run=run.pk,
                kind="customer",
                source_key=f"cus{place:07}",
                code=code,
                words=CODES[code].words,
                candidates=several if code.startswith("ambiguous") else [],
                state=state,
                opened_at=NOW - timedelta(seconds=place),
            )
