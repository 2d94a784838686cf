"""Picture: where each field of Pipedrive's comes from under these settings, line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chargepipe.domain.account_fields import find, type_of
from chargepipe.domain.fields import FieldSpec, entities, suffixed, wanted
from chargepipe.domain.names import MARKS
from chargepipe.domain.settings import Entity, Settings
from chargepipe.domain.sources import SourceRecord, source_of
from chargepipe.store.models import Connection

_BUILT_IN: Mapping[Entity, tuple[tuple[str, str], ...]] = {
    "person": (
        ("name", "Name"),
        ("emails", "Email"),
        ("phones", "Phone"),
        ("organization", "Organization"),
    ),
    "organization": (("name", "Name"),),
    "deal": (
        ("title", "Title"),
        ("value", "Value"),
        ("stage", "Stage"),
        ("status", "Status"),
        ("expected_close_date", "Expected close"),
        ("person", "Person"),
        ("organization", "Organization"),
    ),
}
_RECORDS: Mapping[SourceRecord, str] = {
    "customers": "all customers of the company",
    "subscriptions": "all subscriptions",
    "record": "subscription or invoice",
}
_ALWAYS = "Chargebee's value always"
_POLICIES = {
    "always": _ALWAYS,
    "fill_empty": "only where it is empty",
    "append": "only where it is empty",
}
_CONTACTS = {
    "always": "added as the primary one; others stay",
    "fill_empty": "only where there is none",
    "append": "added behind the primary one",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One arrow: an attribute of Chargebee's to a field of Pipedrive's."""

    record: str
    """Whose attribute it is, in words."""
    attribute: str
    note: str
    """What is made of it; may be empty."""
    field: str
    type: str
    """Of a custom field, in words; "" for a built-in one."""
    rule: str
    """Whose value stands."""
    mark: bool
    """Whether a record is found again by it."""
    there: bool
    """Whether the field is in Pipedrive already; a custom one is made on first need."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The lines that lead to one kind of record of Pipedrive's."""

    entity: Entity
    lines: tuple[Line, ...]


def picture(connection: Connection, settings: Settings) -> list[Picture]:
    """The whole mapping of a connection under these settings, of what is written alone."""
    return [Picture(each, tuple(_lines(connection, settings, each))) for each in entities(settings)]


def _lines(connection: Connection, settings: Settings, entity: Entity) -> Iterator[Line]:
    for name, label in _BUILT_IN[entity]:
        if name != "organization" or settings.organizations:
            yield _line(settings, entity, name, label, _rule(settings, entity, name))
    policies = settings.policies(entity)
    for spec in wanted(settings):
        if spec.entity == entity:
            rule = _POLICIES[policies.get(spec.name, "always")]
            label = suffixed(spec, connection.field_suffix).name
            there = _is_there(connection, spec)
            yield _line(settings, entity, spec.name, label, rule, spec=spec, there=there)


def _line(
    settings: Settings,
    entity: Entity,
    name: str,
    label: str,
    rule: str,
    *,
    spec: FieldSpec | None = None,
    there: bool = True,
) -> Line:
    source = source_of(entity, name, settings)
    mark = name in MARKS and spec is not None
    return Line(
        record=_RECORDS.get(source.record, source.record) if source else "",
        attribute=source.attribute if source else "",
        note=source.words if source else "",
        field=label,
        type=type_of(spec.type).holds if spec else "",
        rule="always: the record is found again by it" if mark else rule,
        mark=mark,
        there=there,
    )


def _rule(settings: Settings, entity: Entity, name: str) -> str:
    """What holds for a built-in field (domain.diff, domain.deal_diff)."""
    if entity == "organization":
        return "only when it is made"
    if name in ("emails", "phones"):
        return _CONTACTS[settings.overwrite]
    if entity == "deal":
        return _deal_rule(settings, name)
    return _POLICIES[settings.overwrite]


def _deal_rule(settings: Settings, name: str) -> str:
    if name in ("stage", "status"):
        return "until a person moves, wins or loses it" if settings.deal_care else _ALWAYS
    return _ALWAYS if settings.overwrite == "always" else "where it is empty or still ours"


def _is_there(connection: Connection, spec: FieldSpec) -> bool:
    rows = connection.account.fields if connection.account else {}
    return find(spec, rows, connection.field_codes, connection.field_suffix) is not None
