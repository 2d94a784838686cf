import tracemalloc
from itertools import islice, pairwise

import pytest

from chargepipe.sandbox import Sandbox
from chargepipe.sandbox.data.draw import ANCHOR, unix
from sandbox.line import Line

NAMED_CASES = """
already_person company_only_in_billing_address consolidated_invoice contacts custom_fields deleted
deleted_subscription
e164_phone email_in_capitals long_company missing_amounts missing_mrr national_phone no_company
no_email no_subscription no_updated_at nothing odd_id one_time_invoice only_email same_company
same_company_other_spelling several_currencies several_persons several_subscriptions shared_email
shared_email_other_case status_active status_cancelled status_future status_in_trial
status_non_renewing status_paused status_transferred unicode_name zero_decimal_currency
"""


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(customers=250)


def test_the_same_seed_gives_the_same_data_and_another_one_does_not() -> None:
    first, second, other = Sandbox(seed=7), Sandbox(seed=7), Sandbox(seed=8)
    for read in ("customers", "subscriptions", "invoices"):
        made = list(getattr(first.billing, read)())
        assert made == list(getattr(second.billing, read)())
        assert made != list(getattr(other.billing, read)())
    assert list(first.crm.persons()) == list(second.crm.persons())
    assert list(first.crm.organizations()) == list(second.crm.organizations())


def test_every_case_occurs_among_250_customers(sandbox: Sandbox) -> None:
    assert sorted(sandbox.billing.cases) == NAMED_CASES.split()
    assert all(len(ids) > 1 for ids in sandbox.billing.cases.values())


def test_a_case_names_customers_that_are_so(sandbox: Sandbox) -> None:
    billing, cases = sandbox.billing, sandbox.billing.cases
    assert all("email" not in billing.customer(id) for id in cases["no_email"])
    assert all(len(billing.customer(id)["company"]) == 250 for id in cases["long_company"])
    emails = [billing.customer(id)["email"].lower() for id in cases["shared_email"]]
    assert all(emails.count(email) > 1 for email in emails)
    bare = [billing.customer(id) for id in cases["nothing"]]
    assert not any({"first_name", "last_name", "company", "email"} & set(row) for row in bare)


def test_attributes_without_a_value_are_absent(sandbox: Sandbox) -> None:
    for read in (sandbox.billing.customers, sandbox.billing.subscriptions):
        assert not any(value is None for row in read() for value in row.values())


def test_records_were_made_in_order_and_none_after_the_anchor(sandbox: Sandbox) -> None:
    for read, made in (("customers", "created_at"), ("subscriptions", "created_at")):
        rows = list(getattr(sandbox.billing, read)())
        assert all(one[made] < two[made] for one, two in pairwise(rows))
        rows = [row for row in rows if "updated_at" in row]
        assert len(rows) > 200
        assert all(row[made] <= row["updated_at"] <= ANCHOR for row in rows)
        assert all(row["resource_version"] // 1000 == row["updated_at"] for row in rows)
    assert all(unix(person["update_time"]) <= ANCHOR for person in sandbox.crm.persons())


def test_customers_have_about_1_2_subscriptions_and_a_third_as_many_companies() -> None:
    sandbox = Sandbox(customers=3000)
    assert 3500 <= sum(1 for _ in sandbox.billing.subscriptions()) <= 3700
    names = (
        row.get("company") or row.get("billing_address", {}).get("company")
        for row in sandbox.billing.customers()
    )
    distinct = {" ".join(name.casefold().split()) for name in names if name}
    assert 900 <= len(distinct) <= 1150


def test_every_subscription_and_invoice_has_a_customer(sandbox: Sandbox) -> None:
    ids = {customer["id"] for customer in sandbox.billing.customers()}
    for read in (sandbox.billing.subscriptions, sandbox.billing.invoices):
        assert {row["customer_id"] for row in read()} <= ids
    subscriptions = {row["id"]: row["customer_id"] for row in sandbox.billing.subscriptions()}
    for invoice in sandbox.billing.invoices():
        if "subscription_id" in invoice:
            assert subscriptions[invoice["subscription_id"]] == invoice["customer_id"]


def test_the_given_share_of_customers_is_in_the_crm_already(sandbox: Sandbox) -> None:
    assert len(sandbox.billing.cases["already_person"]) == 75
    emails = [
        {email["value"].casefold() for email in person["emails"]}
        for person in sandbox.crm.persons()
    ]
    for customer_id in sandbox.billing.cases["several_persons"]:
        email = sandbox.billing.customer(customer_id)["email"].casefold()
        assert sum(email in held for held in emails) >= 2


def test_one_organization_name_occurs_twice(sandbox: Sandbox) -> None:
    names = [organization["name"] for organization in sandbox.crm.organizations()]
    assert len(names) - len(set(names)) == 1


def test_without_people_before_the_crm_is_empty() -> None:
    sandbox = Sandbox(people_before=0)
    assert not list(sandbox.crm.persons())
    assert not list(sandbox.crm.organizations())


@pytest.mark.parametrize("customers", [0, 1, 2, 11])
def test_a_tiny_site_works_too(customers: int) -> None:
    sandbox = Sandbox(customers=customers, people_before=1.0)
    assert sum(1 for _ in sandbox.billing.customers()) == customers
    assert sum(1 for _ in sandbox.crm.persons()) == customers
    assert isinstance(sandbox.billing.cases, dict)


def test_a_million_customers_take_next_to_no_memory() -> None:
    tracemalloc.start()
    sandbox = Sandbox(customers=1_000_000)
    ids = [row["id"] for row in islice(sandbox.billing.customers(), 1000)]
    assert sandbox.billing.customer(ids[-1])["id"] == ids[-1]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 4_000_000  # the thousand rows that were read take half of it


def test_pages_at_both_ends_of_a_million_customers_are_computed_alone() -> None:
    line = Line(customers=1_000_000)
    newest = line.billing("/customers", limit=2, sort_by__desc="updated_at").json()["list"]
    numbers = [int(entry["customer"]["id"][-7:].lstrip("_")) for entry in newest]
    assert all(number > 999_900 for number in numbers)
    late = newest[1]["customer"]["created_at"]
    assert line.ids("/customers", created_at__after=late) == [newest[0]["customer"]["id"]]


def test_some_old_customers_do_not_say_when_they_were_updated() -> None:
    line = Line(customers=250)
    ids = line.sandbox.billing.cases["no_updated_at"]
    assert ids == line.ids("/customers", limit=100)[: len(ids)]
    assert all("resource_version" not in line.sandbox.billing.customer(id) for id in ids)
    assert not set(ids) & set(line.ids("/customers", limit=100, updated_at__after=0))
    assert "updated_at" in line.sandbox.billing.edit_customer(ids[0], company="New")
    assert ids[0] in line.ids("/customers", limit=100, updated_at__after=0)
