"""The two forms of the product catalog: rows are kept as items, and told as a call wants them.

Product Catalog 1.0 has plans and addons, 2.0 items and item prices; a site that was moved from 1.0
("coexistence") answers in either form, or in both at once (fact sheet 10).
"""

from typing import Any, Literal, cast

from ..messages import Row
from .errors import wrong
from .site import Catalog

Form = Literal["plans_addons", "items", "compat"]
FORMS: tuple[Form, ...] = ("plans_addons", "items", "compat")
HEADER = "chargebee-response-schema-type"
PLANS: tuple[Catalog, ...] = ("v1", "coexistence")
"""The sites that know plans and addons."""
ITEMS: tuple[Catalog, ...] = ("v2", "coexistence")
"""The sites that know items and item prices."""
_ITEM_ATTRIBUTES = ("subscription_items", "item_tiers", "charged_items")
_ENTITIES = {
    "plan_item_price": "plan",
    "addon_item_price": "addon",
    "charge_item_price": "addon",
}


def form_of(catalog: Catalog, asked: str | None) -> Form:
    """The form of an answer. Only a site in coexistence looks at what is asked for.

    Raises Refused (400) there for a form that does not exist; the usual one is compat.
    """
    if catalog != "coexistence":
        return "plans_addons" if catalog == "v1" else "items"
    if asked is None:
        return "compat"
    if asked not in FORMS:
        raise wrong(HEADER, f"takes one of {', '.join(FORMS)}")
    return asked


def plan_of(subscription: Row) -> Row:
    """The plan among the items of a subscription; an empty row where there is none."""
    items = cast(list[Row], subscription.get("subscription_items", []))
    plans = [item for item in items if item["item_type"] == "plan"]
    return plans[0] if plans else {}


def subscription_in(form: Form, row: Row) -> Row:
    """A subscription in a form; in compat it has the attributes of both."""
    if form == "items":
        return row
    rest = row if form == "compat" else _without(row, _ITEM_ATTRIBUTES)
    return rest | _plan(row) | _addons(row)


def invoice_in(form: Form, row: Row) -> Row:
    """An invoice in a form. A line can have but one entity type: in compat that of items (ours)."""
    if form != "plans_addons" or "line_items" not in row:
        return row
    return row | {"line_items": [_line(line) for line in row["line_items"]]}


def content_in(form: Form, content: Row) -> Row:
    """The content of an event, each resource in a form."""
    told = dict(content)
    if "subscription" in content:
        told["subscription"] = subscription_in(form, content["subscription"])
    if "subscriptions" in content:
        told["subscriptions"] = [subscription_in(form, row) for row in content["subscriptions"]]
    if "invoice" in content:
        told["invoice"] = invoice_in(form, content["invoice"])
    return told


def _line(line: Row) -> Row:
    kind = line.get("entity_type")
    return line | {"entity_type": _ENTITIES[kind]} if kind in _ENTITIES else line


def _plan(row: Row) -> Row:
    plan = plan_of(row)
    if not plan:
        return {}
    told = {
        "plan_id": plan["item_price_id"],
        "plan_quantity": plan.get("quantity", 1),
        "plan_unit_price": plan.get("unit_price"),
        "plan_amount": plan.get("amount"),
        "plan_free_quantity": 0,
    }
    return {name: value for name, value in told.items() if value is not None}


def _addons(row: Row) -> Row:
    """Addons recur; a charge is an addon of 1.0 that is charged once, at an event."""
    items = cast(list[Row], row.get("subscription_items", []))
    addons = [_addon(item) for item in items if item["item_type"] == "addon"]
    charges = [_charge(item) for item in items if item["item_type"] == "charge"]
    told = {"addons": addons, "event_based_addons": charges}
    return {name: found for name, found in told.items() if found}


def _addon(item: Row) -> Row:
    kept = {name: item[name] for name in ("quantity", "unit_price", "amount") if name in item}
    return {"id": item["item_price_id"]} | kept | {"object": "addon"}


def _charge(item: Row) -> Row:
    kept: dict[str, Any] = {name: item[name] for name in ("quantity", "unit_price") if name in item}
    more = {"on_event": "subscription_activation", "charge_once": True}
    return {"id": item["item_price_id"]} | kept | more | {"object": "event_based_addon"}


def _without(row: Row, names: tuple[str, ...]) -> Row:
    return {name: value for name, value in row.items() if name not in names}
