"""What Pipedrive holds, decoded from its JSON, and bodies encoded for it.

Every value survives decoding and encoding unharmed, for an undo writes back what was there.
Shapes: pipedrive-api.md sections 3 and 6.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from chargepipe.domain.money import Money, from_wire, to_wire
from chargepipe.domain.values import JSON, Raw, Value, from_json

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ContactValue:
    """One email or phone of a person."""

    value: str = field(repr=False)
    label: str | None = "work"
    primary: bool = False

    def as_json(self) -> dict[str, JSON]:
        """The form on Pipedrive's wire."""
        return {"value": self.value, "label": self.label, "primary": self.primary}


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """A person as Pipedrive holds it; of custom fields only those of the field map."""

    id: int
    name: str = field(repr=False)
    emails: tuple[ContactValue, ...] = field(repr=False)
    phones: tuple[ContactValue, ...] = field(repr=False)
    org_id: int | None
    fields: Mapping[str, Value] = field(repr=False, hash=False)
    joins: str | None = field(default=None, repr=False)
    """The company whose organization it is going to be linked to, while that is to be made."""


@dataclass(frozen=True, slots=True)
class HeldOrganization:
    """An organization as Pipedrive holds it."""

    id: int
    name: str = field(repr=False)
    fields: Mapping[str, Value] = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class KnownField:
    """A custom field of an account: its code, its type, its options."""

    code: str
    """The 40-character key, different in each account."""
    type: str
    options: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    """Label to option id; of two equal labels the one we write."""


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Custom fields of one entity of an account, by our names (before any suffix)."""

    fields: Mapping[str, KnownField] = field(hash=False)
    zero_decimal: Collection[str]
    """Currencies without minor units (`Settings.zero_decimal`)."""


class UnknownField(LookupError):
    """A field has no place in the account yet: make it, or read the fields again."""

    def __init__(self, name: str) -> None:
        super().__init__(f'the account has no field "{name}": make it, or read the fields again')
        self.name = name


class UnknownOption(LookupError):
    """A single-option field lacks the option for a value: add it, then write again."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__(f'the field "{name}" lacks an option: add it, then write again')
        self.name, self.label = name, label


class NoOrganizationYet(ValueError):
    """A person's organization is not made yet, so the person cannot be linked to it."""


def decode_person(json: Json, fields: FieldMap) -> HeldPerson:
    """A person of Pipedrive's v2 JSON. Raises KeyError without an id."""
    return HeldPerson(
        id=int(json["id"]),
        name=str(json.get("name") or ""),
        emails=_contacts(json.get("emails")),
        phones=_contacts(json.get("phones")),
        org_id=json["org_id"] if isinstance(json.get("org_id"), int) else None,
        fields=decoded_fields(json, fields),
    )


def decode_organization(json: Json, fields: FieldMap) -> HeldOrganization:
    """An organization of Pipedrive's v2 JSON. Raises KeyError without an id."""
    return HeldOrganization(
        id=int(json["id"]), name=str(json.get("name") or ""), fields=decoded_fields(json, fields)
    )


def encode(
    values: Mapping[str, JSON],
    fields: FieldMap,
    organizations: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The body that writes these values: the before or after of a Change.

    "name", "emails", "phones" and "organization" are built in, every other name is a custom
    field. `organizations` gives the id of an organization made since, by its source key.
    Raises UnknownField, UnknownOption, and NoOrganizationYet.
    """
    body: dict[str, Any] = {}
    custom: dict[str, JSON] = {}
    for name, value in values.items():
        if name in ("name", "emails", "phones"):
            body[name] = value
        elif name == "organization":
            body["org_id"] = _organization_id(value, organizations or {})
        else:
            custom[name] = value
    return body | custom_body(custom, fields)


def custom_body(values: Mapping[str, JSON], fields: FieldMap) -> dict[str, Any]:
    """The part of a body that writes custom fields; empty without any.

    Raises UnknownField and UnknownOption.
    """
    custom: dict[str, Any] = {}
    for name, value in values.items():
        held = fields.fields.get(name)
        if held is None:
            raise UnknownField(name)
        custom[held.code] = _wire(name, from_json(value), held, fields.zero_decimal)
    return {"custom_fields": custom} if custom else {}


def _contacts(json: Any) -> tuple[ContactValue, ...]:
    rows = cast(Sequence[Json], json) if isinstance(json, list) else ()
    return tuple(
        ContactValue(str(row["value"]), row.get("label"), row.get("primary") is True)
        for row in rows
        if row.get("value")
    )


def decoded_fields(json: Json, fields: FieldMap) -> dict[str, Value]:
    """The custom fields of a record's JSON, by our names."""
    custom = cast(Json, json.get("custom_fields") or {})
    return {
        name: _value(custom.get(held.code), held, fields.zero_decimal)
        for name, held in fields.fields.items()
    }


def _value(json: Any, held: KnownField, zero_decimal: Collection[str]) -> Value:
    if json is None or json == "":
        return None
    if held.type == "monetary":
        return money_of(json, zero_decimal)
    if held.type == "enum":
        labels = {option: label for label, option in held.options.items()}
        return labels.get(json, Raw(json)) if isinstance(json, int) else Raw(json)
    plain = isinstance(json, str | int | float) and not isinstance(json, bool)
    return json if plain else Raw(json)


def money_of(json: Any, zero_decimal: Collection[str]) -> Money | Raw:
    """Money where minor units hold the amount exactly, else the JSON as it came."""
    if not isinstance(json, Mapping):
        return Raw(json)
    try:
        money = from_wire(cast(Json, json), zero_decimal)
    except ValueError:
        return Raw(cast(JSON, json))
    return money if to_wire(money, zero_decimal) == json else Raw(cast(JSON, json))


def _organization_id(value: JSON, organizations: Mapping[str, int]) -> int | None:
    if value is None:
        return None
    wanted = cast(Mapping[str, Any], value)
    found = wanted["id"] if wanted["id"] is not None else organizations.get(wanted["key"])
    if found is None:
        raise NoOrganizationYet("make the organization before its person")
    return found


def _wire(name: str, value: Value, held: KnownField, zero_decimal: Collection[str]) -> Any:
    if isinstance(value, Raw):
        return value.json
    if isinstance(value, Money):
        return to_wire(value, zero_decimal)
    if held.type == "enum" and value is not None:
        if value not in held.options:
            raise UnknownOption(name, str(value))
        return held.options[str(value)]
    return value
