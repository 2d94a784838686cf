"""What becomes of subscriptions as time passes."""

import time
from collections import Counter

import pytest

from sandbox.books import DAY, NOW, Books

YEAR = 365


@pytest.fixture
def books() -> Books:
    return Books()


def test_a_future_one_starts_and_is_paid(books: Books) -> None:
    id = books.subscriptions.start("ada", start_in_days=10)["id"]
    books.told()
    books.pass_days(11)
    row = books.billing.subscription(id)
    start = NOW + 10 * DAY
    assert (row["status"], row["started_at"], row["activated_at"]) == ("active", start, start)
    assert row["current_term_start"] == start
    assert "start_date" not in row
    events = books.told()
    assert [event["event_type"] for event in events] == [
        "subscription_started",
        "invoice_generated",
        "payment_succeeded",
        "mrr_updated",
    ]
    assert {event["occurred_at"] for event in events[:3]} == {start}
    assert {event["source"] for event in events} == {"scheduled_job"}
    assert row["mrr"] == 4900


def test_a_future_trial_starts_and_then_becomes_active(books: Books) -> None:
    id = books.subscriptions.start("ada", start_in_days=10, trial_days=10)["id"]
    books.told()
    books.pass_days(11)
    row = books.billing.subscription(id)
    assert (row["status"], row["next_billing_at"]) == ("in_trial", NOW + 20 * DAY)
    assert books.told_types() == ["subscription_started"]
    books.pass_days(10)
    row = books.billing.subscription(id)
    assert (row["status"], row["activated_at"]) == ("active", NOW + 20 * DAY)
    (activated, *_) = books.told()
    assert activated["event_type"] == "subscription_activated"
    assert activated["content"]["subscription"]["mrr"] == 0
    assert activated["content"]["invoice"]["first_invoice"] is True


def test_a_trial_that_is_to_end_is_cancelled(books: Books) -> None:
    id = books.subscriptions.start("ada", trial_days=10)["id"]
    books.subscriptions.cancel(id, at_term_end=True)
    books.told()
    books.pass_days(YEAR)
    row = books.billing.subscription(id)
    assert (row["status"], row["cancelled_at"]) == ("cancelled", NOW + 10 * DAY)
    assert row["updated_at"] == NOW + 10 * DAY
    assert books.told_types() == ["subscription_cancelled", "mrr_updated"]
    assert not list(books.billing.invoices())


def test_an_active_one_renews_each_month_with_an_invoice(books: Books) -> None:
    started = books.subscriptions.start("ada")
    books.pass_days(YEAR)
    row = books.billing.subscription(started["id"])
    bills = list(books.billing.invoices())
    assert len(bills) == 1 + 11 + 1 * (row["current_term_start"] <= NOW + YEAR * DAY)
    assert row["current_term_end"] == row["next_billing_at"] > books.now()
    assert row["activated_at"] == started["activated_at"]
    assert [bill["date"] for bill in bills] == sorted({bill["date"] for bill in bills})
    assert {bill["total"] for bill in bills} == {4900}
    renewals = [e for e in books.told() if e["event_type"] == "subscription_renewed"]
    assert len(renewals) == len(bills) - 1
    for event in renewals:
        content = event["content"]
        assert set(content) == {"subscription", "customer", "invoice"}
        assert content["subscription"]["current_term_start"] == content["invoice"]["date"]
        assert content["invoice"]["recurring"] is True


