"""Chargebee and Pipedrive as one ASGI app that only reads, for any number of customers.

    python -m many.service 1000000 8900 synced

`synced` is the Pipedrive that a full sync would have left; without it three of ten customers are
people already. A write is refused (400). GET /_sandbox/state tells what was asked for, as the
sandbox does.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from many import records

ROWS_CHARGEBEE, ROWS_PIPEDRIVE = 100, 500
TOKENS_A_DAY = 200_000
HEADERS = [
    (b"content-type", b"application/json"),
    (b"x-ratelimit-limit", b"10000"),
    (b"x-ratelimit-remaining", b"9999"),
    (b"x-daily-ratelimit-token-limit", str(TOKENS_A_DAY).encode()),
]
ME = {
    "id": 101,
    "name": "Admin",
    "email": "admin@example.com",
    "company_id": 7001,
    "company_name": "Many",
    "company_domain": "many",
    "default_currency": "EUR",
    "timezone_name": "UTC",
    "access": [{"app": app, "admin": True} for app in ("sales", "global", "account_settings")],
    "active_flag": True,
}
CURRENCIES = [{"code": "EUR", "decimal_points": 2, "active_flag": True}]
SITE = {"domain": "many-test", "product_catalog_version": "v2"}
STATUS_OPTIONS = [{"id": 1, "label": "Active"}, {"id": 2, "label": "Deleted"}]
FIELDS = {
    "personFields": [
        (records.MARK, "CB Customer ID", "varchar", None),
        (records.STATUS, "CB Customer Status", "enum", STATUS_OPTIONS),
        (records.MRR, "CB Customer MRR", "monetary", None),
        (records.CMRR, "CB Customer CMRR", "monetary", None),
    ],
    "organizationFields": [(records.ORGANIZATION_STATUS, "CB Status", "enum", STATUS_OPTIONS)],
    "dealFields": [],
}
Params = dict[str, str]


@dataclass
class Services:
    """Both services. `synced`: every customer is a person, every company an organization."""

    customers: int
    synced: bool
    counts: Counter[str] = field(default_factory=Counter[str])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        while (await receive()).get("more_body"):
            pass
        query = parse_qs(scope["query_string"].decode())
        params = {name: values[0] for name, values in query.items()}
        body = self.answer(scope["method"], scope["path"], params)
        date = (b"date", formatdate(usegmt=True).encode())
        left = str(max(0, TOKENS_A_DAY - self.counts["tokens"])).encode()
        headers = [*HEADERS, date, (b"x-daily-ratelimit-token-remaining", left)]
        status = 200 if body is not None else 400
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": (body or "{}").encode()})

    def answer(self, method: str, path: str, params: Params) -> str | None:
        """The body; None for what these services cannot do."""
        if path == "/_sandbox/state":
            tokens = self.counts["tokens"]
            return json.dumps({"requests": self.counts, "tokens_used": tokens, "too_many": {}})
        name = path.rpartition("/")[2]
        calls = self._chargebee() | self._pipedrive()
        if method != "GET" or name not in calls:
            return None
        service, tokens, call = calls[name]
        self.counts.update({service: 1, "tokens": tokens})
        return call(params)

    def _chargebee(self) -> dict[str, tuple[str, int, Callable[[Params], str]]]:
        everyone, customers = self.customers + self.customers // 5, self.customers

        def subscription(m: int) -> str:
            return records.subscription(m, customers)

        return {
            "configurations": ("chargebee", 0, lambda _: json.dumps({"configurations": [SITE]})),
            "customers": ("chargebee", 0, lambda p: _list(p, customers, records.customer)),
            "subscriptions": ("chargebee", 0, lambda p: _list(p, everyone, subscription)),
        }

    def _pipedrive(self) -> dict[str, tuple[str, int, Callable[[Params], str]]]:
        people = self.customers if self.synced else self.customers // 10 * records.KNOWN
        everywhere = groups(self.customers)
        companies = everywhere if self.synced else everywhere // 10 * records.KNOWN
        fields = {
            name: ("pipedrive", 10, lambda _, name=name: self._fields(name)) for name in FIELDS
        }
        return {
            "me": ("pipedrive", 2, lambda _: _data(json.dumps(ME))),
            "users": ("pipedrive", 20, lambda _: _data(json.dumps([ME]))),
            "currencies": ("pipedrive", 20, lambda _: _data(json.dumps(CURRENCIES))),
            "persons": ("pipedrive", 10, lambda p: _walk(p, people, self.person)),
            "organizations": ("pipedrive", 10, lambda p: _walk(p, companies, self.organization)),
            **fields,
        }

    def _fields(self, name: str) -> str:
        there = FIELDS[name] if self.synced else ()
        rows = [
            {
                "field_code": code,
                "field_name": label,
                "field_type": type,
                "options": options,
                "is_custom_field": True,
            }
            for code, label, type, options in there
        ]
        return _data(json.dumps(rows))

    def person(self, place: int) -> str:
        """The person at a place of the list; its id is the place + 1."""
        if not self.synced:
            return records.person(records.known(place), place + 1, "{}")
        owned = list(records.subscriptions_of(place, self.customers))
        fields = (
            f'{{"{records.MARK}":"cus{place:07}","{records.STATUS}":1,'
            f'"{records.MRR}":{_money(sum(map(records.mrr, owned)))},'
            f'"{records.CMRR}":{_money(sum(map(records.cmrr, owned)))}}}'
        )
        return records.person(place, place + 1, fields, place // 4 + 1 if place % 3 else None)

    def organization(self, place: int) -> str:
        """The organization at a place, likewise."""
        group = place if self.synced else records.known(place)
        fields = f'{{"{records.ORGANIZATION_STATUS}":1}}' if self.synced else "{}"
        return records.organization(group, place + 1, fields)


def groups(customers: int) -> int:
    """How many companies they have."""
    return -(-customers // 4)


def _list(params: Params, rows: int, row: Callable[[int], str]) -> str:
    """A page of Chargebee's; `updated_at` goes up with the number."""
    after = (int(params.get("updated_at[after]", 0)) - records.BORN) // records.APART + 1
    first = int(params["offset"].strip('[]"')) if "offset" in params else max(0, after)
    end = min(rows, first + min(int(params.get("limit", 10)), ROWS_CHARGEBEE))
    following = f',"next_offset":"[\\"{end}\\"]"' if end < rows else ""
    return f'{{"list":[{",".join(map(row, range(first, end)))}]{following}}}'


def _walk(params: Params, rows: int, row: Callable[[int], str]) -> str:
    """A page of Pipedrive's, or the records that are asked for by id. Nothing moves meanwhile."""
    if "ids" in params:
        asked = (int(id) - 1 for id in params["ids"].split(","))
        return _data(f"[{','.join(row(place) for place in asked if place < rows)}]")
    if "updated_since" in params:
        return _data("[]")
    first = int(params.get("cursor", 0))
    end = min(rows, first + min(int(params.get("limit", 100)), ROWS_PIPEDRIVE))
    cursor = f'"{end}"' if end < rows else "null"
    return _data(f"[{','.join(map(row, range(first, end)))}]", cursor)


def _money(cents: int) -> str:
    return f'{{"value":{cents / 100},"currency":"EUR"}}'


def _data(rows: str, cursor: str = "null") -> str:
    return f'{{"success":true,"data":{rows},"additional_data":{{"next_cursor":{cursor}}}}}'


if __name__ == "__main__":
    customers, port = map(int, sys.argv[1:3])
    uvicorn.run(
        Services(customers, synced="synced" in sys.argv),
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        log_level="error",
        date_header=False,
    )
