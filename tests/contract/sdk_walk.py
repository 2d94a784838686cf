"""Chargebee's official Python SDK, as it is, walks every simulated endpoint of Chargebee.

Two settings point it at the sandbox (fact sheet 1 of Chargebee): nothing of it is patched.
"""

import base64
import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

import chargebee
from chargepipe.sandbox import Sandbox
from contract.sdk_listings import listings, older_listings
from contract.sdk_lists import Row, walk_pages, walk_parameters
from contract.walks import APP, Served
from served import HANGS

Sdk = chargebee.Chargebee


@dataclass(frozen=True)
class Keyed:
    """The SDK with the reading key and with the one for everything, and what they talk to."""

    at: Served
    reading: Sdk
    full: Sdk

    @property
    def sandbox(self) -> Sandbox:
        return self.at.sandbox


def open_sdk(at: Served) -> Keyed:
    """The SDK on a served sandbox."""
    Sdk.verify_ca_certs = False  # else it speaks TLS to any port
    made: list[Sdk] = []
    for key in (at.sandbox.chargebee_key, at.sandbox.chargebee_full_key):
        made.append(Sdk(api_key=key, site="acme", protocol="http"))
        made[-1].env.api_endpoint = f"{at.chargebee}/api/v2"
    return Keyed(at, *made)


def prepare(sandbox: Sandbox) -> dict[str, Row]:
    """Let the site have something of everything; the rows by what they stand for."""
    customers, subscriptions, invoices = (
        sandbox.customers,
        sandbox.subscriptions,
        sandbox.invoices,
    )
    contact = {"id": "contact_1", "first_name": "Mia", "email": "mia@walk.example"}
    kept = sandbox.billing.add_customer(
        first_name="Ada", company="Walk", cf_tier="gold", contacts=[contact | {"object": "contact"}]
    )
    subscription = subscriptions.start(kept["id"], plan=subscriptions.plans()[0])
    subscriptions.change(subscription["id"], quantity=3, at_term_end=True)
    invoice = invoices.raise_for(kept["id"], 5000)
    invoices.pay(invoice["id"])
    invoices.refund(invoice["id"], 1000)
    moved = customers.transfer(sandbox.billing.add_customer(first_name="Bo")["id"], "be_emea")
    gone = sandbox.billing.add_customer(first_name="Cy")
    customers.move_out(gone["id"])
    sandbox.billing.delete_customer(sandbox.billing.add_customer(first_name="Di")["id"])
    other = subscriptions.start(moved["id"])
    return {"customer": kept, "subscription": subscription, "other": other}


def configurations(keyed: Keyed, _: dict[str, Row]) -> None:
    found = keyed.reading.Configuration.list().configurations
    assert [(one.domain, one.product_catalog_version) for one in found] == [
        (keyed.sandbox.site.domain, "v2")
    ]


def lists(keyed: Keyed, _: dict[str, Row]) -> None:
    for listing in listings(keyed.reading).values():
        assert walk_pages(listing, 7) == walk_pages(listing, 100)
        walk_parameters(listing)


def records(keyed: Keyed, _: dict[str, Row]) -> None:
    """What lists and single answers give is what the site holds."""
    sdk, billing = keyed.reading, keyed.sandbox.billing
    for path, ask, held in (
        ("/customers", sdk.Customer, billing.customer),
        ("/subscriptions", sdk.Subscription, billing.subscription),
        ("/invoices", sdk.Invoice, billing.invoice),
    ):
        listing = listings(sdk)[path]
        living = {row["id"] for row in getattr(billing, path[1:])() if not row["deleted"]}
        rows = walk_pages(listing, 100)
        assert {row["id"] for row in rows} == living
        for row in [*rows[:3], *rows[-3:]]:
            one = getattr(ask.retrieve(row["id"]), listing.kind)
            assert one.raw_data == row == held(row["id"])
            assert one.updated_at == row["updated_at"]


