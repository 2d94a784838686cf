"""Settings 7 and 8: which subscriptions and one-time invoices become deals, and how."""

import string
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from chargepipe.domain.settings.base import Clash, Mixture, Part
from chargepipe.domain.settings.kinds import NameOrId

TITLE_WORDS = frozenset(
    {"company_or_name", "name", "company", "email", "customer_id", "plan", "status", "id"}
)
"""Words that a deal's title may name in braces (product.md section 4)."""


def _title(value: str) -> str:
    known = ", ".join(f"{{{word}}}" for word in sorted(TITLE_WORDS))
    try:
        parts = list(string.Formatter().parse(value))
    except ValueError:
        raise ValueError(f"has a brace without its partner; words in braces are {known}") from None
    if not value.strip():
        raise ValueError("must not be empty")
    for _, word, form, conversion in parts:
        if word is not None and (word not in TITLE_WORDS or form or conversion):
            raise ValueError(f"names something else in braces; the words are {known}")
    return value


Title = Annotated[str, AfterValidator(_title)]


class DealRule(Part):
    """What a deal becomes in one status of its record; "none" makes no deal."""

    stage: NameOrId | None = None
    """Name or id of the stage; None is the first one of the pipeline."""
    status: Literal["open", "won", "lost", "none"]

    @model_validator(mode="after")
    def _no_stage_without_deal(self) -> Self:
        if self.status == "none" and self.stage is not None:
            message = 'status "none" makes no deal, so it has no stage: take one of the two away'
            raise Mixture([Clash(("stage", "status"), message)])
        return self


class SubscriptionRules(Part):
    """One rule for each status of a subscription; defaults of product.md section 4."""

    future: DealRule = DealRule(status="open")
    in_trial: DealRule = DealRule(status="open")
    active: DealRule = DealRule(status="won")
    non_renewing: DealRule = DealRule(status="won")
    paused: DealRule = DealRule(status="won")
    cancelled: DealRule = DealRule(status="lost")
    transferred: DealRule = DealRule(status="none")


class InvoiceRules(Part):
    """One rule for each status of an invoice; defaults of product.md section 4."""

    posted: DealRule = DealRule(status="open")
    payment_due: DealRule = DealRule(status="open")
    not_paid: DealRule = DealRule(status="open")
    paid: DealRule = DealRule(status="won")
    voided: DealRule = DealRule(status="lost")
    pending: DealRule = DealRule(status="none")


class SubscriptionDeals(Part):
    """Setting 7: one deal a subscription."""

    enabled: bool = False
    pipeline: NameOrId | None = None
    """None is the first pipeline."""
    value: Literal["amount", "mrr", "arr"] = "amount"
    """Plan amount per period, MRR, or twelve times MRR."""
    title: Title = "{company_or_name} - {plan}"
    status: SubscriptionRules = SubscriptionRules()


class InvoiceDeals(Part):
    """Setting 8: one deal an invoice that is not recurring and of no subscription."""

    enabled: bool = False
    pipeline: NameOrId | None = None
    title: Title = "{company_or_name} - {id}"
    status: InvoiceRules = InvoiceRules()
