"""The verbs of subscriptions, and what they refuse."""

import pytest

from sandbox.books import DAY, NOW, Books


@pytest.fixture
def books() -> Books:
    return Books()


def test_a_started_subscription_is_active_with_a_paid_invoice(books: Books) -> None:
    row = books.subscriptions.start("ada", plan="team", quantity=2)
    assert (row["status"], row["activated_at"], row["started_at"]) == ("active", NOW, NOW)
    assert row["current_term_start"] == NOW
    assert row["current_term_end"] == row["next_billing_at"] == NOW + 30 * DAY
    assert row["subscription_items"][0]["item_price_id"] == "team-USD-monthly"
    (created, generated, paid) = books.told()
    assert created["event_type"] == "subscription_created"
    assert set(created["content"]) == {"subscription", "customer", "invoice"}
    assert generated["event_type"] == "invoice_generated"
    assert paid["event_type"] == "payment_succeeded"
    assert set(paid["content"]) == {"transaction", "invoice", "customer", "subscription"}
    invoice = generated["content"]["invoice"]
    assert (invoice["status"], invoice["total"], invoice["amount_due"]) == ("paid", 9800, 0)
    assert (invoice["recurring"], invoice["subscription_id"]) == (True, row["id"])
    assert invoice["first_invoice"] is True
    assert invoice["linked_payments"][0]["txn_id"] == paid["content"]["transaction"]["id"]
    line = invoice["line_items"][0]
    assert (line["entity_type"], line["entity_id"]) == ("plan_item_price", "team-USD-monthly")
    assert (line["date_from"], line["date_to"]) == (NOW, NOW + 30 * DAY)


def test_a_trial_and_a_later_start_are_not_billed(books: Books) -> None:
    trial = books.subscriptions.start("ada", trial_days=14)
    assert (trial["status"], trial["trial_end"]) == ("in_trial", NOW + 14 * DAY)
    later = books.subscriptions.start("ada", start_in_days=7, trial_days=14)
    assert (later["status"], later["start_date"]) == ("future", NOW + 7 * DAY)
    assert later["trial_end"] == NOW + 21 * DAY
    assert "mrr" not in trial
    assert books.told_types() == ["subscription_created"] * 2
    assert not list(books.billing.invoices())


