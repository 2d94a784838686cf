"""The mirror and the links of so many customers."""

from collections.abc import Iterator
from typing import Any

from chargepipe.domain.deals import deal_key
from chargepipe.domain.keys import company_key
from chargepipe.domain.searching import search_text
from chargepipe.store.models import Connection, Link, Record, Run
from filled.who import NOW, customer_json, person_json

STATUSES = ("active", "active", "active", "in_trial", "non_renewing", "cancelled")


def records(connection: Connection, customers: int, run: Run) -> Iterator[Record]:
    """A customer, a subscription each, and of each fifth an invoice."""
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


def links(connection: Connection, customers: int) -> Iterator[Link]:
    """A person and a deal each, and an organization for each company."""
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
            last=person_json(json),
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
