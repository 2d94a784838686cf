"""What Pipedrive should hold of a customer and of a company, and its exact JSON form.

A link stores the JSON of its target as "last written": equal JSON means equal targets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from chargepipe.domain import names
from chargepipe.domain.text import cut, squeeze
from chargepipe.domain.values import JSON, Value, from_json, to_json


@dataclass(frozen=True, slots=True)
class PersonTarget:
    """The person of a customer. Its repr shows no personal data."""

    name: str = field(repr=False)
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    country: str | None
    """ISO-2 of the billing address, in which the phone is read."""
    organization: str | None = field(repr=False)
    """Source key of its organization (`company_key`), or None to leave the person's alone."""
    organization_name: str | None = field(repr=False)
    fields: Mapping[str, Value] = field(repr=False, hash=False)
    """Custom fields by our names, before any suffix."""
    cleared: bool = False
    """Whether personal data were cleared in Chargebee: then what we wrote goes (rule 16)."""

    @property
    def named(self) -> bool:
        """Whether billing knows a name or a company: the email or the id only stand in for one."""
        stand_ins = (self.email, self.fields.get(names.CUSTOMER_ID))
        return squeeze(self.name) not in {cut(str(each)) for each in stand_ins if each}

    def as_json(self) -> dict[str, JSON]:
        """The plain form; `from_json` makes the same target of it."""
        return {
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "country": self.country,
            "organization": self.organization,
            "organization_name": self.organization_name,
            "fields": _fields_as_json(self.fields),
            "cleared": self.cleared,
        }

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The target that `as_json` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            name=json["name"],
            email=json["email"],
            phone=json["phone"],
            country=json["country"],
            organization=json["organization"],
            organization_name=json["organization_name"],
            fields=_fields_from_json(json["fields"]),
            cleared=bool(json["cleared"]),
        )


@dataclass(frozen=True, slots=True)
class OrganizationTarget:
    """The organization of a company. The name is written only when we make it."""

    key: str = field(repr=False)
    """Source key: `company_key` of the name."""
    name: str = field(repr=False)
    fields: Mapping[str, Value] = field(repr=False, hash=False)

    def as_json(self) -> dict[str, JSON]:
        """The plain form; `from_json` makes the same target of it."""
        return {"key": self.key, "name": self.name, "fields": _fields_as_json(self.fields)}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The target that `as_json` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            key=json["key"],
            name=json["name"],
            fields=_fields_from_json(json["fields"]),
        )


def _fields_as_json(fields: Mapping[str, Value]) -> dict[str, JSON]:
    return {name: to_json(value) for name, value in fields.items()}


def _fields_from_json(json: Mapping[str, JSON]) -> dict[str, Value]:
    return {name: from_json(value) for name, value in json.items()}
