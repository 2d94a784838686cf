import pytest

from sandbox.line import Line

NOW = 1_793_610_000
"""Where the virtual clock of the tests starts: 2026-11-02 09:00 UTC."""


def test_an_edit_moves_update_time_and_version_to_now() -> None:
    line = Line(customers=20)
    row = line.sandbox.billing.edit_customer("cust_000001", company="New", phone=None)
    assert row["updated_at"] == NOW
    assert row["resource_version"] // 1000 == NOW
    assert row["company"] == "New"
    assert "phone" not in row
    again = line.sandbox.billing.edit_customer("cust_000001", company="Newer")
    assert again["resource_version"] > row["resource_version"]
    assert line.billing("/customers/cust_000001").json()["customer"] == again


def test_added_records_are_listed_last_and_found_by_id() -> None:
    line = Line(customers=20)
    billing = line.sandbox.billing
    customer = billing.add_customer(id="a b/c", email="x@y.example")
    subscription = billing.add_subscription("a b/c", status="in_trial")
    invoice = billing.add_invoice("a b/c", total=5)
    assert line.ids("/customers", limit=100)[-1] == "a b/c"
    assert line.ids("/subscriptions", customer_id__is="a b/c") == [subscription["id"]]
    assert line.ids("/invoices", customer_id__is="a b/c") == [invoice["id"]]
    assert line.billing("/customers/a%20b%2Fc").json()["customer"] == customer
    assert "created_at" not in invoice


def test_records_that_cannot_be_are_refused() -> None:
    billing = Line(customers=20).sandbox.billing
    with pytest.raises(ValueError, match="already"):
        billing.add_customer(id="cust_000001")
    with pytest.raises(KeyError, match="nobody"):
        billing.edit_customer("nobody", company="x")
    with pytest.raises(KeyError, match="nobody"):
        billing.add_subscription("nobody")


def test_mrr_moves_without_time_and_version() -> None:
    line = Line(customers=20)
    before = line.sandbox.billing.subscription("sub_000001")
    line.sandbox.billing.edit_mrr("sub_000001", 12345)
    after = line.sandbox.billing.subscription("sub_000001")
    assert after == before | {"mrr": 12345}
    assert line.ids("/subscriptions", updated_at__after=before["updated_at"] - 1)[0] == "sub_000001"


def test_deleting_a_customer_leaves_tombstones_of_it_and_its_children() -> None:
    line = Line(customers=20)
    billing = line.sandbox.billing
    customer = billing.cases["several_subscriptions"][0]
    billing.delete_customer(customer)
    line.clock.advance(1)
    found = line.ids("/customers", include_deleted="true", updated_at__after=NOW - 1)
    assert found == [customer]
    assert line.ids("/subscriptions", customer_id__is=customer) == []
    gone = line.ids("/subscriptions", customer_id__is=customer, include_deleted="true")
    assert gone
    assert all(billing.subscription(id)["updated_at"] == NOW for id in gone)


def test_a_subscription_that_moves_is_found_under_its_new_customer_alone() -> None:
    line = Line(customers=20)
    old = line.sandbox.billing.subscription("sub_000001")["customer_id"]
    line.sandbox.billing.edit_subscription("sub_000001", customer_id="cust_000005")
    assert "sub_000001" in line.ids("/subscriptions", customer_id__is="cust_000005")
    assert "sub_000001" not in line.ids("/subscriptions", customer_id__is=old)


def test_each_edit_is_one_event() -> None:
    line = Line(customers=20)
    billing = line.sandbox.billing
    billing.edit_customer("cust_000001", company="x")
    line.clock.advance(60)
    billing.edit_subscription("sub_000001", status="cancelled")
    billing.edit_mrr("sub_000001", 0)
    billing.delete_subscription("sub_000001")
    billing.delete_customer("cust_000005")
    types = [event["event_type"] for event in billing.events()]
    assert types == [
        "customer_changed",
        "subscription_cancelled",
        "mrr_updated",
        "subscription_deleted",
        "customer_deleted",
    ]
    assert line.ids("/events", occurred_at__after=NOW) == [e["id"] for e in billing.events()][1:]
    first = line.billing("/events", event_type__is="customer_changed").json()["list"]
    assert first[0]["event"]["content"]["customer"]["company"] == "x"
