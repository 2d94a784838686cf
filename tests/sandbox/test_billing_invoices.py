"""The verbs of invoices, and what they refuse."""

from typing import Any

import pytest

from chargepipe.sandbox.chargebee.bills import Bills
from chargepipe.sandbox.chargebee.credits import Credits
from sandbox.books import DAY, NOW, Books


@pytest.fixture
def books() -> Books:
    return Books()


def test_a_one_time_invoice_belongs_to_no_subscription(books: Books) -> None:
    row = books.invoices.raise_for("ada", 500)
    assert (row["status"], row["total"], row["amount_due"]) == ("posted", 500, 500)
    assert row["recurring"] is False
    assert "subscription_id" not in row
    assert "created_at" not in row
    assert (row["date"], row["due_date"]) == (NOW, NOW + 14 * DAY)
    assert [line["entity_type"] for line in row["line_items"]] == ["adhoc"]
    assert books.told_types() == ["invoice_generated"]


def test_a_charge_on_one_subscription_names_it_and_does_not_recur(books: Books) -> None:
    id = books.subscriptions.start("ada", currency="EUR")["id"]
    row = books.invoices.raise_for("ada", 500, [id])
    assert (row["recurring"], row["subscription_id"]) == (False, id)
    assert row["currency_code"] == "EUR"
    assert row["line_items"][0]["subscription_id"] == id


def test_a_consolidated_invoice_names_its_subscriptions_in_its_lines_alone(books: Books) -> None:
    ids = [books.subscriptions.start("ada")["id"] for _ in range(3)]
    row = books.invoices.raise_for("ada", 1000, ids)
    assert row["recurring"] is True
    assert "subscription_id" not in row
    assert [line["subscription_id"] for line in row["line_items"]] == ids
    assert [line["amount"] for line in row["line_items"]] == [334, 333, 333]
    assert all("total_dues" not in books.billing.subscription(id) for id in ids)


