"""Events as they are told, in the form that was recorded."""

import json
from pathlib import Path

import pytest

from sandbox.books import Books, Json

SAMPLES = Path(__file__).parents[3] / "shared" / "specs" / "samples" / "chargebee-webhooks"


def every_verb() -> list[Json]:
    """The events of a site on which each verb was used once."""
    books = Books()
    heard: list[Json] = []
    books.billing.listeners.append(heard.append)
    books.billing.edit_customer("ada", first_name="Ada")
    books.customers.move_out("ada")
    books.customers.move_in(id="bob")
    start, change = books.subscriptions.start, books.subscriptions.change
    id = start("ada")["id"]
    change(id, quantity=2)
    change(id, quantity=3, at_term_end=True)
    books.subscriptions.remove_scheduled_changes(id)
    books.subscriptions.cancel(id, at_term_end=True)
    books.subscriptions.keep(id)
    books.subscriptions.pause(id)
    books.subscriptions.resume(id)
    books.subscriptions.cancel(id)
    books.subscriptions.reactivate(id)
    start("ada", start_in_days=1, trial_days=3)
    start("ada", trial_days=3)
    books.pass_days(40)
    books.billing.delete_subscription(id)
    invoice = books.invoices.raise_for("ada", 100)["id"]
    books.invoices.pay(invoice)
    books.invoices.refund(invoice, 10)
    books.invoices.delete(invoice)
    books.customers.delete("bob")
    books.later(300)
    return heard


def test_a_listener_hears_each_event_once_it_is_kept() -> None:
    books = Books()
    seen: list[tuple[str, bool]] = []
    shelf = books.billing.shelves["event"]
    books.billing.listeners.append(
        lambda event: seen.append((event["event_type"], shelf.find(event["id"]) is event))
    )
    books.billing.edit_customer("ada", company="x")
    books.subscriptions.start("ada", trial_days=1)
    assert seen == [("customer_changed", True), ("subscription_created", True)]


def test_each_event_holds_what_the_recorded_one_of_its_type_holds() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the recorded samples (../shared/specs/samples) are not here")
    recorded = {path.stem: json.loads(path.read_text()) for path in SAMPLES.glob("*.json")}
    compared = set()
    for event in every_verb():
        sample = recorded.get(event["event_type"])
        if sample is None:
            continue
        compared.add(event["event_type"])
        wanted, held = set(sample["content"]), set(event["content"])
        optional = {"invoice", "subscription"}  # where nothing is billed, or no subscription is
        assert held - wanted <= optional, event["event_type"]
        assert wanted - held <= optional, event["event_type"]
    assert len(compared) >= 22


def test_every_event_is_json_with_whole_snapshots() -> None:
    events = every_verb()
    assert len({event["id"] for event in events}) == len(events)
    for event in events:
        json.dumps(event)
        for name, resource in event["content"].items():
            for row in resource if isinstance(resource, list) else [resource]:
                assert row["object"] == name.removesuffix("s")
                assert "id" in row
                assert None not in row.values()