def test_a_month_is_a_month_of_the_calendar(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    seen = set()
    for _ in range(4):
        books.pass_days(30.5)
        seen.add(time.gmtime(books.billing.subscription(id)["current_term_start"]).tm_mday)
    assert seen == {2}


def test_a_year_renews_once_a_year(books: Books) -> None:
    id = books.subscriptions.start("ada", unit="year")["id"]
    books.pass_days(800)
    assert len(list(books.billing.invoices())) == 3
    assert books.billing.subscription(id)["next_billing_at"] == NOW + (2 * 365 + 366) * DAY


def test_a_charge_is_billed_once_alone(books: Books) -> None:
    id = books.subscriptions.start("ada", trial_days=5)["id"]
    charge = {"item_price_id": "setup-USD", "item_type": "charge", "amount": 777}
    items = [*books.billing.subscription(id)["subscription_items"], charge]
    books.billing.edit_subscription(id, subscription_items=items)
    books.pass_days(70)
    assert [bill["total"] for bill in books.billing.invoices()] == [5677, 4900, 4900]


def test_a_scheduled_change_applies_at_the_renewal(books: Books) -> None:
    started = books.subscriptions.start("ada")
    id = started["id"]
    books.subscriptions.change(id, plan="business", at_term_end=True)
    books.told()
    books.pass_days(31)
    row = books.billing.subscription(id)
    assert row["subscription_items"][0]["item_price_id"] == "business-USD-monthly"
    assert row["has_scheduled_changes"] is False
    assert "changes_scheduled_at" not in row
    types = books.told_types()
    assert types[1:4] == ["subscription_changed", "subscription_renewed", "invoice_generated"]
    assert [bill["total"] for bill in books.billing.invoices()] == [4900, 19900]
    assert row["mrr"] == 19900


def test_a_non_renewing_one_ends_with_its_term(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    ends = books.subscriptions.cancel(id, at_term_end=True)["cancelled_at"]
    books.pass_days(YEAR)
    row = books.billing.subscription(id)
    assert (row["status"], row["cancelled_at"], row["mrr"]) == ("cancelled", ends, 0)
    assert len(list(books.billing.invoices())) == 1


def test_a_paused_one_comes_back_on_its_date_and_only_then(books: Books) -> None:
    back = books.subscriptions.start("ada")["id"]
    away = books.subscriptions.start("ada")["id"]
    books.subscriptions.pause(back, resume_in_days=45)
    books.subscriptions.pause(away)
    books.told()
    books.pass_days(50)
    row = books.billing.subscription(back)
    assert (row["status"], row["current_term_start"]) == ("active", NOW + 45 * DAY)
    assert row["mrr"] == 4900
    assert books.billing.subscription(away)["status"] == "paused"
    assert "subscription_resumed" in books.told_types()


def test_a_paused_one_that_was_to_end_ends(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.cancel(id, at_term_end=True)
    books.subscriptions.pause(id, resume_in_days=100)
    books.pass_days(40)
    assert books.billing.subscription(id)["status"] == "cancelled"


def test_what_was_taken_back_does_not_happen(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.pass_days(1)
    books.subscriptions.cancel(id, at_term_end=True)
    books.subscriptions.keep(id)
    books.subscriptions.change(id, plan="basic", at_term_end=True)
    books.subscriptions.remove_scheduled_changes(id)
    books.pass_days(40)
    row = books.billing.subscription(id)
    assert row["status"] == "active"
    assert [bill["total"] for bill in books.billing.invoices()] == [4900, 4900]


def test_deleted_and_cancelled_ones_do_nothing(books: Books) -> None:
    ids = [books.subscriptions.start("ada")["id"] for _ in range(2)]
    books.pass_days(1)
    books.billing.delete_subscription(ids[0])
    books.subscriptions.cancel(ids[1])
    books.pass_days(100)
    assert len(list(books.billing.invoices())) == 2


def test_nothing_happens_before_the_first_travel() -> None:
    books = Books(customers=50)
    books.later(YEAR * DAY)
    assert books.told() == []
    books.pass_days(0)
    moments = {event["occurred_at"] for event in books.told()}
    assert moments == {NOW + YEAR * DAY}


def test_no_record_is_changed_in_the_past(books: Books) -> None:
    late = {"next_billing_at": NOW - 40 * DAY, "current_term_end": NOW - 40 * DAY}
    id = books.billing.add_subscription("ada", **late)["id"]
    books.pass_days(0)
    row = books.billing.subscription(id)
    assert row["updated_at"] == NOW
    assert row["next_billing_at"] > NOW
    assert len(list(books.billing.invoices())) == 2


def test_some_payments_fail_and_are_tried_once_more() -> None:
    books = Books(customers=250)
    for _ in range(6):
        books.pass_days(30.5)
    told = books.told()
    made = [e["content"]["invoice"]["id"] for e in told if e["event_type"] == "invoice_generated"]
    bills = [books.billing.invoice(id) for id in made]
    ends = Counter((bill["status"], bill.get("dunning_status")) for bill in bills)
    assert ends["paid", None] > len(bills) * 0.9
    assert ends["paid", "success"] > 0
    assert ends["not_paid", "exhausted"] > 0
    lost = next(bill for bill in bills if bill["status"] == "not_paid")
    assert lost["amount_due"] == lost["total"] > 0
    assert [attempt["attempt"] for attempt in lost["dunning_attempts"]] == [1, 2]
    assert {payment["txn_status"] for payment in lost["linked_payments"]} == {"failure"}
    failed = [e for e in told if e["event_type"] == "payment_failed"]
    assert failed[0]["content"]["transaction"]["status"] == "failure"
    assert failed[0]["content"]["invoice"]["dunning_status"] == "in_progress"
    assert failed[0]["content"]["invoice"]["status"] == "payment_due"


def test_the_same_seed_lives_the_same_life() -> None:
    one, two = Books(customers=40), Books(customers=40)
    for books in (one, two):
        books.pass_days(200)
    assert list(one.billing.events()) == list(two.billing.events())


def test_250_customers_pass_a_year_in_about_a_second() -> None:
    books = Books(customers=250)
    start = time.process_time()
    for _ in range(12):
        books.pass_days(30.5)
    assert time.process_time() - start < 3
    assert len(books.told()) > 4000
    for row in books.billing.subscriptions():
        if row["status"] == "active" and not row["deleted"] and "next_billing_at" in row:
            assert row["next_billing_at"] > books.now()
        assert row["updated_at"] <= books.now()
        assert row["resource_version"] // 1000 == row["updated_at"]