def test_an_invoice_that_nobody_pays_is_not_paid_from_its_due_date_on(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    invoice = books.invoices.raise_for("ada", 500, [id], due_in_days=2)["id"]
    assert books.billing.subscription(id)["due_invoices_count"] == 0
    books.later(60)
    version = books.billing.subscription(id)["resource_version"]
    books.told()
    books.later(2 * DAY - 60)
    assert books.billing.invoice(invoice)["status"] == "not_paid"
    assert books.told_types() == ["invoice_updated"]
    subscription = books.billing.subscription(id)
    assert (subscription["due_invoices_count"], subscription["total_dues"]) == (1, 500)
    assert subscription["due_since"] == NOW
    assert subscription["resource_version"] == version
    books.invoices.pay(invoice)
    subscription = books.billing.subscription(id)
    assert subscription["due_invoices_count"] == 0
    assert {"total_dues", "due_since"}.isdisjoint(subscription)


def test_an_invoice_that_was_paid_in_time_stays_paid(books: Books) -> None:
    invoice = books.invoices.raise_for("ada", 500, due_in_days=2)["id"]
    books.invoices.pay(invoice)
    books.later(3 * DAY)
    assert books.billing.invoice(invoice)["status"] == "paid"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"amount": 0}, "the amount"),
        ({"amount": 2.5}, "the amount"),
        ({"amount": True}, "the amount"),
        ({"amount": 5, "due_in_days": -1}, "due_in_days"),
    ],
)
def test_an_invoice_that_cannot_be_raised(books: Books, args: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        books.invoices.raise_for("ada", **args)
    assert not list(books.billing.invoices())


def test_an_invoice_is_of_one_customer_and_one_currency(books: Books) -> None:
    books.billing.add_customer(id="bob")
    other = books.subscriptions.start("bob")["id"]
    with pytest.raises(ValueError, match="not of customer ada"):
        books.invoices.raise_for("ada", 5, [other])
    two = [books.subscriptions.start("ada", currency=code)["id"] for code in ("USD", "EUR")]
    with pytest.raises(ValueError, match="several currencies: EUR, USD"):
        books.invoices.raise_for("ada", 5, two)
    with pytest.raises(KeyError, match="nobody"):
        books.invoices.raise_for("nobody", 5)


def test_a_payment_in_parts(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.told()
    row = books.invoices.pay(id, 200)
    assert (row["status"], row["amount_paid"], row["amount_due"]) == ("posted", 200, 300)
    books.later(5)
    row = books.invoices.pay(id)
    assert (row["status"], row["amount_paid"], row["amount_due"]) == ("paid", 500, 0)
    assert (row["paid_at"], row["updated_at"]) == (NOW + 5, NOW + 5)
    assert [payment["applied_amount"] for payment in row["linked_payments"]] == [200, 300]
    assert {payment["txn_status"] for payment in row["linked_payments"]} == {"success"}
    events = books.told()
    assert [event["event_type"] for event in events] == ["payment_succeeded", "invoice_updated"] * 2
    assert set(events[0]["content"]) == {"transaction", "invoice", "customer"}
    linked = events[0]["content"]["transaction"]["linked_invoices"]
    assert linked[0]["invoice_id"] == id


def test_a_payment_that_is_too_much_or_too_late_is_refused(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    with pytest.raises(ValueError, match=f"more than what is due on invoice {id}: 500"):
        books.invoices.pay(id, 501)
    with pytest.raises(ValueError, match="the amount"):
        books.invoices.pay(id, 0)
    books.invoices.pay(id)
    with pytest.raises(ValueError, match="is paid: nothing is due"):
        books.invoices.pay(id)


def test_a_void_keeps_the_record_and_ends_what_is_due(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.told()
    row = books.invoices.void(id, reason="Wrong amount")
    assert (row["status"], row["voided_at"], row["amount_due"]) == ("voided", NOW, 0)
    assert (row["void_reason_code"], row["total"]) == ("Wrong amount", 500)
    assert row["deleted"] is False
    assert books.told_types() == ["invoice_updated"]
    for verb in ("pay", "void", "write_off"):
        with pytest.raises(ValueError, match="is voided"):
            getattr(books.invoices, verb)(id)
    with pytest.raises(ValueError, match="cannot be credited"):
        books.invoices.credit(id, 1)


def test_what_was_paid_or_credited_is_not_voided(books: Books) -> None:
    paid = books.invoices.raise_for("ada", 500)["id"]
    books.invoices.pay(paid, 1)
    with pytest.raises(ValueError, match="has payments"):
        books.invoices.void(paid)
    books.invoices.pay(paid)
    with pytest.raises(ValueError, match="is paid and cannot be voided: refund or credit it"):
        books.invoices.void(paid)
    credited = books.invoices.raise_for("ada", 500)["id"]
    books.invoices.credit(credited, 1)
    with pytest.raises(ValueError, match="has credit notes"):
        books.invoices.void(credited)
    books.invoices.credit(paid, 5)
    settled = books.invoices.raise_for("ada", 500)["id"]
    with pytest.raises(ValueError, match="has credit notes"):
        books.invoices.void(settled)


def test_a_refund_issues_a_credit_note_and_leaves_the_invoice_paid(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.invoices.pay(id)
    books.told()
    row = books.invoices.refund(id, 200)
    assert (row["status"], row["amount_paid"], row["amount_due"]) == ("paid", 500, 0)
    (note,) = row["issued_credit_notes"]
    assert (note["cn_total"], note["cn_status"]) == (200, "refunded")
    created, refunded, _ = events = books.told()
    assert [event["event_type"] for event in events] == [
        "credit_note_created",
        "payment_refunded",
        "invoice_updated",
    ]
    assert created["content"]["credit_note"]["amount_refunded"] == 200
    assert set(refunded["content"]) == {"transaction", "invoice", "credit_note", "customer"}
    assert refunded["content"]["transaction"]["type"] == "refund"
    with pytest.raises(ValueError, match="left to refund"):
        books.invoices.refund(id, 301)
    books.invoices.refund(id, 300)
    with pytest.raises(ValueError, match=": 0"):
        books.invoices.refund(id, 1)


def test_what_was_not_paid_is_not_refunded(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    with pytest.raises(ValueError, match=": 0"):
        books.invoices.refund(id, 1)


def test_a_credit_on_an_open_invoice_adjusts_it(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.told()
    row = books.invoices.credit(id, 200)
    assert (row["status"], row["amount_adjusted"], row["amount_due"]) == ("posted", 200, 300)
    (note,) = row["adjustment_credit_notes"]
    assert (note["cn_total"], note["cn_status"]) == (200, "adjusted")
    assert books.told_types() == ["credit_note_created", "invoice_updated"]
    with pytest.raises(ValueError, match=": 300"):
        books.invoices.credit(id, 301)
    assert books.invoices.credit(id, 300)["status"] == "paid"


def test_a_credit_on_a_paid_invoice_pays_for_the_next_ones(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.invoices.pay(id)
    books.later(60)
    before = books.billing.customer("ada")
    row = books.invoices.credit(id, 400)
    assert row["issued_credit_notes"][0]["cn_status"] == "refund_due"
    assert row["amount_due"] == 0
    assert books.billing.customer("ada") == before | {"refundable_credits": 400}
    small = books.invoices.raise_for("ada", 100)
    assert (small["status"], small["credits_applied"], small["amount_due"]) == ("paid", 100, 0)
    assert books.billing.customer("ada")["refundable_credits"] == 300
    large = books.invoices.raise_for("ada", 1000)
    assert (large["credits_applied"], large["amount_due"]) == (300, 700)
    assert large["applied_credits"][0]["cn_status"] == "refunded"
    assert books.billing.customer("ada")["refundable_credits"] == 0
    assert books.invoices.raise_for("ada", 10)["credits_applied"] == 0
    with pytest.raises(ValueError, match="left to credit"):
        books.invoices.credit(id, 101)


def test_credits_of_another_currency_are_not_applied(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.invoices.pay(id)
    books.invoices.credit(id, 400)
    subscription = books.subscriptions.start("ada", currency="EUR")["id"]
    assert books.invoices.raise_for("ada", 100, [subscription])["credits_applied"] == 0


def test_a_write_off_counts_as_paid_but_not_as_money(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.invoices.pay(id, 100)
    row = books.invoices.write_off(id)
    assert (row["status"], row["write_off_amount"], row["amount_due"]) == ("paid", 400, 0)
    assert row["amount_paid"] == 100
    assert row["adjustment_credit_notes"][0]["cn_reason_code"] == "write_off"


def test_a_deleted_invoice_is_a_tombstone_and_not_found_any_more(books: Books) -> None:
    id = books.invoices.raise_for("ada", 500)["id"]
    books.told()
    books.later(10)
    row = books.invoices.delete(id)
    assert (row["deleted"], row["updated_at"]) == (True, NOW + 10)
    (event,) = books.told()
    assert (event["event_type"], event["content"]) == ("invoice_deleted", {"invoice": row})
    for verb, args in (("pay", ()), ("void", ()), ("refund", (1,)), ("credit", (1,))):
        with pytest.raises(KeyError, match="deleted"):
            getattr(books.invoices, verb)(id, *args)
    for verb in ("write_off", "delete"):
        with pytest.raises(KeyError, match="deleted"):
            getattr(books.invoices, verb)(id)
    books.later(20 * DAY)
    assert books.billing.invoice(id)["status"] == "posted"


def test_an_invoice_without_amounts_has_nothing_due(books: Books) -> None:
    bare = {"total": None, "amount_due": None, "amount_paid": None, "status": "not_paid"}
    id = books.billing.add_invoice("ada", **bare)["id"]
    with pytest.raises(ValueError, match="the amount"):
        books.invoices.pay(id)
    with pytest.raises(ValueError, match="the amount"):
        books.invoices.write_off(id)
    assert books.invoices.void(id)["status"] == "voided"


def test_dues_are_absent_once_an_invoice_is_consolidated(books: Books) -> None:
    first, second = (books.subscriptions.start("ada")["id"] for _ in range(2))
    dues = {"due_invoices_count", "total_dues", "due_since"}
    versions = {id: books.billing.subscription(id)["resource_version"] for id in (first, second)}
    books.invoices.raise_for("ada", 1000, [first, second], due_in_days=0)
    books.later(1)
    for id, version in versions.items():
        row = books.billing.subscription(id)
        assert dues.isdisjoint(row)
        assert row["resource_version"] == version
    own = books.invoices.raise_for("ada", 500, [first], due_in_days=0)["id"]
    books.later(1)
    assert dues.isdisjoint(books.billing.subscription(first))
    books.invoices.pay(own)
    assert dues.isdisjoint(books.billing.subscription(first))


def test_what_is_due_at_once_is_payment_due_and_then_not_paid(books: Books) -> None:
    row = books.invoices.raise_for("ada", 500, due_in_days=0)
    assert (row["status"], row["due_date"]) == ("payment_due", NOW)
    books.later(0)
    assert books.billing.invoice(row["id"])["status"] == "not_paid"


def failing(books: Books) -> dict[str, Any]:
    """An invoice whose first payment failed."""
    bills = Bills(books.billing.book, Credits(books.billing.book), seed=1)
    payer = {"customer_id": "ada", "currency_code": "USD"}
    invoice, transaction = bills.make(payer, [{"amount": 500}], "fails")
    assert transaction is not None
    assert (invoice["status"], invoice["next_retry_at"]) == ("payment_due", NOW + 3 * DAY)
    return invoice


def test_a_failed_payment_is_tried_again_after_three_days(books: Books) -> None:
    id = failing(books)["id"]
    books.later(3 * DAY - 1)
    assert books.told() == []
    books.later(1)
    assert {event["occurred_at"] for event in books.told()} == {NOW + 3 * DAY}
    assert books.billing.invoice(id)["status"] in ("paid", "not_paid")


def test_the_payment_of_a_deleted_invoice_is_not_tried_again(books: Books) -> None:
    books.invoices.delete(failing(books)["id"])
    books.told()
    books.later(3 * DAY)
    assert books.told() == []
