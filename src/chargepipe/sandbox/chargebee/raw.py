"""What a raw edit may set: the attributes of Chargebee's description, with values that fit.

The sandbox computes with them later: in lists, searches, renewals. A wrong one is refused at once.
"""

from typing import Literal

from ..data.invoices import STATUSES as INVOICE_STATUSES
from ..data.subscriptions import STATUSES as SUBSCRIPTION_STATUSES
from ..messages import Row
from .raw_values import (
    PREFIX,
    Check,
    address,
    among,
    amount,
    count,
    custom,
    flag,
    items,
    moment,
    period,
    rate,
    record,
    record_id,
    records,
    rows,
    text,
)

Kind = Literal["customer", "subscription", "invoice"]
_UNITS = ("day", "week", "month", "year")


def checked(kind: Kind, attrs: Row) -> Row:
    """The attributes as they are. None stands for an attribute that is to be removed.

    Raises ValueError with words for an unknown attribute, a value of the wrong kind, and the
    removal of what a record cannot be without.
    """
    for name, value in attrs.items():
        check = _TABLES[kind].get(name)
        if name.startswith(PREFIX):
            custom(name, value)
        elif check is None:
            raise ValueError(f"a {kind} has no attribute {name!r} that can be set")
        elif value is not None:
            check(name, value)
        elif name in _NEEDED[kind]:
            raise ValueError(f"a {kind} cannot be without {name}")
    return attrs


def _all(check: Check, names: str) -> dict[str, Check]:
    return dict.fromkeys(names.split(), check)


_COMMON: dict[str, Check] = {
    **_all(record_id, "id business_entity_id brand_id"),
    **_all(moment, "created_at updated_at"),
    **_all(count, "net_term_days resource_version"),
    **_all(text, "channel offline_payment_method auto_collection"),
    **_all(flag, "auto_close_invoices"),
    "deleted": flag,
}
_OF_CUSTOMER: dict[str, Check] = {
    **_all(text, "first_name last_name email phone company vat_number vat_number_status"),
    **_all(text, "vat_number_prefix taxability entity_code exempt_number locale created_from_ip"),
    **_all(text, "billing_date_mode billing_day_of_week billing_day_of_week_mode card_status"),
    **_all(text, "fraud_flag primary_payment_source_id backup_payment_source_id invoice_notes"),
    **_all(text, "preferred_currency_code einvoicing_method customer_type client_profile_id"),
    **_all(text, "entity_identifier_scheme entity_identifier_standard"),
    **_all(record_id, "active_id"),
    **_all(flag, "allow_direct_debit is_location_valid is_einvoice_enabled registered_for_gst"),
    **_all(flag, "consolidated_invoicing business_customer_without_vat_number"),
    **_all(flag, "use_default_hierarchy_settings"),
    **_all(moment, "vat_number_validated_time"),
    **_all(count, "billing_date billing_month"),
    **_all(amount, "promotional_credits unbilled_charges refundable_credits excess_payments mrr"),
    **_all(address, "billing_address"),
    **_all(record, "payment_method meta_data relationship parent_account_access"),
    **_all(record, "child_account_access"),
    **_all(rows, "exemption_details"),
    **_all(records, "referral_urls contacts balances entity_identifiers tax_providers_fields"),
    "pii_cleared": among("active", "scheduled_for_clear", "cleared"),
}
_OF_SUBSCRIPTION: dict[str, Check] = {
    **_all(record_id, "customer_id currency_code base_currency_code active_id"),
    **_all(text, "po_number trial_end_action gift_id cancel_reason cancel_reason_code"),
    **_all(text, "affiliate_token created_from_ip payment_source_id coupon invoice_notes"),
    **_all(text, "free_period_unit"),
    **_all(moment, "start_date trial_start trial_end current_term_start current_term_end"),
    **_all(moment, "next_billing_at started_at activated_at pause_date resume_date cancelled_at"),
    **_all(moment, "cancel_schedule_created_at changes_scheduled_at due_since"),
    **_all(count, "remaining_billing_cycles contract_term_billing_cycle_on_renewal"),
    **_all(count, "due_invoices_count free_period setup_fee"),
    **_all(amount, "total_dues mrr arr"),
    **_all(flag, "override_relationship has_scheduled_advance_invoices has_scheduled_changes"),
    **_all(flag, "create_pending_invoices decommissioned"),
    **_all(records, "item_tiers charged_items coupons discounts"),
    **_all(address, "shipping_address"),
    **_all(record, "referral_info billing_override meta_data contract_term"),
    "status": among(*SUBSCRIPTION_STATUSES),
    "billing_period": period,
    "billing_period_unit": among(*_UNITS),
    "subscription_items": items,
    "exchange_rate": rate,
}
_OF_INVOICE: dict[str, Check] = {
    **_all(record_id, "customer_id subscription_id currency_code base_currency_code payment_owner"),
    **_all(text, "po_number vat_number vat_number_prefix price_type local_currency_code"),
    **_all(text, "dunning_status void_reason_code tax_category line_items_next_offset"),
    **_all(moment, "date due_date paid_at next_retry_at voided_at generated_at"),
    **_all(moment, "expected_payment_date"),
    **_all(amount, "tax sub_total sub_total_in_local_currency total total_in_local_currency"),
    **_all(amount, "amount_due amount_adjusted amount_paid write_off_amount credits_applied"),
    **_all(amount, "new_sales_amount amount_to_collect round_off_amount"),
    **_all(flag, "recurring first_invoice has_advance_charges term_finalized is_gifted"),
    **_all(rate, "exchange_rate local_currency_exchange_rate"),
    **_all(records, "exchange_rates line_items line_item_tiers line_item_discounts"),
    **_all(records, "line_item_taxes line_item_credits line_item_addresses discounts taxes"),
    **_all(records, "linked_payments reference_transactions dunning_attempts applied_credits"),
    **_all(records, "adjustment_credit_notes issued_credit_notes linked_orders notes"),
    **_all(address, "shipping_address billing_address"),
    **_all(record, "tax_origin statement_descriptor einvoice site_details_at_creation"),
    "status": among("paid", *INVOICE_STATUSES),
}
_TABLES: dict[Kind, dict[str, Check]] = {
    "customer": _COMMON | _OF_CUSTOMER,
    "subscription": _COMMON | _OF_SUBSCRIPTION,
    "invoice": _COMMON | _OF_INVOICE,
}
"""The check of each attribute by kind: what the description of the API names, as items."""
_NEEDED: dict[Kind, tuple[str, ...]] = {
    "customer": ("id", "deleted", "pii_cleared"),
    "subscription": (
        *("id", "deleted", "customer_id", "status", "currency_code"),
        *("billing_period", "billing_period_unit", "subscription_items"),
    ),
    "invoice": ("id", "deleted", "customer_id", "status", "currency_code", "date"),
}
