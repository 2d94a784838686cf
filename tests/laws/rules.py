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
}


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

    def more(self, entity: str) -> list[Additional]:
        """The additional fields of an entity."""
        return [each for each in map(ADDITIONAL.get, self.additional) if each.entity == entity]  # type: ignore[union-attr]

    def toml(self) -> str:
        """The lines of the connection file below [settings]."""
        plain = (each.name for each in fields(self) if each.name != "additional")
        lines = [f"{name} = {_toml(getattr(self, name))}" for name in plain]
        return "\n".join(lines + [_table(ADDITIONAL[name]) for name in self.additional])


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
    "additional": ((), ("tier",), ("city", "tier"), ("order",), ("tier", "place")),
}


def possible(rules: Rules) -> bool:
    """Whether the product takes this mixture at all."""
    needs = rules.subscription_data == "organization" or rules.more("organization")
    return rules.organizations or not needs


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
