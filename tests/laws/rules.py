"""The settings as the machine changes them: the oracle reads these, the product their TOML."""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Additional:
    """One additional field (setting 9). `own` is its own overwrite policy, "" for the general."""

    record: str
    attribute: str
    entity: str
    name: str
    own: str = ""


ADDITIONAL = {
    "tier": Additional("customer", "cf_tier", "person", "Tier", "fill_empty"),
    "city": Additional("customer", "billing_address.city", "person", "City"),
    "order": Additional("subscription", "po_number", "person", "Order"),
    "place": Additional("customer", "billing_address.city", "organization", "Place"),
    "town": Additional("customer", "billing_address.city", "deal", "Town"),
    "paper": Additional("subscription", "po_number", "deal", "Paper", "fill_empty"),
}
DEALS = {
    "off": "",
    "plain": "enabled = true",
    "staged": """enabled = true
status.in_trial = { stage = "Demo Scheduled", status = "open" }
status.active = { stage = "Negotiations Started", status = "won" }
status.non_renewing = { stage = "Proposal Made", status = "open" }
status.paused = { status = "none" }""",
    "renewals": """enabled = true
pipeline = "Renewals"
value = "mrr"
title = "{name}: {plan}, {status}"
status.future = { stage = "Offered", status = "open" }
status.active = { stage = "Agreed", status = "won" }
status.cancelled = { stage = "Up for Renewal", status = "lost" }""",
}
"""Setting 7 in a few forms."""
INVOICES = {
    "off": "",
    "plain": "enabled = true",
    "staged": """enabled = true
pipeline = "Renewals"
title = "{company} - {id}"
status.posted = { stage = "Offered", status = "open" }
status.paid = { stage = "Agreed", status = "won" }
status.voided = { status = "none" }""",
}
"""Setting 8."""
TABLES = ("additional", "subscription_deals", "invoice_deals")


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings (product.md 3) that the machine moves."""

    customers: str = "all"
    create_people: bool = True
    organizations: bool = True
    deleted_customers: str = "flag"
    subscription_data: str = "off"
    overwrite: str = "always"
    shared_keys: str = "overwrite"
    deleted_persons: str = "recreate"
    extras: tuple[str, ...] = ()
    additional: tuple[str, ...] = ()
    """Names of `ADDITIONAL`."""
    deal_care: bool = True
    subscription_deals: str = "off"
    """A name of `DEALS`."""
    invoice_deals: str = "off"
    """A name of `INVOICES`."""

    def more(self, entity: str) -> list[Additional]:
        """The additional fields of an entity."""
        return [each for each in map(ADDITIONAL.get, self.additional) if each.entity == entity]  # type: ignore[union-attr]

    def toml(self) -> str:
        """The lines of the connection file below [settings]."""
        plain = (each.name for each in fields(self) if each.name not in TABLES)
        lines = [f"{name} = {_toml(getattr(self, name))}" for name in plain]
        lines += ["[settings.subscription_deals]", DEALS[self.subscription_deals]]
        lines += ["[settings.invoice_deals]", INVOICES[self.invoice_deals]]
        return "\n".join(lines + [_table(ADDITIONAL[name]) for name in self.additional])

    def makes_deals(self, kind: str) -> bool:
        """Whether records of a kind get deals at all."""
        return getattr(self, f"{kind}_deals") != "off"


CHOICES: dict[str, tuple[Any, ...]] = {
    "customers": ("all", "with_subscriptions"),
    "create_people": (True, False),
    "organizations": (True, False),
    "deleted_customers": ("flag", "leave", "delete"),
    "subscription_data": ("off", "person", "organization"),
    "overwrite": ("always", "fill_empty", "append"),
    "shared_keys": ("overwrite", "fail", "first"),
    "deleted_persons": ("recreate", "leave"),
    "extras": ((), ("link",), ("link", "overdue")),
    "additional": ((), ("tier",), ("city", "tier"), ("order", "town"), ("tier", "place", "paper")),
    "deal_care": (True, False),
    "subscription_deals": tuple(DEALS),
    "invoice_deals": tuple(INVOICES),
}


def possible(rules: Rules) -> bool:
    """Whether the product takes this mixture at all."""
    needs = rules.subscription_data == "organization" or rules.more("organization")
    kinds = {kind for kind in ("subscription", "invoice") if rules.makes_deals(kind)}
    shown = all({each.record} & kinds or each.record == "customer" for each in rules.more("deal"))
    return (rules.organizations or not needs) and shown and bool(kinds or not rules.more("deal"))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{each}"' for each in value) + "]"
    return f'"{value}"'


def _table(field: Additional) -> str:
    own = f'\noverwrite = "{field.own}"' if field.own else ""
    return (
        "[[settings.additional_fields]]\n"
        f'from = "{field.record}.{field.attribute}"\nto = "{field.entity}.{field.name}"{own}'
    )
