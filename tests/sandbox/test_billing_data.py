"""Custom fields, contacts and invoices of the sample data."""

from datetime import UTC, datetime

import pytest

from chargepipe.sandbox import Options, Sandbox
from chargepipe.sandbox.data.custom_fields import CUSTOMER_FIELDS
from sandbox.books import Json


def held(options: Options) -> dict[str, list[object]]:
    """The values of each custom field among the sample customers."""
    rows = list(Sandbox(customers=100, options=options).billing.customers())
    names = [field.api_name for field in CUSTOMER_FIELDS]
    return {name: [row[name] for row in rows if name in row] for name in names}


def test_each_datatype_of_custom_fields_occurs() -> None:
    types = {field.datatype for field in CUSTOMER_FIELDS}
    assert types == {"string", "long", "double", "timestamp", "date", "email", "url"}
    values = held(Options())
    assert all(len(found) > 10 for found in values.values())
    kinds = {name: {type(value) for value in found} for name, found in values.items()}
    assert kinds["cf_tier"] == {str}
    assert kinds["cf_seats"] == {int}
    assert kinds["cf_score"] == {float}
    assert kinds["cf_newsletter"] == {bool}
    assert set(values["cf_newsletter"]) == {True, False}


def test_dates_of_custom_fields_are_written_as_the_option_says() -> None:
    texts, numbers = held(Options(custom_dates="iso")), held(Options(custom_dates="seconds"))
    for name, length in (("cf_renewal", 10), ("cf_onboarded", 20)):
        assert {len(str(text)) for text in texts[name]} == {length}
        moments = [datetime.fromisoformat(str(text)) for text in texts[name]]
        assert [int(moment.replace(tzinfo=UTC).timestamp()) for moment in moments] == numbers[name]
    assert texts["cf_tier"] == numbers["cf_tier"]


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(customers=250)


def test_some_customers_have_contacts(sandbox: Sandbox) -> None:
    rows = [sandbox.billing.customer(id) for id in sandbox.billing.cases["contacts"]]
    assert {len(row["contacts"]) for row in rows} == {1, 2}
    ids = [contact["id"] for row in rows for contact in row["contacts"]]
    assert len(set(ids)) == len(ids)


def test_a_consolidated_invoice_has_a_line_for_each_subscription(sandbox: Sandbox) -> None:
    for id in sandbox.billing.cases["consolidated_invoice"]:
        bills = [row for row in sandbox.billing.invoices() if row["customer_id"] == id]
        joint = [b for b in bills if b["recurring"] and "subscription_id" not in b]
        for bill in joint:
            lines = bill["line_items"]
            assert len({line["subscription_id"] for line in lines}) == len(lines) > 1
            assert sum(line["amount"] for line in lines) == bill["total"]


def test_amounts_of_an_invoice_add_up(sandbox: Sandbox) -> None:
    for bill in sandbox.billing.invoices():
        if "total" not in bill:
            continue
        assert sum(line["amount"] for line in bill["line_items"]) == bill["total"]
        paid = sum(payment["applied_amount"] for payment in bill["linked_payments"])
        assert paid == bill["amount_paid"]
        if bill["status"] in ("posted", "payment_due", "not_paid"):
            assert bill["amount_due"] == bill["total"]
        assert_currency(sandbox, bill)


def assert_currency(sandbox: Sandbox, bill: Json) -> None:
    """All subscriptions of an invoice are of its customer."""
    for line in bill["line_items"]:
        if "subscription_id" in line:
            owner = sandbox.billing.subscription(line["subscription_id"])["customer_id"]
            assert owner == bill["customer_id"]
