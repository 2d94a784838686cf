"""What the lists of records filter and sort by, as Chargebee's description of the API has it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..messages import Row
from .entities import entity_of
from .filters import CHOICE, FLAG, NUMBER, TEXT, TIME, Field
from .schema import ITEMS, PLANS, plan_of


@dataclass(frozen=True, slots=True)
class Listed:
    """One list. `orders` are the attributes that it sorts by, the usual one first.

    bare: parameters without an operator that stand for a filter (parameter: filter).
    tombstones: whether the list takes include_deleted.
    """

    fields: dict[str, Field]
    orders: tuple[str, ...] = ()
    bare: dict[str, str] = field(default_factory=dict[str, str])
    tombstones: bool = False


def fields(**named: frozenset[str]) -> dict[str, Field]:
    """Attributes that stand under their own names, with their operators."""
    return {name: Field(operators) for name, operators in named.items()}


def _relationship(name: str) -> Callable[[Row], object]:
    return lambda row: row.get("relationship", {}).get(name)


def _plan(row: Row) -> object:
    return plan_of(row).get("item_price_id")


def _item(row: Row) -> object:
    """The item of the plan: what its item price is called before the currency."""
    price = plan_of(row).get("item_price_id")
    return price and price.split("-")[0]


CUSTOMERS = Listed(
    fields(
        **dict.fromkeys(("id", "first_name", "last_name", "email", "company", "phone"), TEXT),
        **dict.fromkeys(("auto_collection", "taxability", "offline_payment_method"), CHOICE),
        **dict.fromkeys(("created_at", "updated_at"), TIME),
        auto_close_invoices=FLAG,
        channel=CHOICE,
    )
    | {"business_entity_id": Field(TEXT, entity_of)}
    | {
        f"relationship[{name}]": Field(TEXT, _relationship(name))
        for name in ("parent_id", "payment_owner_id", "invoice_owner_id")
    },
    ("created_at", "updated_at"),
    tombstones=True,
)
SUBSCRIPTIONS = Listed(
    fields(
        **dict.fromkeys(("id", "customer_id", "cancel_reason_code"), TEXT),
        **dict.fromkeys(("status", "cancel_reason", "offline_payment_method", "channel"), CHOICE),
        **dict.fromkeys(("created_at", "updated_at", "activated_at", "cancelled_at"), TIME),
        next_billing_at=TIME,
        remaining_billing_cycles=NUMBER,
        **dict.fromkeys(("has_scheduled_changes", "auto_close_invoices"), FLAG),
        **dict.fromkeys(("override_relationship", "decommissioned"), FLAG),
    )
    | {
        "business_entity_id": Field(TEXT, entity_of),
        "plan_id": Field(TEXT, _plan, PLANS),
        "item_id": Field(TEXT, _item, ITEMS),
        "item_price_id": Field(TEXT, _plan, ITEMS),
    },
    ("created_at", "updated_at"),
    tombstones=True,
)
INVOICES = Listed(
    fields(
        **dict.fromkeys(("id", "customer_id", "subscription_id", "payment_owner"), TEXT),
        void_reason_code=TEXT,
        **dict.fromkeys(("status", "price_type", "dunning_status", "channel"), CHOICE),
        recurring=FLAG,
        **dict.fromkeys(("date", "paid_at", "updated_at", "voided_at"), TIME),
        **dict.fromkeys(("total", "amount_paid", "amount_due"), NUMBER),
        **dict.fromkeys(("amount_adjusted", "credits_applied"), NUMBER),
    ),
    ("date", "updated_at"),
    {"paid_on_after": "paid_at[after]"},
    tombstones=True,
)
EVENTS = Listed(
    fields(
        id=TEXT,
        **dict.fromkeys(("event_type", "webhook_status", "source"), CHOICE),
        occurred_at=TIME,
    ),
    ("occurred_at",),
    {"start_time": "occurred_at[after]", "end_time": "occurred_at[before]"},
)
CREDIT_NOTES = Listed(
    fields(
        **dict.fromkeys(("id", "customer_id", "subscription_id"), TEXT),
        **dict.fromkeys(("reference_invoice_id", "create_reason_code"), TEXT),
        **dict.fromkeys(("type", "reason_code", "status", "price_type", "channel"), CHOICE),
        **dict.fromkeys(("date", "voided_at", "updated_at"), TIME),
        **dict.fromkeys(("total", "amount_allocated", "amount_available"), NUMBER),
        amount_refunded=NUMBER,
    ),
    ("date",),
    tombstones=True,
)
RECORDS = {
    "customer": CUSTOMERS,
    "subscription": SUBSCRIPTIONS,
    "invoice": INVOICES,
    "event": EVENTS,
    "credit_note": CREDIT_NOTES,
}

PLAIN = Listed({})
"""A list without filters."""
