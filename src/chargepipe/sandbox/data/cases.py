"""Which sample customers stand for which case, found by looking at them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from .customers import Customers
from .invoices import Invoices
from .people import People
from .subscriptions import ZERO_DECIMAL, Subscriptions

Row = dict[str, Any]


def cases(
    customers: Customers, subscriptions: Subscriptions, invoices: Invoices, people: People
) -> dict[str, list[str]]:
    """Customer ids by case, in order of creation. Reads every sample record once."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    emails: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    companies: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for number in range(1, customers.size + 1):
        row = customers.row(number)
        subs = [subscriptions.row(child) for child in subscriptions.children.of(number)]
        bills = [invoices.row(child) for child in invoices.children.of(number)]
        matches = people.of(number)
        for case in _of(row, subs, bills, len(matches)):
            found[case].append(row["id"])
        _group(emails, row.get("email"), row["id"])
        _group(companies, _company(row), row["id"])
    _shared(found, "shared_email", "shared_email_other_case", emails)
    _shared(found, "same_company", "same_company_other_spelling", companies)
    return dict(found)


def _of(row: Row, subs: list[Row], bills: list[Row], persons: int) -> Iterator[str]:
    yield from _of_customer(row)
    yield from _of_subscriptions(subs)
    if any(not bill["recurring"] and "subscription_id" not in bill for bill in bills):
        yield "one_time_invoice"
    if any(bill["recurring"] and "subscription_id" not in bill for bill in bills):
        yield "consolidated_invoice"
    if any("total" not in bill for bill in bills):
        yield "missing_amounts"
    if persons:
        yield "already_person"
    if persons > 1 and "email" in row:
        yield "several_persons"


def _of_customer(row: Row) -> Iterator[str]:
    email, phone = row.get("email"), row.get("phone", "")
    name = row.get("first_name", "") + row.get("last_name", "")
    tests = {
        "no_email": email is None,
        "email_in_capitals": email is not None and email.isupper(),
        "company_only_in_billing_address": "company" not in row and _company(row) is not None,
        "no_company": _company(row) is None,
        "long_company": len(row.get("company", "")) == 250,
        "only_email": email is not None and not name and _company(row) is None,
        "nothing": email is None and not name and _company(row) is None,
        "unicode_name": not name.isascii(),
        "odd_id": not row["id"].startswith("cust_"),
        "national_phone": bool(phone) and not phone.startswith("+"),
        "e164_phone": phone.startswith("+"),
        "custom_fields": "cf_tier" in row,
        "contacts": "contacts" in row,
        "deleted": row["deleted"],
        "no_updated_at": "updated_at" not in row,
    }
    yield from (case for case, true in tests.items() if true)


def _of_subscriptions(subs: list[Row]) -> Iterator[str]:
    currencies = {sub["currency_code"] for sub in subs}
    tests = {
        "no_subscription": not subs,
        "several_subscriptions": len(subs) > 1,
        "several_currencies": len(currencies) > 1,
        "zero_decimal_currency": bool(currencies & set(ZERO_DECIMAL)),
        "missing_mrr": any("mrr" not in sub for sub in subs),
        "deleted_subscription": any(sub["deleted"] for sub in subs),
        "missing_amounts": any("amount" not in sub["subscription_items"][0] for sub in subs),
    }
    yield from (case for case, true in tests.items() if true)
    yield from sorted({f"status_{sub['status']}" for sub in subs})


def _company(row: Row) -> str | None:
    return row.get("company") or row.get("billing_address", {}).get("company")


def _group(
    groups: defaultdict[str, list[tuple[str, str]]], value: str | None, customer_id: str
) -> None:
    if value is not None:
        groups[" ".join(value.casefold().split())].append((value, customer_id))


def _shared(
    found: defaultdict[str, list[str]],
    same: str,
    otherwise: str,
    groups: dict[str, list[tuple[str, str]]],
) -> None:
    for members in groups.values():
        if len(members) < 2:
            continue
        ids = [customer_id for _, customer_id in members]
        found[same].extend(ids)
        if len({value for value, _ in members}) > 1:
            found[otherwise].extend(ids)
