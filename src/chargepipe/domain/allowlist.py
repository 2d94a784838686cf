"""What the mirror keeps of Chargebee's records: an allow-list, so nothing else is ever stored."""

from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeAlias

from chargepipe.domain import reading as read
from chargepipe.domain.reading import Json

Kind: TypeAlias = Literal["customer", "subscription", "invoice"]

_ATTRIBUTES: Mapping[Kind, str] = {
    "customer": "id first_name last_name email phone company billing_address.company "
    "billing_address.country preferred_currency_code business_entity_id active_id pii_cleared "
    "deleted created_at updated_at resource_version",
    "subscription": "id customer_id status currency_code billing_period billing_period_unit mrr "
    "exchange_rate base_currency_code plan_id plan_amount start_date started_at activated_at "
    "created_at trial_end current_term_end next_billing_at cancelled_at cancel_reason "
    "cancel_reason_code total_dues due_since business_entity_id active_id deleted updated_at "
    "resource_version",
    "invoice": "id customer_id subscription_id recurring status date due_date paid_at voided_at "
    "void_reason_code currency_code exchange_rate total amount_due business_entity_id deleted "
    "updated_at resource_version",
}
_ROWS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "customer": {},
    "subscription": {
        "subscription_items": ("item_price_id", "item_type", "amount"),
        "addons": ("id", "amount"),
    },
    "invoice": {"line_items": ("subscription_id",)},
}


def allowed(kind: Kind, json: Json, extra: Collection[str] = ()) -> dict[str, Any]:
    """The cut of raw JSON that the mirror stores: only attributes that some rule needs.

    `extra` names the attributes that settings ask for (`Settings.attributes`), nested ones
    dotted. Objects and lists are never copied whole. Cutting a cut changes nothing.
    """
    kept: dict[str, Any] = {}
    for path in sorted({*_ATTRIBUTES[kind].split(), *extra}):
        _copy(json, kept, path)
    for key, names in _ROWS[kind].items():
        rows = [_named(row, names) for row in read.mappings(json, key)]
        if any(rows):
            kept[key] = [row for row in rows if row]
    return kept


def _named(row: Json, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if read.is_scalar(row.get(name))}


def _copy(json: Json, kept: dict[str, Any], path: str) -> None:
    outer, _, inner = path.partition(".")
    source, name = (read.mapping(json, outer), inner) if inner else (json, outer)
    if read.is_scalar(source.get(name)):
        (kept.setdefault(outer, {}) if inner else kept)[name] = source[name]
