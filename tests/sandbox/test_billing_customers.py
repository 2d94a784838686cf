"""The verbs of customers, and what they refuse."""

import pytest

from sandbox.books import NOW, Books

PERSONAL = {"first_name", "last_name", "email", "phone", "company", "billing_address", "contacts"}


def full(books: Books, **more: object) -> str:
    address = {"first_name": "Eve", "company": "Eve Ltd", "object": "billing_address"}
    names = {"first_name": "Eve", "last_name": "Long", "phone": "1", "company": "Eve Ltd"}
    row = books.billing.add_customer(
        email="eve@x.example", billing_address=address, contacts=[{"id": "c"}], **names, **more
    )
    books.told()
    return row["id"]


def test_clearing_empties_personal_data_at_once_and_quietly() -> None:
    books = Books()
    id = full(books, cf_second_email="e@x.example", cf_tier="gold")
    before = books.billing.customer(id)
    books.later(60)
    row = books.customers.clear_personal_data(id)
    assert row["pii_cleared"] == "cleared"
    assert PERSONAL.isdisjoint(row)
    assert "cf_second_email" not in row
    assert row["cf_tier"] == "gold"
    assert row["updated_at"] == before["updated_at"]
    assert row["resource_version"] == before["resource_version"]
    assert books.told() == []
    with pytest.raises(ValueError, match="is cleared already"):
        books.customers.clear_personal_data(id)


def test_clearing_later_is_scheduled_first() -> None:
    books = Books()
    id = full(books)
    row = books.customers.clear_personal_data(id, after=3600)
    assert (row["pii_cleared"], row["email"]) == ("scheduled_for_clear", "eve@x.example")
    books.later(3599)
    assert books.billing.customer(id)["pii_cleared"] == "scheduled_for_clear"
    books.later(1)
    assert books.billing.customer(id)["pii_cleared"] == "cleared"
    assert PERSONAL.isdisjoint(books.billing.customer(id))


def test_clearing_is_told_where_the_option_says_so() -> None:
    books = Books(clearing_tells=True)
    id = full(books)
    books.later(60)
    row = books.customers.clear_personal_data(id)
    assert row["updated_at"] == NOW + 60
    (event,) = books.told()
    assert event["event_type"] == "customer_changed"
    assert event["content"]["customer"] == row


@pytest.mark.parametrize("status", ["active", "in_trial", "future", "paused", "non_renewing"])
def test_nobody_is_cleared_whose_subscription_is_not_cancelled(status: str) -> None:
    books = Books()
    id = full(books)
    subscription = books.billing.add_subscription(id, status=status)["id"]
    with pytest.raises(ValueError, match=f"not cancelled: {subscription}"):
        books.customers.clear_personal_data(id)
    books.billing.edit_subscription(subscription, status="cancelled")
    assert books.customers.clear_personal_data(id)["pii_cleared"] == "cleared"


def test_a_scheduled_clearing_is_given_up_when_a_subscription_runs_again() -> None:
    books = Books()
    id = full(books)
    books.customers.clear_personal_data(id, after=100)
    books.subscriptions.start(id)
    books.later(100)
    row = books.billing.customer(id)
    assert (row["pii_cleared"], row["email"]) == ("active", "eve@x.example")


def test_a_merge_moves_children_later_without_event_or_time() -> None:
    books = Books()
    eve = full(books)
    subscription = books.subscriptions.start(eve)
    invoice = books.invoices.raise_for(eve, 500)
    other = books.billing.invoice(next(books.billing.invoices())["id"])
    books.later(60)
    books.told()
    assert books.customers.merge(eve, "ada")["id"] == "ada"
    assert books.billing.subscription(subscription["id"])["customer_id"] == eve
    books.later(60)
    for kind, row in (("subscription", subscription), ("invoice", invoice), ("invoice", other)):
        moved = getattr(books.billing, kind)(row["id"])
        assert moved["customer_id"] == "ada"
        assert moved["updated_at"] == row["updated_at"] == NOW
    assert books.told() == []
    emptied = books.billing.customer(eve)
    assert (emptied["deleted"], emptied["email"]) == (False, "eve@x.example")


def test_a_merge_moves_times_where_the_option_says_so() -> None:
    books = Books(merge_moves=True)
    eve = full(books)
    id = books.billing.add_subscription(eve)["id"]
    books.customers.merge(eve, "ada")
    books.later(60)
    assert books.billing.subscription(id)["updated_at"] == NOW + 60


def test_merges_that_cannot_be_are_refused() -> None:
    books = Books()
    other = full(books, business_entity_id="be_emea")
    with pytest.raises(ValueError, match="itself"):
        books.customers.merge("ada", "ada")
    with pytest.raises(ValueError, match="different business entities"):
        books.customers.merge(other, "ada")
    with pytest.raises(KeyError, match="nobody"):
        books.customers.merge("nobody", "ada")
    books.billing.delete_customer(other)
    with pytest.raises(KeyError, match="deleted"):
        books.customers.merge(other, "ada")


