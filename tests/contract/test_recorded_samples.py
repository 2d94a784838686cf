"""Recorded payloads: our parser reads them, they fit the description, ours look like them."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from chargepipe.domain.records import Customer, Invoice, Kind, Subscription
from chargepipe.sandbox import Sandbox
from contract.descriptions import component, needed
from contract.events import component_name, content_complaints
from contract.operations import complaints
from contract.relaxed import UNNAMED
from contract.samples import recorded_events, resources, samples
from virtual_time import VirtualClock

PARSERS: dict[Kind, Callable[[dict[str, Any]], Any]] = {
    "customer": Customer.parse,
    "subscription": Subscription.parse,
    "invoice": Invoice.parse,
}
DAY = 86_400.0
AT_TIMES = {"invoice", "subscription"}
"""In an event's content where there is one: an invoice where it was billed at once (the recorded
subscription_created was of a future one), the subscription where the invoice is of one."""


def test_every_recorded_resource_is_read_by_our_parser() -> None:
    read: Counter[str] = Counter()
    for payload in samples().values():
        for kind, row in resources(payload):
            if kind in PARSERS:
                record = PARSERS[kind](row)
                assert (record.id, record.resource_version) == (row["id"], row["resource_version"])
                read[kind] += 1
    assert all(read[kind] > 10 for kind in PARSERS), read


def test_every_recorded_payload_fits_the_closed_description() -> None:
    needed()
    found: list[str] = []
    for payload in samples().values():
        for kind, row in resources(payload):
            found += complaints(component(component_name(kind)), row, kind)
    for event in recorded_events().values():
        found += [*complaints(component("Event"), event, "event"), *content_complaints(event)]
    assert found == []


@pytest.mark.parametrize("name", [f"{part}.{each}" for part in UNNAMED for each in UNNAMED[part]])
def test_each_attribute_without_a_description_was_recorded(name: str) -> None:
    part, _, attribute = name.partition(".")
    rows = [row for payload in samples().values() for row in resources(payload)]
    assert any(component_name(kind) == part and attribute in row for kind, row in rows)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """A site on which something of everything has happened."""
    clock = VirtualClock()
    made = Sandbox(customers=10, now=clock.timestamp)
    happen(made)
    for _ in range(40):
        made.travel(DAY)
    return made


def happen(made: Sandbox) -> None:
    ask, bill = made.subscriptions, made.invoices
    ada = made.billing.add_customer(first_name="Ada", email="ada@new.example")["id"]
    made.billing.edit_customer(ada, first_name="Bo")
    one = ask.start(ada)["id"]
    ask.change(one, quantity=2)
    ask.change(one, quantity=3, at_term_end=True)
    ask.remove_scheduled_changes(one)
    ask.cancel(one, at_term_end=True)
    ask.keep(one)
    ask.pause(one)
    ask.resume(one)
    ask.cancel(one)
    ask.reactivate(one)
    ask.start(ada, trial_days=5)
    ask.start(ada, start_in_days=5)
    made.billing.delete_subscription(ask.start(ada)["id"])
    ask.start(ada, trial_days=5, start_in_days=5)
    paid = bill.raise_for(ada, 5000, subscription_ids=[one])["id"]
    bill.pay(paid)
    bill.refund(paid, 1000)
    bill.void(bill.raise_for(ada, 100)["id"])
    bill.delete(bill.raise_for(ada, 100)["id"])
    made.customers.move_in(first_name="Cy")
    made.customers.move_out(made.billing.add_customer(first_name="Di")["id"])
    gone = made.billing.add_customer(first_name="Eve")["id"]
    ask.start(gone)
    made.customers.delete(gone)


def test_our_events_hold_the_resources_of_the_recorded_ones(sandbox: Sandbox) -> None:
    ours: dict[str, set[frozenset[str]]] = defaultdict(set)
    for event in sandbox.billing.events():
        ours[event["event_type"]].add(frozenset(event["content"]))
    recorded = {name: frozenset(event["content"]) for name, event in recorded_events().items()}
    shared = ours.keys() & recorded.keys()
    assert [name for name in shared if recorded[name] not in ours[name]] == []
    others = {name: [each ^ recorded[name] for each in ours[name]] for name in shared}
    assert [name for name, held in others.items() if not frozenset().union(*held) <= AT_TIMES] == []
    assert len(shared) >= 25, sorted(recorded.keys() - shared)


def test_our_events_hold_the_attributes_of_the_recorded_ones(sandbox: Sandbox) -> None:
    always = set.intersection(*(set(event) for event in recorded_events().values()))
    ever = set.union(*(set(event) for event in recorded_events().values()))
    for event in sandbox.billing.events():
        assert always <= set(event) <= ever, event["event_type"]