def others(keyed: Keyed, made: dict[str, Row]) -> None:
    """Single answers of what is no customer, subscription or invoice."""
    sdk = keyed.reading
    for path, ask in (
        ("/events", sdk.Event),
        ("/credit_notes", sdk.CreditNote),
        ("/items", sdk.Item),
        ("/item_prices", sdk.ItemPrice),
        ("/currencies/list", sdk.Currency),
    ):
        listing = listings(sdk)[path]
        row = listing.rows()[0]
        id = row.get("id") or row["currency_code"]
        assert getattr(ask.retrieve(id), listing.kind).raw_data == row
    contacts = sdk.Customer.contacts_for_customer(made["customer"]["id"]).list
    assert [entry.contact.email for entry in contacts] == ["mia@walk.example"]
    planned = sdk.Subscription.retrieve_with_scheduled_changes(made["subscription"]["id"])
    assert planned.subscription.subscription_items[0].quantity == 3
    assert planned.customer.id == made["customer"]["id"]


def older_catalog(keyed: Keyed, _: dict[str, Row]) -> None:
    sdk, site = keyed.reading, keyed.sandbox.site
    site.catalog = "v1"
    try:
        for listing in older_listings(sdk).values():
            walk_parameters(listing)
        plan = older_listings(sdk)["/plans"].rows()[0]
        addon = older_listings(sdk)["/addons"].rows()[0]
        assert sdk.Plan.retrieve(plan["id"]).plan.price == plan["price"]
        assert sdk.Addon.retrieve(addon["id"]).addon.name == addon["name"]
    finally:
        site.catalog = "v2"


def webhook_endpoints(keyed: Keyed, _: dict[str, Row]) -> None:
    ask = keyed.full.WebhookEndpoint
    params: Any = {
        "name": "Walk",
        "url": APP["hook"],
        "api_version": "v2",
        "basic_auth_username": "walk",
        "basic_auth_password": "secret",
        "enabled_events": ["customer_changed", "invoice_generated"],
    }
    made = ask.create(params).webhook_endpoint
    assert (made.name, made.url, made.disabled) == ("Walk", APP["hook"], False)
    assert ask.update(made.id, {"name": "Walked", "disabled": True}).webhook_endpoint.disabled
    assert ask.retrieve(made.id).webhook_endpoint.name == "Walked"
    assert [entry.webhook_endpoint.id for entry in ask.list().list] == [made.id]
    with pytest.raises(chargebee.APIError) as refused:
        keyed.reading.WebhookEndpoint.delete(made.id)
    assert refused.value.http_status_code == 403
    assert ask.delete(made.id).webhook_endpoint.id == made.id
    assert not ask.list().list


def errors(keyed: Keyed, made: dict[str, Row]) -> None:
    """The SDK reads the errors as its own."""
    sdk = keyed.reading
    with pytest.raises(chargebee.InvalidRequestError) as missing:
        sdk.Customer.retrieve("nobody")
    assert missing.value.api_error_code == "resource_not_found"
    with pytest.raises(chargebee.InvalidRequestError) as wrong:
        sdk.Customer.list({"limit": 101})
    assert wrong.value.param == "limit"
    with pytest.raises(chargebee.InvalidRequestError):
        sdk.Subscription.retrieve_with_scheduled_changes(made["other"]["id"])


def custom_field_configs(keyed: Keyed, _: dict[str, Row]) -> None:
    """By plain HTTP; endpoints.py says why."""
    url = f"{keyed.at.chargebee}/api/v2/custom_field_configs?entity_type=customer&limit=100"
    key = base64.b64encode(f"{keyed.sandbox.chargebee_key}:".encode()).decode()
    request = urllib.request.Request(url, headers={"authorization": f"Basic {key}"})
    with urllib.request.urlopen(request, timeout=HANGS) as answer:
        found = json.load(answer)["list"]
    assert "cf_tier" in {entry["custom_field_config"]["api_name"] for entry in found}


STEPS = (
    *(configurations, lists, records, others, older_catalog, webhook_endpoints, errors),
    custom_field_configs,
)