def test_a_customer_moved_out_stays_but_is_told_of() -> None:
    books = Books()
    books.later(10)
    row = books.customers.move_out("ada")
    assert (row["deleted"], row["updated_at"]) == (False, NOW + 10)
    (event,) = books.told()
    assert (event["event_type"], event["source"]) == ("customer_moved_out", "scheduled_job")
    assert event["content"] == {"customer": row}


def test_a_customer_moved_in_brings_its_id_and_age() -> None:
    books = Books()
    row = books.customers.move_in(id="copy", email="c@x.example", created_at=NOW - 1000)
    assert (row["id"], row["created_at"], row["updated_at"]) == ("copy", NOW - 1000, NOW)
    assert books.told_types() == ["customer_moved_in"]
    with pytest.raises(ValueError, match="already"):
        books.customers.move_in(id="copy")


def test_a_transfer_leaves_old_records_that_name_the_live_ones() -> None:
    books = Books()
    old = books.subscriptions.start("ada")
    invoice = next(books.billing.invoices())["id"]
    books.later(60)
    books.told()
    new = books.customers.transfer("ada", "be_emea")
    assert new["id"] != "ada"
    assert (new["active_id"], new["business_entity_id"]) == (new["id"], "be_emea")
    assert new["email"] == "ada@x.example"
    assert books.billing.customer("ada")["active_id"] == new["id"]
    left = books.billing.subscription(old["id"])
    live = books.billing.subscription(left["active_id"])
    assert (left["status"], left["customer_id"]) == ("transferred", "ada")
    assert (live["status"], live["customer_id"]) == ("active", new["id"])
    assert live["active_id"] == live["id"] != old["id"]
    assert live["next_billing_at"] == old["next_billing_at"]
    assert "mrr" not in live
    assert books.billing.invoice(invoice)["customer_id"] == "ada"
    assert books.told_types() == [
        "subscription_moved_out",
        "subscription_moved_in",
        "subscription_business_entity_changed",
        "customer_business_entity_changed",
    ]
    books.later(30)
    assert books.billing.subscription(live["id"])["mrr"] == 4900
    assert books.billing.subscription(old["id"])["mrr"] == 0
    transfers = list(books.billing.shelves["business_entity_transfer"].rows())
    assert [(row["resource_type"], row["resource_id"]) for row in transfers] == [
        ("customer", "ada"),
        ("subscription", old["id"]),
    ]
    assert transfers[0]["active_resource_id"] == new["id"]
    assert transfers[0]["destination_business_entity_id"] == "be_emea"
    assert transfers[0]["source_business_entity_id"] == "be_main"


def test_a_transfer_may_leave_the_id_to_the_live_record() -> None:
    books = Books(transfer="keeps_id")
    subscription = books.subscriptions.start("ada")["id"]
    new = books.customers.transfer("ada", "be_emea")
    assert (new["id"], new["active_id"], new["business_entity_id"]) == ("ada", "ada", "be_emea")
    live = books.billing.subscription(subscription)
    assert (live["status"], live["customer_id"], live["active_id"]) == (
        "active",
        "ada",
        subscription,
    )
    transfers = list(books.billing.shelves["business_entity_transfer"].rows())
    assert [row["active_resource_id"] for row in transfers] == ["ada", subscription]
    left = books.billing.customer(transfers[0]["resource_id"])
    assert (left["active_id"], left["email"]) == ("ada", "ada@x.example")
    old = books.billing.subscription(transfers[1]["resource_id"])
    assert (old["status"], old["customer_id"], old["active_id"]) == (
        "transferred",
        left["id"],
        subscription,
    )


def test_a_transferred_customer_is_used_by_its_new_id() -> None:
    books = Books()
    new = books.customers.transfer("ada", "be_emea")["id"]
    with pytest.raises(ValueError, match=f"transferred already: use {new}"):
        books.customers.transfer("ada", "be_apac")
    with pytest.raises(ValueError, match=new):
        books.subscriptions.start("ada")
    assert books.customers.transfer(new, "be_apac")["business_entity_id"] == "be_apac"


