"""What Chargebee says: customer, subscription and invoice, parsed leniently from its JSON.

Times are whole seconds UTC, amounts minor units of the record's currency, `resource_version`
milliseconds. Shapes: chargebee-api.md section 4. `parse` reads the raw JSON of the API and the
cut that `allowed` makes of it (the mirror's row) alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from chargepipe.domain import reading as read
from chargepipe.domain.allowlist import Kind, allowed
from chargepipe.domain.reading import Json, Scalar
from chargepipe.domain.text import squeeze

__all__ = ["Customer", "Invoice", "Item", "Kind", "Subscription", "allowed"]


@dataclass(frozen=True, slots=True)
class Customer:
    """A Chargebee customer. All but the id may be missing; its repr shows no personal data."""

    id: str = field(repr=False)
    first_name: str | None = field(repr=False)
    last_name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    company: str | None = field(repr=False)
    billing_company: str | None = field(repr=False)
    billing_country: str | None
    """ISO-2, upper case; `XI` is Northern Ireland."""
    preferred_currency: str | None
    business_entity_id: str | None
    active_id: str | None = field(repr=False)
    """Id of the live copy after a transfer to another business entity."""
    pii_cleared: bool
    """Whether personal data were cleared (a scheduled clearing is not one yet)."""
    deleted: bool
    created_at: int | None
    updated_at: int | None
    resource_version: int
    attributes: Mapping[str, Scalar] = field(repr=False, hash=False)
    """Every plain attribute by its API name, nested ones dotted: for cf_* and chosen fields."""

    @classmethod
    def parse(cls, json: Json) -> Self:
        """Read a customer. Raises ValueError only when it has no usable id."""
        billing = read.mapping(json, "billing_address")
        return cls(
            id=read.identity(json, "customer"),
            first_name=read.text(json, "first_name"),
            last_name=read.text(json, "last_name"),
            email=read.text(json, "email"),
            phone=read.text(json, "phone"),
            company=read.text(json, "company"),
            billing_company=read.text(billing, "company"),
            billing_country=read.code(billing, "country"),
            preferred_currency=read.code(json, "preferred_currency_code"),
            business_entity_id=read.text(json, "business_entity_id"),
            active_id=read.text(json, "active_id"),
            pii_cleared=json.get("pii_cleared") == "cleared",
            deleted=json.get("deleted") is True,
            created_at=read.seconds(json, "created_at"),
            updated_at=read.seconds(json, "updated_at"),
            resource_version=read.version(json),
            attributes=read.scalars(json),
        )

    @property
    def company_name(self) -> str | None:
        """customer.company, else billing_address.company, blanks squeezed (setting 3)."""
        return squeeze(self.company) or squeeze(self.billing_company) or None

    @property
    def custom(self) -> dict[str, Scalar]:
        """The custom fields (cf_*) by their API name."""
        return {key: value for key, value in self.attributes.items() if key.startswith("cf_")}

    @property
    def left_behind(self) -> bool:
        """Whether a transfer left it: its live copy has another id (chargebee-api.md section 6)."""
        return self.heir is not None

    @property
    def heir(self) -> str | None:
        """The id of the live copy that a transfer made; None where it lives on itself."""
        return None if self.active_id == self.id else self.active_id

    @property
    def live(self) -> bool:
        """Not deleted and not left behind."""
        return not self.deleted and not self.left_behind


@dataclass(frozen=True, slots=True)
class Item:
    """One row of what a subscription bills; amount in minor units of its currency."""

    price_id: str
    type: str | None
    """plan, addon or charge."""
    amount: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """A Chargebee subscription of either product catalog."""

    id: str
    customer_id: str | None = field(repr=False)
    status: str | None
    """future, in_trial, active, non_renewing, paused, cancelled, transferred, or a new word."""
    currency_code: str | None
    items: tuple[Item, ...]
    billing_period: int | None
    billing_period_unit: str | None
    """day, week, month or year."""
    mrr: int | None
    exchange_rate: Decimal | None
    """One unit of currency_code is this many units of base_currency_code (major units)."""
    base_currency_code: str | None
    start_date: int | None
    started_at: int | None
    activated_at: int | None
    created_at: int | None
    trial_end: int | None
    current_term_end: int | None
    next_billing_at: int | None
    cancelled_at: int | None
    """Past or scheduled: a subscription with a cancellation set has it too."""
    cancel_reason: str | None
    cancel_reason_code: str | None
    total_dues: int
    due_since: int | None
    business_entity_id: str | None
    active_id: str | None
    deleted: bool
    updated_at: int | None
    resource_version: int
    attributes: Mapping[str, Scalar] = field(repr=False, hash=False)

    @classmethod
    def parse(cls, json: Json) -> Self:
        """Read a subscription. Raises ValueError only when it has no usable id."""
        return cls(
            id=read.identity(json, "subscription"),
            customer_id=read.text(json, "customer_id"),
            status=read.text(json, "status"),
            currency_code=read.code(json, "currency_code"),
            items=_items(json),
            billing_period=read.number(json, "billing_period"),
            billing_period_unit=read.text(json, "billing_period_unit"),
            mrr=read.number(json, "mrr"),
            exchange_rate=read.rate(json, "exchange_rate"),
            base_currency_code=read.code(json, "base_currency_code"),
            start_date=read.seconds(json, "start_date"),
            started_at=read.seconds(json, "started_at"),
            activated_at=read.seconds(json, "activated_at"),
            created_at=read.seconds(json, "created_at"),
            trial_end=read.seconds(json, "trial_end"),
            current_term_end=read.seconds(json, "current_term_end"),
            next_billing_at=read.seconds(json, "next_billing_at"),
            cancelled_at=read.seconds(json, "cancelled_at"),
            cancel_reason=read.text(json, "cancel_reason"),
            cancel_reason_code=read.text(json, "cancel_reason_code"),
            total_dues=read.amount(json, "total_dues"),
            due_since=read.seconds(json, "due_since"),
            business_entity_id=read.text(json, "business_entity_id"),
            active_id=read.text(json, "active_id"),
            deleted=json.get("deleted") is True,
            updated_at=read.seconds(json, "updated_at"),
            resource_version=read.version(json),
            attributes=read.scalars(json),
        )

    @property
    def live(self) -> bool:
        """Not deleted, not transferred: what setting 1 counts as a subscription."""
        moved = self.status == "transferred" or self.active_id not in (None, self.id)
        return not self.deleted and not moved

    @property
    def plan(self) -> str | None:
        """Id of the plan: the plan item's price, or plan_id of the older catalog."""
        return next((item.price_id for item in self.items if item.type == "plan"), None)

    @property
    def recurring_amount(self) -> int:
        """Minor units a period bills: plan and addons, no one-time charges (product.md 4)."""
        return sum(item.amount for item in self.items if item.type in ("plan", "addon"))


