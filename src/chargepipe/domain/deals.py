"""A subscription or a one-time invoice, its customer and the settings to the deal that it makes.

Rules: product.md settings 7 and 8, section 4. Times of billing become the deal's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Literal, TypeAlias, cast

from chargepipe.domain import names
from chargepipe.domain.attributes import attribute_value, day
from chargepipe.domain.keys import company_key
from chargepipe.domain.money import Money
from chargepipe.domain.pipelines import PipelineFacts
from chargepipe.domain.reading import Scalar
from chargepipe.domain.records import Customer, Invoice, Subscription
from chargepipe.domain.revenue import recurring_by_month
from chargepipe.domain.settings import DealRule, InvoiceDeals, Settings, SubscriptionDeals
from chargepipe.domain.targets import DealStatus, DealTarget, Standing
from chargepipe.domain.text import cut
from chargepipe.domain.titles import title_of, words_of
from chargepipe.domain.values import Value

DealRecord: TypeAlias = Literal["subscription", "invoice"]
DEAL_RECORDS: tuple[DealRecord, ...] = ("subscription", "invoice")
OF_DEALS = "deals"
"""The kind of an error that holds up all deals, not one: its record is what holds them up."""
MONTHS_A_YEAR = 12


_TELLS_NOTHING = DealTarget(None, None, None, None, None, False, None, None, {})
"""It leaves the deal as it is."""


@dataclass(frozen=True, slots=True)
class NoDeal:
    """Why a record makes no deal; one that it has already is left as it is."""

    words: str


def deal_of(
    record: Subscription | Invoice, customer: Customer, settings: Settings, facts: PipelineFacts
) -> DealTarget | NoDeal:
    """The deal of a subscription or invoice. Raises NoSuchPlace where the account lacks its stage.

    Of a customer whose personal data were cleared the title goes in any case.
    """
    if isinstance(record, Subscription):
        made = subscription_deal(record, customer, settings, facts)
    else:
        made = invoice_deal(record, customer, settings, facts)
    return _cleared(made, record, customer, settings) if customer.pii_cleared else made


def _cleared(
    made: DealTarget | NoDeal,
    record: Subscription | Invoice,
    customer: Customer,
    settings: Settings,
) -> DealTarget:
    """What is left of a cleared customer's deal: its title without a name, no field of theirs."""
    is_subscription = isinstance(record, Subscription)
    chosen = settings.subscription_deals if is_subscription else settings.invoice_deals
    plan = record.plan if isinstance(record, Subscription) else None
    title = title_of(chosen.title, words_of(customer, record.id, record.status or "", plan))
    theirs = [f for f in settings.additional_fields if (f.entity, f.record) == ("deal", "customer")]
    gone: dict[str, Value] = {field.name: None for field in theirs}
    if isinstance(made, NoDeal):
        return replace(_TELLS_NOTHING, title=title, fields=gone, cleared=True)
    return replace(made, title=title, fields={**made.fields, **gone}, cleared=True)


def deal_key(kind: str, id: str) -> str:
    """The source key of a deal: ids of subscriptions and of invoices may be the same."""
    return f"{kind}:{id}"


def split_key(key: str) -> tuple[DealRecord, str]:
    """Kind and id of the record that a deal's source key names."""
    kind, _, id = key.partition(":")
    return cast(DealRecord, kind), id


def records_with_deals(settings: Settings) -> tuple[DealRecord, ...]:
    """The kinds of records that make deals under these settings."""
    enabled = settings.subscription_deals.enabled, settings.invoice_deals.enabled
    return tuple(kind for kind, on in zip(DEAL_RECORDS, enabled, strict=True) if on)


def subscription_deal(
    subscription: Subscription, customer: Customer, settings: Settings, facts: PipelineFacts
) -> DealTarget | NoDeal:
    """The deal of a subscription. Raises NoSuchPlace where the account lacks its stage."""
    if subscription.deleted:
        return _of_deleted(names.SUBSCRIPTION_STATUS, settings)
    if subscription.active_id not in (None, subscription.id):
        return NoDeal("moved to another business entity: the live copy has another id")
    chosen = settings.subscription_deals
    rule = _rule(chosen, subscription.status)
    if isinstance(rule, NoDeal):
        return rule
    status = subscription.status or ""
    words = words_of(customer, subscription.id, status, subscription.plan)
    currency = _currency(subscription.currency_code, customer)
    return DealTarget(
        title=title_of(chosen.title, words),
        value=Money(_value(subscription, chosen), currency),
        person=customer.id,
        organization=_organization(customer, settings),
        place=facts.place(chosen.pipeline, rule.stage),
        moves=rule.stage is not None,
        standing=_standing(
            rule,
            won=(subscription.activated_at, subscription.started_at, subscription.created_at),
            lost=subscription.cancelled_at,
            reason=subscription.cancel_reason_code or subscription.cancel_reason,
        ),
        expected_close=day(_expected(subscription), settings.time_zone),
        fields={
            names.SUBSCRIPTION_ID: subscription.id,
            names.SUBSCRIPTION_STATUS: names.status_label(status),
            names.PLAN: cut(subscription.plan or "") or None,
            names.NEXT_BILLING: day(subscription.next_billing_at, settings.time_zone),
            **_additional("subscription", subscription.attributes, currency, customer, settings),
        },
    )