def test_transfers_that_cannot_be_are_refused() -> None:
    books = Books()
    with pytest.raises(KeyError, match="be_nowhere"):
        books.customers.transfer("ada", "be_nowhere")
    with pytest.raises(ValueError, match="belongs to the business entity be_main already"):
        books.customers.transfer("ada", "be_main")
    pending = books.billing.add_invoice("ada", status="pending")["id"]
    with pytest.raises(ValueError, match="pending invoice"):
        books.customers.transfer("ada", "be_emea")
    books.billing.delete_invoice(pending)
    trial = books.subscriptions.start("ada", trial_days=5)["id"]
    with pytest.raises(ValueError, match="in trial"):
        books.customers.transfer("ada", "be_emea")
    books.subscriptions.cancel(trial)
    books.billing.edit_customer("ada", refundable_credits=5)
    with pytest.raises(ValueError, match="refundable credits"):
        books.customers.transfer("ada", "be_emea")


def test_a_scheduled_change_goes_along_with_a_transfer() -> None:
    books = Books()
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.change(id, plan="basic", at_term_end=True)
    books.customers.transfer("ada", "be_emea")
    live = books.billing.subscription(id)["active_id"]
    ahead = books.billing.with_scheduled_changes(live)
    assert ahead["subscription_items"][0]["item_price_id"] == "basic-USD-monthly"


def test_a_deletion_takes_a_few_minutes_and_all_children_along() -> None:
    books = Books()
    subscription = books.subscriptions.start("ada")["id"]
    assert books.customers.delete("ada")["deleted"] is False
    books.told()
    books.later(179)
    assert books.billing.customer("ada")["deleted"] is False
    books.later(1)
    assert books.billing.customer("ada")["deleted"] is True
    assert books.billing.subscription(subscription)["deleted"] is True
    assert all(row["deleted"] for row in books.billing.invoices())
    (_, event) = books.told()
    assert event["event_type"] == "customer_deleted"
    assert [row["id"] for row in event["content"]["subscriptions"]] == [subscription]
    with pytest.raises(KeyError, match="deleted"):
        books.customers.delete("ada")


def test_a_customer_that_is_deleted_otherwise_meanwhile_is_told_of_once() -> None:
    books = Books()
    books.customers.delete("ada")
    books.billing.delete_customer("ada")
    books.later(200)
    assert books.told_types() == ["customer_deleted"]


def test_what_is_under_way_is_told_and_not_begun_twice() -> None:
    books = Books()
    eve = full(books)
    books.customers.delete("ada")
    books.customers.merge(eve, "ada")
    assert books.customers.under_way() == [
        {"what": "deletion", "id": "ada", "into": None, "done_at": NOW + 180},
        {"what": "merge", "id": eve, "into": "ada", "done_at": NOW + 60},
    ]
    with pytest.raises(ValueError, match=r"deletion of customer ada is under way already.*UTC"):
        books.customers.delete("ada")
    with pytest.raises(ValueError, match=r"merge of customer .* is under way already"):
        books.customers.merge(eve, "ada")
    books.later(60)
    assert [row["what"] for row in books.customers.under_way()] == ["deletion"]
    books.later(120)
    assert books.customers.under_way() == []


def credited(books: Books, customer: str) -> str:
    """A customer with 300 of open credits, and the note of them."""
    invoice = books.invoices.raise_for(customer, 500)["id"]
    books.invoices.pay(invoice)
    books.invoices.credit(invoice, 300)
    assert books.billing.customer(customer)["refundable_credits"] == 300
    return next(books.billing.book.of("credit_note", customer))["id"]


def test_a_merge_moves_credits_along() -> None:
    books = Books()
    books.billing.add_customer(id="bob", refundable_credits=50)
    note = credited(books, "ada")
    books.customers.merge("ada", "bob")
    books.later(60)
    amounts = [books.billing.customer(id)["refundable_credits"] for id in ("ada", "bob")]
    assert amounts == [0, 350]
    assert books.billing.book.find("credit_note", note)["customer_id"] == "bob"
    assert books.invoices.raise_for("bob", 1000)["credits_applied"] == 300


@pytest.mark.parametrize("gone", ["ada", "bob"])
def test_nothing_moves_where_a_customer_is_deleted_meanwhile(gone: str) -> None:
    books = Books()
    books.billing.add_customer(id="bob")
    id = books.subscriptions.start("ada")["id"]
    books.customers.merge("ada", "bob")
    books.billing.delete_customer(gone)
    books.later(60)
    assert books.billing.subscription(id)["customer_id"] == "ada"


def test_the_credit_notes_of_a_deleted_customer_go_along() -> None:
    books = Books()
    note = credited(books, "ada")
    books.billing.delete_customer("ada")
    assert books.billing.book.find("credit_note", note)["deleted"] is True


def test_a_record_without_a_business_entity_belongs_to_the_first_everywhere() -> None:
    books = Books()
    books.billing.add_customer(id="bob", business_entity_id="be_main")
    with pytest.raises(ValueError, match="belongs to the business entity be_main already"):
        books.customers.transfer("ada", "be_main")
    books.customers.merge("ada", "bob")
