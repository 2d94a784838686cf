"""Who the customers are: as the mirror keeps them, and as their people should be."""

from datetime import UTC, datetime
from typing import Any

from chargepipe.domain.keys import company_key

NOW = datetime.now(UTC).replace(microsecond=0)
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


def person_json(json: dict[str, Any]) -> dict[str, Any]:
    """The target of the person of a customer, as its link keeps it."""
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
