"""The late `mrr` of subscriptions."""

import pytest

from sandbox.books import NOW, Books


def test_mrr_is_0_at_first_and_follows_late_without_a_time() -> None:
    books = Books()
    row = books.subscriptions.start("ada", quantity=2)
    assert row["mrr"] == 0
    books.told()
    books.later(29)
    assert books.billing.subscription(row["id"])["mrr"] == 0
    books.later(1)
    late = books.billing.subscription(row["id"])
    assert late == row | {"mrr": 9800}
    (event,) = books.told()
    assert (event["event_type"], event["occurred_at"]) == ("mrr_updated", NOW + 30)
    assert event["content"]["subscription"]["mrr"] == 9800
    assert event["source"] == "scheduled_job"


def test_the_delay_is_a_term_of_the_site() -> None:
    books = Books()
    books.sandbox.site.mrr_delay = 300
    id = books.subscriptions.start("ada")["id"]
    books.later(299)
    assert books.billing.subscription(id)["mrr"] == 0
    books.later(1)
    assert books.billing.subscription(id)["mrr"] == 4900


def test_mrr_moves_the_time_where_the_option_says_so() -> None:
    books = Books(mrr_moves=True)
    row = books.subscriptions.start("ada")
    books.later(30)
    late = books.billing.subscription(row["id"])
    assert late["updated_at"] == NOW + 30
    assert late["resource_version"] > row["resource_version"]


def test_a_year_counts_a_twelfth_half_to_even() -> None:
    books = Books()
    id = books.subscriptions.start("ada", plan="basic", unit="year", quantity=3)["id"]
    books.later(30)
    assert books.billing.subscription(id)["mrr"] == 4750
    items = [{"item_price_id": "x", "item_type": "plan", "amount": 30}]
    books.billing.edit_subscription(id, subscription_items=items)
    books.subscriptions.pause(id)
    books.subscriptions.resume(id)
    books.later(30)
    assert books.billing.subscription(id)["mrr"] == 2


def test_charges_do_not_count() -> None:
    books = Books()
    id = books.subscriptions.start("ada")["id"]
    charge = {"item_price_id": "setup-USD", "item_type": "charge", "amount": 777}
    items = [*books.billing.subscription(id)["subscription_items"], charge]
    books.billing.edit_subscription(id, subscription_items=items)
    books.subscriptions.change(id, quantity=2)
    books.later(30)
    assert books.billing.subscription(id)["mrr"] == 9800


@pytest.mark.parametrize(("verb", "keeps"), [("cancel", True), ("pause", False)])
def test_what_is_not_paid_any_more_comes_to_0(verb: str, keeps: bool) -> None:
    books = Books(paused_keeps_mrr=keeps)
    id = books.subscriptions.start("ada")["id"]
    books.later(30)
    getattr(books.subscriptions, verb)(id)
    assert books.billing.subscription(id)["mrr"] == 4900
    books.later(30)
    assert books.billing.subscription(id)["mrr"] == 0


def test_a_trial_has_no_mrr_and_a_deleted_subscription_keeps_its_last() -> None:
    books = Books()
    trial = books.subscriptions.start("ada", trial_days=3)["id"]
    books.subscriptions.change(trial, quantity=5)
    id = books.subscriptions.start("ada")["id"]
    books.billing.delete_subscription(id)
    books.told()
    books.later(30)
    assert "mrr" not in books.billing.subscription(trial)
    assert books.billing.subscription(id)["mrr"] == 0
    assert books.told() == []


def test_an_mrr_that_stays_the_same_is_not_told_of() -> None:
    books = Books()
    id = books.subscriptions.start("ada")["id"]
    books.later(30)
    books.subscriptions.change(id, quantity=1)
    books.told()
    books.later(30)
    assert books.told() == []


def test_a_pause_keeps_the_mrr_and_what_was_changed_just_before_it_counts() -> None:
    books = Books()
    id = books.subscriptions.start("ada")["id"]
    books.later(30)
    books.subscriptions.change(id, quantity=2)
    books.subscriptions.pause(id)
    books.later(30)
    assert books.billing.subscription(id)["mrr"] == 9800
    books.told()
    books.subscriptions.resume(id)
    books.later(30)
    assert books.told_types() == ["subscription_resumed"]


@pytest.mark.parametrize("keeps", [True, False])
def test_paused_subscriptions_of_the_sample_data_go_by_the_same_option(keeps: bool) -> None:
    books = Books(customers=250, paused_keeps_mrr=keeps)
    paused = [row for row in books.billing.subscriptions() if row["status"] == "paused"]
    assert any(row.get("mrr") for row in paused) is keeps
