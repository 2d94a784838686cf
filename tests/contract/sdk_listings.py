"""The lists of Chargebee that the sandbox has, as the official SDK calls them."""

from typing import Any

from chargebee import Chargebee as Sdk
from contract.sdk_lists import Listing, Row


def listings(sdk: Sdk) -> dict[str, Listing]:
    """The lists of a site with items, by path."""
    entities, named = ("created_at", "updated_at"), ("name", "id", "updated_at")
    levels = tuple(f"include_site_level_resources[{op}]" for op in ("is", "is_present"))
    return _by_path(
        Listing(
            "/customers",
            sdk.Customer.list,
            "customer",
            orders=entities,
            nested=tuple(f"relationship[{name}_id][{op}]" for name in _ROLES for op in _TEXT),
            renamed=_ENTITY | {f"relationship[{name}_id]": _related(name) for name in _ROLES},
            without=("relationship",),
        ),
        Listing(
            "/subscriptions",
            sdk.Subscription.list,
            "subscription",
            orders=entities,
            renamed=_ENTITY | {"item_id": _item, "item_price_id": _price},
            without=_PLAN_FILTERS,
        ),
        Listing(
            "/invoices",
            sdk.Invoice.list,
            "invoice",
            orders=("date", "updated_at"),
            without=("einvoice",),
        ),
        Listing(
            "/credit_notes",
            sdk.CreditNote.list,
            "credit_note",
            orders=("date",),
            without=("einvoice",),
        ),
        Listing("/events", sdk.Event.list, "event", orders=("occurred_at",)),
        Listing(
            "/items",
            sdk.Item.list,
            "item",
            orders=named,
            without=("bundle_configuration", *levels),
        ),
        Listing("/item_prices", sdk.ItemPrice.list, "item_price", orders=named, without=levels),
        Listing("/currencies/list", sdk.Currency.list, "currency"),
        Listing("/webhook_endpoints", sdk.WebhookEndpoint.list, "webhook_endpoint"),
        Listing("/site_migration_details", sdk.SiteMigrationDetail.list, "site_migration_detail"),
        Listing(
            "/business_entities/transfers",
            sdk.BusinessEntity.get_transfers,
            "business_entity_transfer",
            orders=("created_at",),
        ),
    )


def older_listings(sdk: Sdk) -> dict[str, Listing]:
    """The lists that differ on a site with plans and addons, by path."""
    return _by_path(
        Listing("/plans", sdk.Plan.list, "plan"),
        Listing("/addons", sdk.Addon.list, "addon"),
        Listing("/subscriptions", sdk.Subscription.list, "subscription", alone=_PLAN_FILTERS),
    )


def _by_path(*made: Listing) -> dict[str, Listing]:
    return {listing.path: listing for listing in made}


_ROLES = ("parent", "payment_owner", "invoice_owner")
_TEXT = ("is", "is_not", "starts_with", "in", "not_in", "is_present")
_ENTITY: dict[str, Any] = {
    "business_entity_id": lambda row: row.get("business_entity_id", "be_main")
}
"""Who names no business entity belongs to the first one."""
_PLAN_FILTERS = tuple(f"plan_id[{op}]" for op in _TEXT)


def _related(name: str) -> Any:
    return lambda row: row.get("relationship", {}).get(f"{name}_id")


def _price(row: Row) -> str:
    return next(i["item_price_id"] for i in row["subscription_items"] if i["item_type"] == "plan")


def _item(row: Row) -> str:
    return _price(row).split("-")[0]