def _items(json: Json) -> tuple[Item, ...]:
    """Items of catalog 2.0; where there are none, plan and addons of catalog 1.0 as items.

    Sites in coexistence send both forms, so never add them (chargebee-api.md section 10).
    """
    rows = (
        (read.text(row, "item_price_id"), read.text(row, "item_type"), read.amount(row, "amount"))
        for row in read.mappings(json, "subscription_items")
    )
    items = tuple(Item(price, kind, amount) for price, kind, amount in rows if price)
    return items or _older_items(json)


def _older_items(json: Json) -> tuple[Item, ...]:
    plan = read.text(json, "plan_id")
    if plan is None:
        return ()
    rows = ((read.text(row, "id"), row) for row in read.mappings(json, "addons"))
    addons = (Item(id, "addon", read.amount(row, "amount")) for id, row in rows if id)
    return Item(plan, "plan", read.amount(json, "plan_amount")), *addons


@dataclass(frozen=True, slots=True)
class Invoice:
    """A Chargebee invoice; its id is the invoice number."""

    id: str
    customer_id: str | None = field(repr=False)
    subscription_ids: frozenset[str]
    """Of the invoice and of its lines (consolidated invoices name them only there)."""
    recurring: bool
    status: str | None
    """paid, posted, payment_due, not_paid, voided, pending, or a new word."""
    date: int | None
    due_date: int | None
    paid_at: int | None
    voided_at: int | None
    void_reason_code: str | None
    currency_code: str | None
    exchange_rate: Decimal | None
    total: int
    amount_due: int
    business_entity_id: str | None
    deleted: bool
    updated_at: int | None
    resource_version: int
    attributes: Mapping[str, Scalar] = field(repr=False, hash=False)

    @classmethod
    def parse(cls, json: Json) -> Self:
        """Read an invoice. Raises ValueError only when it has no usable id."""
        lines = (json, *read.mappings(json, "line_items"))
        found = (read.text(line, "subscription_id") for line in lines)
        return cls(
            id=read.identity(json, "invoice"),
            customer_id=read.text(json, "customer_id"),
            subscription_ids=frozenset(name for name in found if name),
            recurring=json.get("recurring") is not False,
            status=read.text(json, "status"),
            date=read.seconds(json, "date"),
            due_date=read.seconds(json, "due_date"),
            paid_at=read.seconds(json, "paid_at"),
            voided_at=read.seconds(json, "voided_at"),
            void_reason_code=read.text(json, "void_reason_code"),
            currency_code=read.code(json, "currency_code"),
            exchange_rate=read.rate(json, "exchange_rate"),
            total=read.amount(json, "total"),
            amount_due=read.amount(json, "amount_due"),
            business_entity_id=read.text(json, "business_entity_id"),
            deleted=json.get("deleted") is True,
            updated_at=read.seconds(json, "updated_at"),
            resource_version=read.version(json),
            attributes=read.scalars(json),
        )

    @property
    def one_time(self) -> bool:
        """Not recurring and of no subscription (setting 8)."""
        return not self.recurring and not self.subscription_ids
