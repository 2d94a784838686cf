"""Products attached to deals: they make the value, and lock it (fact sheet 4)."""

from collections.abc import Callable
from typing import Any

from ..data.deals import Deals
from ..messages import Row
from .errors import failed_checks
from .product_body import A_MONTH, CATALOG, DEFAULTS, read_product

MOST = 100
"""Products that one bulk call takes."""


class Products:
    """The products of every deal; those of sample deals are computed."""

    def __init__(self, sample: Deals, has_recurring: Callable[[], bool]) -> None:
        self._sample = sample
        self._has_recurring = has_recurring
        self._kept: dict[int, list[Row]] = {}
        self._last = 2 * sample.size

    def of(self, deal: Row) -> list[Row]:
        """What is attached to a deal, in order."""
        kept = self._kept.get(deal["id"])
        return self._sampled(deal) if kept is None else kept

    def attach(self, deal: Row, bodies: list[Any], now: str) -> list[Row]:
        """Attach products, all or none. Raises Invalid."""
        if not 1 <= len(bodies) <= MOST:
            raise failed_checks(f"data: must be a list of 1 to {MOST} products")
        read = [read_product(body, self._has_recurring()) for body in bodies]
        held = self.of(deal)
        rows = [
            _row(self._last + place, deal, len(held) + place, body, now)
            for place, body in enumerate(read, start=1)
        ]
        self._last += len(rows)
        self._kept[deal["id"]] = [*held, *rows]
        return rows

    def detach(self, deal: Row, id: int) -> bool:
        """Take one product off a deal; whether it was attached."""
        held = self.of(deal)
        left = [row for row in held if row["id"] != id]
        self._kept[deal["id"]] = left
        return len(left) < len(held)

    def move(self, loser: Row, winner: Row) -> None:
        """Attach to the winner of a merge what the loser has."""
        held = self.of(winner)
        moved = [
            row | {"deal_id": winner["id"], "order_nr": len(held) + place}
            for place, row in enumerate(self.of(loser), start=1)
        ]
        self._kept[winner["id"]] = [*held, *moved]
        self._kept[loser["id"]] = []

    def value(self, deal: Row) -> int | float:
        """The value of a deal: the sum of its products, or what it is without any."""
        rows = self.of(deal)
        total = round(sum(row["sum"] for row in rows if row["is_enabled"]), 3)
        return total if rows else deal["value"]

    def figures(self, deal: Row) -> Row:
        """`arr`, `mrr` and `acv`: null without products, and in a plan that has none of it.

        acv counts what is paid once too; how Pipedrive counts it is not described.
        """
        rows = [row for row in self.of(deal) if row["is_enabled"]]
        if not rows or not self._has_recurring():
            return {"arr": None, "mrr": None, "acv": None}
        month = sum(row["sum"] * A_MONTH.get(row["billing_frequency"], 0) for row in rows)
        once = sum(row["sum"] for row in rows if row["billing_frequency"] == "one-time")
        year = round(12 * month, 2)
        return {"arr": year, "mrr": round(month, 2), "acv": round(year + once, 2)}

    def _sampled(self, deal: Row) -> list[Row]:
        number = deal["id"]
        made = deal["add_time"]
        return [
            _row(2 * number - 2 + place, deal, place, _one(price), made)
            for place, price in enumerate(self._sample.amounts(number), start=1)
        ]


def plain_bodies(amounts: list[int | float]) -> list[Any]:
    """One body for each amount: one piece of the first product, paid once."""
    return [_one(amount) for amount in amounts]


def _one(price: int | float) -> Row:
    return {"product_id": 1, "item_price": price, "quantity": 1}


def _row(number: int, deal: Row, place: int, body: Row, now: str) -> Row:
    given = DEFAULTS | body
    return {
        "id": number,
        "deal_id": deal["id"],
        "name": CATALOG[given["product_id"]],
        "currency": deal["currency"],
        "order_nr": place,
        "add_time": now,
        "update_time": now,
        "sum": _sum(given),
        **given,
    }


def _sum(row: Row) -> int | float:
    total = row["item_price"] * row["quantity"]
    off = row["discount"]
    total -= total * off / 100 if row["discount_type"] == "percentage" else off
    if row["tax_method"] == "exclusive":
        total += total * row["tax"] / 100
    total = round(total, 3)
    return int(total) if total == int(total) else total
