"""What Pipedrive should hold of a customer, a company and a sale, and its exact JSON form.

A link stores the JSON of its target as "last written": equal JSON means equal targets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeAlias, cast

from chargepipe.domain import names
from chargepipe.domain.money import Money
from chargepipe.domain.pipelines import Place
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


DealStatus: TypeAlias = Literal["open", "won", "lost"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The status of a deal with what goes with it: when it was won or lost, and why it was lost."""

    status: DealStatus
    time: str | None = None
    """RFC 3339, whole seconds in UTC; None for an open deal, or where billing does not say."""
    reason: str | None = None
    """Of a lost deal."""

    def as_json(self) -> dict[str, JSON]:
        """The plain form, as a Change holds it."""
        return {"status": self.status, "time": self.time, "reason": self.reason}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The standing that `as_json` wrote. Raises KeyError for anything else."""
        return cls(json["status"], json["time"], json["reason"])


@dataclass(frozen=True, slots=True)
class DealTarget:
    """The deal of a subscription or one-time invoice. None leaves what the deal holds as it is."""

    title: str | None = field(repr=False)
    value: Money | None
    person: str | None = field(repr=False)
    """Source key of its person: the customer's id, or after a transfer that of the live copy."""
    organization: str | None = field(repr=False)
    """Source key of its organization (`company_key`)."""
    place: Place | None
    """Where it begins."""
    moves: bool
    """Whether a deal that stands is moved there, too: a stage was chosen for this status."""
    standing: Standing | None
    expected_close: str | None
    """YYYY-MM-DD."""
    fields: Mapping[str, Value] = field(repr=False, hash=False)
    """Custom fields by our names, before any suffix."""
    cleared: bool = False
    """Whether the customer's personal data were cleared: then title and fields go (rule 16)."""

    @property
    def makes(self) -> bool:
        """Whether it says enough to make a deal; else it only tells something of one."""
        return self.place is not None

    def as_json(self) -> dict[str, JSON]:
        """The plain form; `from_json` makes the same target of it."""
        return {
            "title": self.title,
            "value": to_json(self.value),
            "person": self.person,
            "organization": self.organization,
            "place": self.place.as_json() if self.place else None,
            "moves": self.moves,
            "standing": self.standing.as_json() if self.standing else None,
            "expected_close": self.expected_close,
            "fields": _fields_as_json(self.fields),
            "cleared": self.cleared,
        }

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The target that `as_json` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            title=json["title"],
            value=cast(Money | None, from_json(json["value"])),
            person=json["person"],
            organization=json["organization"],
            place=Place.from_json(json["place"]) if json["place"] else None,
            moves=json["moves"],
            standing=Standing.from_json(json["standing"]) if json["standing"] else None,
            expected_close=json["expected_close"],
            fields=_fields_from_json(json["fields"]),
            cleared=bool(json["cleared"]),
        )


def _fields_as_json(fields: Mapping[str, Value]) -> dict[str, JSON]:
    return {name: to_json(value) for name, value in fields.items()}


def _fields_from_json(json: Mapping[str, JSON]) -> dict[str, Value]:
    return {name: from_json(value) for name, value in json.items()}
