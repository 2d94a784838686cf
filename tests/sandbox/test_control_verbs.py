"""Every verb that is allowed can be called with plain JSON, and answers plain JSON."""

from collections.abc import Callable
from typing import Any

import pytest

from chargepipe.sandbox.allowed import ALLOWED
from sandbox import app
from sandbox.line import Json, Line

URL = "http://127.0.0.1/_sandbox/call"


class Desk:
    """A sandbox with one fresh record of each kind, and calls over the control path."""

    def __init__(self) -> None:
        self.line = Line(customers=5, plan="growth")
        held = self.line.sandbox
        self.customer = self.call("billing.add_customer", email="ada@example.com")["id"]
        self.other = self.call("billing.add_customer", id="other")["id"]
        self.sub = self.call("subscriptions.start", customer_id=self.customer)["id"]
        self.due = self.call("invoices.raise_for", customer_id=self.customer, amount=500)["id"]
        self.paid = self.call("invoices.raise_for", customer_id=self.customer, amount=500)["id"]
        self.call("invoices.pay", id=self.paid)
        self.person, self.twin = (held.crm.add_person(name=name)["id"] for name in ("Ada", "Twin"))
        self.firm, self.firm2 = (held.crm.add_organization(name=name)["id"] for name in "ab")
        self.deal, self.deal2 = (held.crm.add_deal(title=title)["id"] for title in "cd")
        options = [{"label": "Gold"}, {"label": "Silver"}]
        field = {"field_name": "Tier", "field_type": "enum", "options": options}
        self.field = self.call("crm.add_field", entity="person", **field)

    def call(self, name: str, /, **args: Any) -> Any:
        target, _, method = name.partition(".")
        call = {"target": target, "method": method, "args": args}
        answer = self.line.send("pipedrive", "POST", URL, json=call, headers={})
        assert answer.status_code == 200, (name, answer.text)
        return answer.json()["result"]


def _cancelled(desk: Desk) -> Json:
    return {"id": desk.call("subscriptions.cancel", id=desk.sub)["id"]}


def _leaving(desk: Desk) -> Json:
    return {"id": desk.call("subscriptions.cancel", id=desk.sub, at_term_end=True)["id"]}


def _changing(desk: Desk) -> Json:
    change = {"plan": "business", "at_term_end": True}
    return {"id": desk.call("subscriptions.change", id=desk.sub, **change)["id"]}


def _paused(desk: Desk) -> Json:
    return {"id": desk.call("subscriptions.pause", id=desk.sub)["id"]}


def _without_subscriptions(desk: Desk) -> Json:
    _cancelled(desk)
    return {"id": desk.customer}


def _archived(desk: Desk) -> Json:
    desk.call("crm.archive_deal", id=desk.deal)
    return {"id": desk.deal}


def _option(desk: Desk) -> Json:
    return _field(desk) | {"option_id": desk.field["options"][0]["id"]}


def _field(desk: Desk) -> Json:
    return {"entity": "person", "code": desk.field["field_code"]}


def _installed(desk: Desk) -> Json:
    app.install(desk.line)
    return {}


Args = Callable[[Desk], Json]


def _id(name: str, /, **more: Any) -> Args:
    return lambda desk: {"id": getattr(desk, name), **more}


def _pair(loser: str, winner: str) -> Args:
    return lambda desk: {"loser": getattr(desk, loser), "winner": getattr(desk, winner)}


