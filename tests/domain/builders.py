"""Records for tests: each builder needs only what the test is about."""

from typing import Any

from chargepipe.domain.mapping import SiteFacts
from chargepipe.domain.records import Customer, Invoice, Subscription
from chargepipe.domain.settings import Settings, check
from chargepipe.domain.targets import OrganizationTarget, PersonTarget

ZERO_DECIMAL = ("JPY",)
SITE = SiteFacts(site="acme", base_currency=None, default_currency="USD")


def customer(id: str = "c1", **attributes: Any) -> Customer:
    return Customer.parse({"id": id, **attributes})


def subscription(id: str = "s1", **attributes: Any) -> Subscription:
    row = {"id": id, "customer_id": "c1", "status": "active", "currency_code": "EUR"}
    return Subscription.parse({**row, **attributes})


def invoice(id: str = "i1", **attributes: Any) -> Invoice:
    return Invoice.parse({"id": id, "customer_id": "c1", **attributes})


def plan(amount: int, price: str = "pro-eur") -> dict[str, Any]:
    return {"item_price_id": price, "item_type": "plan", "amount": amount}


def settings(**chosen: Any) -> Settings:
    return check(Settings, chosen)


def person(name: str = "Jane Doe", **parts: Any) -> PersonTarget:
    row: dict[str, Any] = {
        "email": None,
        "phone": None,
        "country": None,
        "organization": None,
        "organization_name": None,
        "fields": {},
    }
    return PersonTarget(name, **{**row, **parts})


def organization(key: str = "acme", name: str = "Acme", **fields: Any) -> OrganizationTarget:
    return OrganizationTarget(key, name, fields)