def invoice_deal(
    invoice: Invoice, customer: Customer, settings: Settings, facts: PipelineFacts
) -> DealTarget | NoDeal:
    """The deal of a one-time invoice. Raises NoSuchPlace where the account lacks its stage."""
    if not invoice.one_time:
        return NoDeal("the invoice belongs to a subscription")
    if invoice.deleted:
        return _of_deleted(names.INVOICE_STATUS, settings)
    if not invoice.total:
        return NoDeal("the invoice has a total of 0")
    chosen = settings.invoice_deals
    rule = _rule(chosen, invoice.status)
    if isinstance(rule, NoDeal):
        return rule
    status = invoice.status or ""
    currency = _currency(invoice.currency_code, customer)
    return DealTarget(
        title=title_of(chosen.title, words_of(customer, invoice.id, status, None)),
        value=Money(invoice.total, currency),
        person=customer.id,
        organization=_organization(customer, settings),
        place=facts.place(chosen.pipeline, rule.stage),
        moves=rule.stage is not None,
        standing=_standing(
            rule,
            won=(invoice.paid_at,),
            lost=invoice.voided_at,
            reason=invoice.void_reason_code,
        ),
        expected_close=day(invoice.due_date, settings.time_zone),
        fields={
            names.INVOICE_ID: invoice.id,
            names.INVOICE_STATUS: names.status_label(status),
            names.DUE: Money(invoice.amount_due, currency),
            **_additional("invoice", invoice.attributes, currency, customer, settings),
        },
    )


def _of_deleted(status_field: str, settings: Settings) -> DealTarget | NoDeal:
    """The deal stays as it is; a status field says why nothing follows any more (setting 4)."""
    if settings.deleted_customers == "leave":
        return NoDeal("deleted in Chargebee; its deal is left as it is (deleted_customers)")
    told: dict[str, Value] = {status_field: names.DELETED}
    return replace(_TELLS_NOTHING, fields=told)


def _rule(chosen: SubscriptionDeals | InvoiceDeals, status: str | None) -> DealRule | NoDeal:
    rule: DealRule | None = getattr(chosen.status, status or "", None)
    if rule is None:
        return NoDeal(f"chargepipe does not know the status {status}")
    if rule.status == "none":
        return NoDeal(f"the settings make no deal in the status {status}")
    return rule


def _currency(own: str | None, customer: Customer) -> str:
    """Chargebee names one in practice; without any the amount is the customer's."""
    return own or customer.preferred_currency or "USD"


def _organization(customer: Customer, settings: Settings) -> str | None:
    return company_key(customer.company_name) or None if settings.organizations else None


def _value(subscription: Subscription, chosen: SubscriptionDeals) -> int:
    """Minor units: what a period bills, the MRR, or twelve times that."""
    if chosen.value == "amount":
        return subscription.recurring_amount
    monthly = _mrr(subscription)
    return round(monthly * MONTHS_A_YEAR if chosen.value == "arr" else monthly)


def _mrr(subscription: Subscription) -> Fraction:
    """As Chargebee tells it; where it has none yet or no more, recurring items by the month.

    A cancelled subscription has no MRR, but its deal keeps what was lost with it.
    """
    told = Fraction(subscription.mrr or 0)
    if told or subscription.status in ("active", "non_renewing", "paused"):
        return told
    return recurring_by_month(subscription) or told


def _expected(subscription: Subscription) -> int | None:
    if subscription.status == "in_trial":
        return subscription.trial_end
    return subscription.start_date if subscription.status == "future" else None


def _standing(
    rule: DealRule, *, won: Iterable[int | None], lost: int | None, reason: str | None
) -> Standing:
    if rule.status == "won":
        return Standing("won", _moment(next((time for time in won if time is not None), None)))
    if rule.status == "lost":
        return Standing("lost", _moment(lost), cut(reason or "") or None)
    return Standing(cast(DealStatus, rule.status))


def _moment(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _additional(
    kind: DealRecord,
    own: Mapping[str, Scalar],
    currency: str,
    customer: Customer,
    settings: Settings,
) -> dict[str, Value]:
    """Setting 9 for deals: attributes of the record and of its customer."""
    sources = {kind: own, "customer": customer.attributes}
    currencies = {kind: currency, "customer": customer.preferred_currency or currency}
    return {
        field.name: attribute_value(
            sources[field.record].get(field.attribute),
            field.kind,
            currencies[field.record],
            settings.time_zone,
        )
        for field in settings.additional_fields
        if field.entity == "deal" and field.record in sources
    }
