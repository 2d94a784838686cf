"""Line items of invoices, in the form of Product Catalog 2.0."""

from ..messages import Row
from .book import Book

_ENTITIES = {
    "plan": "plan_item_price",
    "addon": "addon_item_price",
    "charge": "charge_item_price",
}


def term_lines(book: Book, subscription: Row, *, with_charges: bool) -> list[Row]:
    """A line for each item of a subscription's current term; charges are billed once only."""
    start, end = subscription["current_term_start"], subscription["current_term_end"]
    items = subscription["subscription_items"]
    return [
        _line(book, subscription["customer_id"], item.get("amount", 0), start)
        | {
            "subscription_id": subscription["id"],
            "date_to": end,
            "unit_amount": item.get("unit_price", 0),
            "quantity": item.get("quantity", 1),
            "description": item["item_price_id"],
            "entity_type": _ENTITIES[item["item_type"]],
            "entity_id": item["item_price_id"],
        }
        for item in items
        if with_charges or item["item_type"] != "charge"
    ]


def adhoc_line(book: Book, customer_id: str, amount: int, subscription_id: str | None) -> Row:
    """A line for something outside any plan; on a subscription where one is named."""
    line = _line(book, customer_id, amount, book.clock.seconds())
    return line | ({"subscription_id": subscription_id} if subscription_id else {})


def _line(book: Book, customer_id: str, amount: int, start: int) -> Row:
    return {
        "id": book.give_id("li_new"),
        "date_from": start,
        "date_to": start,
        "unit_amount": amount,
        "quantity": 1,
        "amount": amount,
        "pricing_model": "per_unit",
        "is_taxed": False,
        "tax_amount": 0,
        "object": "line_item",
        "customer_id": customer_id,
        "description": "Consulting",
        "entity_type": "adhoc",
        "discount_amount": 0,
        "item_level_discount_amount": 0,
    }
