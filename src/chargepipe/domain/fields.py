"""The custom fields that settings need, by name and type (product.md section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from chargepipe.domain import names
from chargepipe.domain.settings import Entity, FieldKind, Settings
from chargepipe.domain.text import NAME_LIMIT

FieldType: TypeAlias = Literal["varchar", "enum", "monetary", "date", "double"]

_TYPES: dict[FieldKind, FieldType] = {
    "text": "varchar",
    "number": "double",
    "date": "date",
    "money": "monetary",
    "option": "enum",
    "yes_no": "enum",
}
_OPTIONS: dict[FieldKind, tuple[str, ...]] = {"yes_no": (names.YES, names.NO)}
"""Those of a single option are known only from the values that come."""
_TEXTS = frozenset({"varchar", "varchar_auto", "text"})
"""Pipedrive's types that take any text of ours (pipedrive-api.md section 6)."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A custom field of Pipedrive's: made on first need, found again by name and type."""

    entity: Entity
    name: str
    type: FieldType
    """Pipedrive's type (pipedrive-api.md section 6)."""
    options: tuple[str, ...] = ()
    """Labels of an enum."""
    chosen: bool = False
    """Whether a person chose the name (additional fields); such a name takes no suffix."""

    @property
    def key(self) -> str:
        """By what its code is kept: "person/CB MRR"."""
        return f"{self.entity}/{self.name}"

    def takes(self, type: str) -> bool:
        """Whether a field of this type is right; a text may stand in each of the text types."""
        return type == self.type or (self.chosen and {type, self.type} <= _TEXTS)


def entities(settings: Settings) -> tuple[Entity, ...]:
    """The entities that are written under these settings."""
    deals = settings.subscription_deals.enabled or settings.invoice_deals.enabled
    written: dict[Entity, bool] = {
        "person": True,
        "organization": settings.organizations,
        "deal": deals,
    }
    return tuple(entity for entity, on in written.items() if on)


def wanted(settings: Settings) -> tuple[FieldSpec, ...]:
    """The fields that are made and filled: those of the entities that are written."""
    here = entities(settings)
    return tuple(spec for spec in needed(settings) if spec.entity in here)


def needed(settings: Settings) -> tuple[FieldSpec, ...]:
    """The custom fields that these settings need, each once; the person's mark first."""
    specs = (
        *_person(settings),
        *_organization(settings),
        *_subscription_deal(settings),
        *_invoice_deal(settings),
        *_additional(settings),
    )
    return tuple(dict.fromkeys(specs))


def suffixed(spec: FieldSpec, suffix: str) -> FieldSpec:
    """The field under the name of a further site of the account: "CB MRR (site)".

    An empty suffix (the account's first connection) and chosen names change nothing. The name
    stays within 255 characters.
    """
    if not suffix or spec.chosen:
        return spec
    tail = f" ({suffix})"
    return replace(spec, name=spec.name[: NAME_LIMIT - len(tail)] + tail)


def _person(settings: Settings) -> Iterator[FieldSpec]:
    yield FieldSpec("person", names.CUSTOMER_ID, "varchar")
    yield FieldSpec("person", names.CUSTOMER_STATUS, "enum", names.RECORD_STATUSES)
    yield FieldSpec("person", names.CUSTOMER_MRR, "monetary")
    yield FieldSpec("person", names.CUSTOMER_CMRR, "monetary")
    yield from _shared("person", settings)
    if "link" in settings.extras:
        yield FieldSpec("person", names.LINK, "varchar")
    if "overdue" in settings.extras:
        yield FieldSpec("person", names.OVERDUE_AMOUNT, "monetary")
        yield FieldSpec("person", names.OVERDUE_SINCE, "date")


def _organization(settings: Settings) -> Iterator[FieldSpec]:
    if settings.organizations:
        yield FieldSpec("organization", names.ORGANIZATION_STATUS, "enum", names.RECORD_STATUSES)
        yield from _shared("organization", settings)


def _shared(entity: Entity, settings: Settings) -> Iterator[FieldSpec]:
    """Fields that a person and an organization may both have."""
    if settings.business_entities != "all":
        yield FieldSpec(entity, names.BUSINESS_ENTITY, "varchar")
    if settings.subscription_data == entity:
        yield _status(entity)
        yield FieldSpec(entity, names.PLAN, "varchar")
        yield FieldSpec(entity, names.MRR, "monetary")
        for name in (names.NEXT_BILLING, names.TRIAL_END, names.TERM_END, names.CANCELLED_ON):
            yield FieldSpec(entity, name, "date")
        yield FieldSpec(entity, names.ACTIVE_SUBSCRIPTIONS, "double")


def _status(entity: Entity) -> FieldSpec:
    labels = tuple(map(names.status_label, names.SUBSCRIPTION_STATUSES))
    return FieldSpec(entity, names.SUBSCRIPTION_STATUS, "enum", labels)


def _subscription_deal(settings: Settings) -> Iterator[FieldSpec]:
    if settings.subscription_deals.enabled:
        yield FieldSpec("deal", names.SUBSCRIPTION_ID, "varchar")
        yield _status("deal")
        yield FieldSpec("deal", names.PLAN, "varchar")
        yield FieldSpec("deal", names.NEXT_BILLING, "date")


def _invoice_deal(settings: Settings) -> Iterator[FieldSpec]:
    if settings.invoice_deals.enabled:
        labels = tuple(map(names.status_label, names.INVOICE_STATUSES))
        yield FieldSpec("deal", names.INVOICE_ID, "varchar")
        yield FieldSpec("deal", names.INVOICE_STATUS, "enum", labels)
        yield FieldSpec("deal", names.DUE, "monetary")


def _additional(settings: Settings) -> Iterator[FieldSpec]:
    for field in settings.additional_fields:
        options = _OPTIONS.get(field.kind, ())
        yield FieldSpec(field.entity, field.name, _TYPES[field.kind], options, chosen=True)
