"""What the site sells: items and item prices of Product Catalog 2.0, plans and addons of 1.0.

A plan or addon of 1.0 has the id of its item price, as on a site that was moved from 1.0.
"""

from collections.abc import Iterator

from ..data.customers import CURRENCIES
from ..data.draw import START
from ..data.subscriptions import PLANS, ZERO_DECIMAL
from ..messages import Row

UNITS = ("month", "year")
FAMILY = "software"
_TIMES: Row = {"updated_at": START, "resource_version": START * 1000}
_LIVE: Row = {"status": "active", "channel": "web"}
_ADDONS = (("support", "addon", 1225), ("setup", "charge", 2450))


def items() -> list[Row]:
    """The rows of GET /items."""
    named = [(name, "plan") for name, _ in PLANS] + [(name, kind) for name, kind, _ in _ADDONS]
    return [_item(name, kind) for name, kind in named]


def item_prices() -> list[Row]:
    """The rows of GET /item_prices: one for each item, currency and, but for charges, unit."""
    return list(_prices())


def plans() -> list[Row]:
    """The rows of GET /plans."""
    return [_plan(price) for price in _prices() if price["item_type"] == "plan"]


def addons() -> list[Row]:
    """The rows of GET /addons: those that recur, and charges, which do not."""
    return [_addon(price) for price in _prices() if price["item_type"] != "plan"]


def _prices() -> Iterator[Row]:
    sold = [(name, "plan", price) for name, price in PLANS] + list(_ADDONS)
    for name, kind, price in sold:
        for currency in CURRENCIES:
            if kind == "charge":
                yield _price(name, kind, currency, None, price)
                continue
            for unit in UNITS:
                yield _price(name, kind, currency, unit, price)


def _item(name: str, kind: str) -> Row:
    row: Row = {
        "id": name,
        "name": name,
        "external_name": name.capitalize(),
        "item_family_id": FAMILY,
        "type": kind,
        "is_shippable": False,
        "is_giftable": False,
        "enabled_for_checkout": True,
        "enabled_in_portal": True,
        "included_in_mrr": kind != "charge",
        "item_applicability": "all",
        "metered": False,
        "object": "item",
    }
    return row | _LIVE | _TIMES


def _price(name: str, kind: str, currency: str, unit: str | None, price: int) -> Row:
    price = price * (10 if unit == "year" else 1)
    price = price * 110 // 100 if currency in ZERO_DECIMAL else price
    price_id = f"{name}-{currency}" + (f"-{unit}ly" if unit else "")
    row: Row = {
        "id": price_id,
        "name": price_id.replace("-", " "),
        "external_name": name.capitalize(),
        "item_id": name,
        "item_family_id": FAMILY,
        "item_type": kind,
        "pricing_model": "per_unit",
        "price": price,
        "currency_code": currency,
        "free_quantity": 0,
        "is_taxable": True,
        "created_at": START,
        "object": "item_price",
    }
    period: Row = {"period": 1, "period_unit": unit} if unit else {}
    return row | period | _LIVE | _TIMES


def _plan(price: Row) -> Row:
    more: Row = {
        "charge_model": "per_unit",
        "addon_applicability": "all",
        "giftable": False,
        "is_shippable": False,
        "taxable": True,
        "enabled_in_hosted_pages": True,
        "enabled_in_portal": True,
        "object": "plan",
    }
    return _shared(price) | {"free_quantity": 0} | more


def _addon(price: Row) -> Row:
    recurs = price["item_type"] == "addon"
    more: Row = {
        "type": "quantity",
        "charge_type": "recurring" if recurs else "non_recurring",
        "is_shippable": False,
        "taxable": True,
        "enabled_in_portal": True,
        "included_in_mrr": recurs,
        "object": "addon",
    }
    once: Row = {} if recurs else {"period_unit": "not_applicable"}
    return _shared(price) | once | more


def _shared(price: Row) -> Row:
    """What a plan or addon has in common with its item price."""
    names = (
        *("id", "name", "pricing_model", "price", "currency_code", "period", "period_unit"),
        *("status", "channel", "updated_at", "resource_version"),
    )
    named: Row = {"invoice_name": price["external_name"]}
    return {name: price[name] for name in names if name in price} | named