def test_a_year_in_yen_is_priced_as_such(books: Books) -> None:
    row = books.subscriptions.start("ada", plan="basic", currency="JPY", unit="year")
    assert row["subscription_items"][0]["amount"] == 1900 * 10 * 110 // 100
    assert row["billing_period_unit"] == "year"
    assert row["current_term_end"] == NOW + 365 * DAY
    assert row["exchange_rate"] != 1.0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"plan": "gold"}, "plan gold not found"),
        ({"currency": "XXX"}, "no currency XXX"),
        ({"unit": "week"}, "not by week"),
        ({"quantity": 0}, "quantity has to be"),
        ({"quantity": True}, "quantity has to be"),
        ({"trial_days": -1}, "trial_days has to be"),
        ({"start_in_days": "soon"}, "start_in_days has to be"),
    ],
)
def test_a_subscription_that_cannot_be_started(books: Books, args: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        books.subscriptions.start("ada", **args)
    assert books.told() == []
    assert not list(books.billing.subscriptions())


def test_nobody_and_the_deleted_start_nothing(books: Books) -> None:
    with pytest.raises(KeyError, match="nobody"):
        books.subscriptions.start("nobody")
    books.billing.delete_customer("ada")
    with pytest.raises(KeyError, match="deleted"):
        books.subscriptions.start("ada")


def test_a_change_takes_effect_at_once(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.told()
    row = books.subscriptions.change(id, plan="business", quantity=3)
    assert row["subscription_items"][0]["item_price_id"] == "business-USD-monthly"
    assert row["subscription_items"][0]["amount"] == 3 * 19900
    assert books.subscriptions.change(id, quantity=4)["subscription_items"][0]["amount"] == 79600
    events = books.told()
    assert [event["event_type"] for event in events] == ["subscription_changed"] * 2
    assert set(events[0]["content"]) == {"subscription", "customer"}


def test_a_change_keeps_addons(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    addon = {"item_price_id": "support-USD-monthly", "item_type": "addon", "amount": 10}
    items = [*books.billing.subscription(id)["subscription_items"], addon]
    books.billing.edit_subscription(id, subscription_items=items)
    assert addon in books.subscriptions.change(id, plan="basic")["subscription_items"]


def test_a_scheduled_change_waits_and_can_be_removed(books: Books) -> None:
    row = books.subscriptions.start("ada")
    id = row["id"]
    books.told()
    changed = books.subscriptions.change(id, plan="basic", at_term_end=True)
    assert changed["has_scheduled_changes"] is True
    assert changed["changes_scheduled_at"] == row["current_term_end"]
    assert changed["subscription_items"] == row["subscription_items"]
    ahead = books.billing.with_scheduled_changes(id)
    assert ahead["subscription_items"][0]["item_price_id"] == "basic-USD-monthly"
    removed = books.subscriptions.remove_scheduled_changes(id)
    assert removed["has_scheduled_changes"] is False
    assert "changes_scheduled_at" not in removed
    assert books.told_types() == [
        "subscription_changes_scheduled",
        "subscription_scheduled_changes_removed",
    ]
    with pytest.raises(ValueError, match="no scheduled changes"):
        books.billing.with_scheduled_changes(id)
    with pytest.raises(ValueError, match="no scheduled changes"):
        books.subscriptions.remove_scheduled_changes(id)


def test_what_will_not_renew_takes_no_scheduled_change(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.cancel(id, at_term_end=True)
    with pytest.raises(ValueError, match="will not renew"):
        books.subscriptions.change(id, plan="basic", at_term_end=True)
    future = books.subscriptions.start("ada", start_in_days=3)["id"]
    with pytest.raises(ValueError, match="will not renew"):
        books.subscriptions.change(future, plan="basic", at_term_end=True)
    with pytest.raises(ValueError, match="name a plan or a quantity"):
        books.subscriptions.change(id)
    with pytest.raises(ValueError, match="quantity"):
        books.subscriptions.change(id, quantity=0)


def test_a_cancellation_at_once(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.change(id, plan="basic", at_term_end=True)
    books.told()
    row = books.subscriptions.cancel(id, reason="Too expensive")
    assert (row["status"], row["cancelled_at"]) == ("cancelled", NOW)
    assert row["cancel_reason_code"] == "Too expensive"
    assert row["has_scheduled_changes"] is False
    assert "next_billing_at" not in row
    assert books.told_types() == ["subscription_cancelled"]


def test_a_cancellation_at_term_end_can_be_taken_back(books: Books) -> None:
    started = books.subscriptions.start("ada")
    id = started["id"]
    books.told()
    row = books.subscriptions.cancel(id, at_term_end=True)
    assert (row["status"], row["cancelled_at"]) == ("non_renewing", started["current_term_end"])
    assert "next_billing_at" not in row
    with pytest.raises(ValueError, match="scheduled for cancellation already"):
        books.subscriptions.cancel(id, at_term_end=True)
    kept = books.subscriptions.keep(id)
    assert (kept["status"], kept["next_billing_at"]) == ("active", started["next_billing_at"])
    assert "cancelled_at" not in kept
    assert books.told_types() == [
        "subscription_cancellation_scheduled",
        "subscription_scheduled_cancellation_removed",
    ]
    with pytest.raises(ValueError, match="cannot be kept"):
        books.subscriptions.keep(id)


def test_a_trial_that_is_to_end_stays_a_trial_until_then(books: Books) -> None:
    id = books.subscriptions.start("ada", trial_days=10)["id"]
    with pytest.raises(ValueError, match="not scheduled for cancellation"):
        books.subscriptions.keep(id)
    row = books.subscriptions.cancel(id, at_term_end=True)
    assert (row["status"], row["cancelled_at"]) == ("in_trial", NOW + 10 * DAY)
    kept = books.subscriptions.keep(id)
    assert (kept["status"], kept["next_billing_at"]) == ("in_trial", NOW + 10 * DAY)


def test_a_future_or_paused_subscription_has_no_term_to_end_with(books: Books) -> None:
    future = books.subscriptions.start("ada", start_in_days=3)["id"]
    with pytest.raises(ValueError, match="no term to end with"):
        books.subscriptions.cancel(future, at_term_end=True)
    assert books.subscriptions.cancel(future)["status"] == "cancelled"


def test_a_pause_and_its_end_within_the_term_cost_nothing(books: Books) -> None:
    started = books.subscriptions.start("ada")
    id = started["id"]
    books.told()
    row = books.subscriptions.pause(id, resume_in_days=5)
    assert (row["status"], row["pause_date"]) == ("paused", NOW)
    assert row["resume_date"] == NOW + 5 * DAY
    assert "next_billing_at" not in row
    back = books.subscriptions.resume(id)
    assert (back["status"], back["next_billing_at"]) == ("active", started["next_billing_at"])
    assert {"pause_date", "resume_date"}.isdisjoint(back)
    assert back["activated_at"] == started["activated_at"]
    assert books.told_types() == ["subscription_paused", "subscription_resumed"]


def test_a_pause_beyond_the_term_ends_with_a_new_paid_term(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.pause(id)
    books.later(40 * DAY)
    books.told()
    back = books.subscriptions.resume(id)
    assert back["current_term_start"] == NOW + 40 * DAY
    (resumed, *rest) = books.told()
    assert resumed["content"]["invoice"]["date"] == NOW + 40 * DAY
    assert [event["event_type"] for event in rest] == ["invoice_generated", "payment_succeeded"]


def test_a_paused_one_that_was_to_end_is_to_end_again(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    leaves = books.subscriptions.cancel(id, at_term_end=True)["cancelled_at"]
    books.subscriptions.pause(id)
    row = books.subscriptions.resume(id)
    assert (row["status"], row["cancelled_at"]) == ("non_renewing", leaves)


def test_reactivation_begins_a_new_paid_term(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.cancel(id, reason="Left")
    books.later(100)
    books.told()
    row = books.subscriptions.reactivate(id)
    assert (row["status"], row["activated_at"]) == ("active", NOW + 100)
    assert row["started_at"] == NOW
    assert {"cancelled_at", "cancel_reason_code"}.isdisjoint(row)
    assert books.told_types() == [
        "subscription_reactivated",
        "invoice_generated",
        "payment_succeeded",
    ]


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        ("cancelled", ["pause", "resume", "cancel", "keep", "change"]),
        ("paused", ["pause", "keep", "reactivate", "change"]),
        ("in_trial", ["pause", "resume", "reactivate"]),
        ("future", ["pause", "resume", "keep", "reactivate"]),
        ("active", ["resume", "keep", "reactivate"]),
        ("non_renewing", ["resume", "reactivate"]),
        ("transferred", ["pause", "resume", "cancel", "keep", "reactivate", "change"]),
    ],
)
def test_a_verb_that_the_status_does_not_allow_is_refused(
    books: Books, status: str, refused: list[str]
) -> None:
    id = books.billing.add_subscription("ada", status=status)["id"]
    books.told()
    for verb in refused:
        args = {"quantity": 2} if verb == "change" else {}
        with pytest.raises(ValueError, match=f"subscription {id} is {status} and cannot be"):
            getattr(books.subscriptions, verb)(id, **args)
    assert books.told() == []
    assert books.billing.subscription(id)["status"] == status


def test_scheduled_changes_stand_in_the_way_of_a_pause(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.change(id, quantity=2, at_term_end=True)
    with pytest.raises(ValueError, match="scheduled changes: remove them first"):
        books.subscriptions.pause(id)
    books.subscriptions.remove_scheduled_changes(id)
    with pytest.raises(ValueError, match="resume_in_days"):
        books.subscriptions.pause(id, resume_in_days=0)
    assert books.subscriptions.pause(id)["status"] == "paused"


def test_a_subscription_made_by_hand_has_no_term_to_end(books: Books) -> None:
    id = books.billing.add_subscription("ada")["id"]
    with pytest.raises(ValueError, match="no current term"):
        books.subscriptions.cancel(id, at_term_end=True)


@pytest.mark.parametrize("verb", ["cancel", "keep", "pause", "resume", "reactivate", "change"])
def test_deleted_and_unknown_subscriptions_are_not_found(books: Books, verb: str) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.billing.delete_subscription(id)
    for gone in (id, "sub_nowhere"):
        with pytest.raises(KeyError, match=gone):
            getattr(books.subscriptions, verb)(gone)


def test_the_plans_are_named(books: Books) -> None:
    assert books.subscriptions.plans() == ["basic", "team", "business", "enterprise"]


def test_a_pause_beyond_the_cancellation_ends_with_a_new_paid_term(books: Books) -> None:
    id = books.subscriptions.start("ada")["id"]
    books.subscriptions.cancel(id, at_term_end=True)
    books.subscriptions.pause(id)
    books.later(40 * DAY)
    row = books.subscriptions.resume(id)
    assert (row["status"], row["current_term_start"]) == ("active", NOW + 40 * DAY)
    assert {"cancelled_at", "pause_date", "remaining_billing_cycles"}.isdisjoint(row)