CALLS: dict[str, Args] = {
    "billing.customer": _id("customer"),
    "billing.add_customer": lambda _: {"company": "New"},
    "billing.edit_customer": _id("customer", company="New"),
    "billing.delete_customer": _id("customer"),
    "billing.subscription": _id("sub"),
    "billing.add_subscription": lambda desk: {"customer_id": desk.customer},
    "billing.edit_subscription": _id("sub", mrr=1),
    "billing.delete_subscription": _id("sub"),
    "billing.invoice": _id("due"),
    "billing.add_invoice": lambda desk: {"customer_id": desk.customer},
    "billing.edit_invoice": _id("due", amount_due=1),
    "billing.delete_invoice": _id("due"),
    "billing.edit_mrr": lambda desk: {"subscription_id": desk.sub, "mrr": 1},
    "billing.search": lambda _: {"text": "ada", "limit": 1},
    "customers.clear_personal_data": _without_subscriptions,
    "customers.merge": lambda desk: {"from_id": desk.customer, "to_id": desk.other},
    "customers.move_out": _id("customer"),
    "customers.move_in": lambda _: {"email": "moved@example.com"},
    "customers.transfer": _id("customer", business_entity_id="be_emea"),
    "customers.delete": _id("customer"),
    "subscriptions.start": lambda desk: {"customer_id": desk.customer, "currency": "EUR"},
    "subscriptions.change": _id("sub", quantity=2),
    "subscriptions.remove_scheduled_changes": _changing,
    "subscriptions.cancel": _id("sub", reason="too_expensive"),
    "subscriptions.keep": _leaving,
    "subscriptions.pause": _id("sub", resume_in_days=3),
    "subscriptions.resume": _paused,
    "subscriptions.reactivate": _cancelled,
    "subscriptions.plans": lambda _: {},
    "invoices.raise_for": lambda desk: {
        "customer_id": desk.customer,
        "amount": 100,
        "subscription_ids": [desk.sub],
    },
    "invoices.pay": _id("due"),
    "invoices.void": _id("due"),
    "invoices.refund": _id("paid", amount=100),
    "invoices.credit": _id("due", amount=100),
    "invoices.write_off": _id("due"),
    "invoices.delete": _id("due"),
    "crm.person": _id("person"),
    "crm.add_person": lambda _: {"name": "New"},
    "crm.edit_person": _id("person", name="New"),
    "crm.delete_person": _id("person"),
    "crm.merge_persons": _pair("person", "twin"),
    "crm.organization": _id("firm"),
    "crm.add_organization": lambda _: {"name": "New"},
    "crm.edit_organization": _id("firm", name="New"),
    "crm.delete_organization": _id("firm"),
    "crm.merge_organizations": _pair("firm", "firm2"),
    "crm.deal": _id("deal"),
    "crm.deals": lambda _: {},
    "crm.add_deal": lambda _: {"title": "New", "value": 5},
    "crm.edit_deal": _id("deal", value=7),
    "crm.delete_deal": _id("deal"),
    "crm.merge_deals": _pair("deal", "deal2"),
    "crm.win_deal": _id("deal"),
    "crm.lose_deal": _id("deal", reason="price"),
    "crm.reopen_deal": _id("deal"),
    "crm.move_deal": _id("deal", stage_id=2),
    "crm.archive_deal": _id("deal"),
    "crm.unarchive_deal": _archived,
    "crm.add_products": _id("deal", amounts=[10, 20.5]),
    "crm.remove_products": _id("deal"),
    "crm.hide": _id("person", kind="person"),
    "crm.show": _id("person", kind="person"),
    "crm.search": lambda _: {"text": "ada", "limit": 1},
    "crm.add_field": lambda _: {"entity": "deal", "field_name": "X", "field_type": "text"},
    "crm.rename_field": lambda desk: _field(desk) | {"name": "Level"},
    "crm.delete_field": _field,
    "crm.add_option": lambda desk: _field(desk) | {"label": "Bronze"},
    "crm.delete_option": _option,
    "crm.forbid": lambda _: {"permission": "can_add_people"},
    "crm.allow": lambda _: {"permission": "can_add_people"},
    "near.of": _id("person", kind="person"),
    "apps.register": lambda _: {"scopes": ["contacts:read"]},
    "apps.uninstall": _installed,
    "apps.revoke": lambda _: {},
    "site.set": lambda _: {"live": True},
    "company.set": lambda _: {"seats": 2},
    "outbox.set": lambda _: {"twice": True},
    "faults.add": lambda _: {"service": "chargebee", "status": 429},
    "faults.clear": lambda _: {},
    "clock.travel": lambda _: {"seconds": 60},
}


def test_each_allowed_verb_has_its_test() -> None:
    allowed = {f"{target}.{method}" for target, methods in ALLOWED.items() for method in methods}
    assert set(CALLS) == allowed


@pytest.mark.parametrize("name", list(CALLS))
def test_the_verb_can_be_called(name: str) -> None:
    desk = Desk()
    desk.call(name, **CALLS[name](desk))
    assert desk.line.send("pipedrive", "GET", f"{URL[:-4]}state", headers={}).status_code == 200


def test_what_a_verb_does_is_done() -> None:
    desk = Desk()
    held = desk.line.sandbox
    desk.call("crm.win_deal", id=desk.deal)
    desk.call("crm.forbid", permission="can_add_people")
    desk.call("subscriptions.cancel", id=desk.sub)
    desk.call("near.of", kind="organization", id=desk.firm)
    assert held.crm.deal(desk.deal)["status"] == "won"
    assert not held.crm.may("can_add_people")
    assert held.billing.subscription(desk.sub)["status"] == "cancelled"


def test_near_finds_the_persons_and_deals_of_a_record() -> None:
    desk = Desk()
    desk.call("crm.edit_person", id=desk.person, org_id=desk.firm)
    desk.call("crm.edit_deal", id=desk.deal, person_id=desk.person)
    firm = desk.call("near.of", kind="organization", id=desk.firm)
    person = desk.call("near.of", kind="person", id=desk.person)
    assert [row["id"] for row in firm["persons"]] == [desk.person]
    assert [row["id"] for row in person["deals"]] == [desk.deal]
    assert [row["id"] for row in person["organizations"]] == [desk.firm]
    deal = desk.call("near.of", kind="deal", id=desk.deal)
    assert [row["id"] for row in deal["persons"]] == [desk.person]
    assert deal["deals"] == []
