"""The settings that deals depend on, read from the text of a connection file by nothing of ours."""

import tomllib
from dataclasses import dataclass, field
from typing import Any, Self

Json = dict[str, Any]
NONE: Json = {"status": "none"}
SUBSCRIPTIONS: Json = {
    "future": {"status": "open"},
    "in_trial": {"status": "open"},
    "active": {"status": "won"},
    "non_renewing": {"status": "won"},
    "paused": {"status": "won"},
    "cancelled": {"status": "lost"},
    "transferred": NONE,
}
INVOICES: Json = {
    "posted": {"status": "open"},
    "payment_due": {"status": "open"},
    "not_paid": {"status": "open"},
    "paid": {"status": "won"},
    "voided": {"status": "lost"},
    "pending": NONE,
}
"""Defaults of product.md section 4."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Setting 7 or 8. `status`: a rule for each status of the record; what has none is "none"."""

    enabled: bool
    pipeline: str | None
    title: str
    status: Json
    value: str = "amount"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say of deals, and what the account has.

    currencies: codes that Pipedrive has. first_stages: the first stage of each pipeline, by name.
    pipelines: their names in order. empties: whether it lets a deal's date and links be emptied.
    """

    subscription: Rules
    invoice: Rules
    zone: str = "UTC"
    zero_decimal: tuple[str, ...] = ("JPY", "KRW", "XAF", "XOF")
    care: bool = True
    flags_deleted: bool = True
    currencies: frozenset[str] = frozenset()
    pipelines: tuple[str, ...] = ()
    first_stages: dict[str, str] = field(default_factory=dict)
    empties: bool = False

    @classmethod
    def read(cls, settings: str, **account: Any) -> Self:
        """`settings`: the text below [settings] of a connection file."""
        table = tomllib.loads(f"[settings]\n{settings}")["settings"]
        return cls(
            subscription=_rules(
                table.get("subscription_deals", {}), SUBSCRIPTIONS, "{company_or_name} - {plan}"
            ),
            invoice=_rules(table.get("invoice_deals", {}), INVOICES, "{company_or_name} - {id}"),
            zone=table.get("time_zone", "UTC"),
            zero_decimal=tuple(table.get("zero_decimal", ("JPY", "KRW", "XAF", "XOF"))),
            flags_deleted=table.get("deleted_customers", "flag") != "leave",
            care=table.get("deal_care", True),
            **account,
        )


def _rules(table: Json, status: Json, title: str) -> Rules:
    return Rules(
        enabled=table.get("enabled", False),
        pipeline=table.get("pipeline"),
        title=table.get("title", title),
        status=status | table.get("status", {}),
        value=table.get("value", "amount"),
    )
