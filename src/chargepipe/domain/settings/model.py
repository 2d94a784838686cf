"""The settings of a connection: one set of models behind form, API and file.

Names are those of the connection file (interface.md); defaults those of product.md section 3.
"""

import re
import zoneinfo
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from chargepipe.domain.settings.additional import AdditionalField, Overwrite
from chargepipe.domain.settings.base import Clash, Mixture, Part
from chargepipe.domain.settings.deals import InvoiceDeals, SubscriptionDeals
from chargepipe.domain.settings.kinds import Listed, as_tuple
from chargepipe.domain.settings.match_key import MatchKey
from chargepipe.domain.text import squeeze

MOST_ENTITIES = 30
"""Business entities that a connection may choose (setting 0)."""


def _entities(value: Any) -> str | tuple[str, ...]:
    if value == "all":
        return "all"
    chosen = cast(tuple[Any, ...], as_tuple(value)) if isinstance(value, list | tuple) else ()
    names = tuple(name.strip() for name in chosen if isinstance(name, str) and name.strip())
    if 1 <= len(set(names)) == len(chosen) <= MOST_ENTITIES:
        return names
    raise ValueError(f'must be "all", or a list of 1 to {MOST_ENTITIES} different entity ids')


def _daily_tokens(value: Any) -> str | int:
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ValueError('must be "auto", or the tokens a day as a number above 0')


def _owner(value: str) -> str:
    if value == "token" or re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        return value
    raise ValueError('must be "token" (the connecting user), or the email of a user of Pipedrive')


def _time_zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('must be a time zone such as "UTC" or "Europe/Berlin"') from None
    return value


def _codes(value: tuple[str, ...]) -> tuple[str, ...]:
    if all(re.fullmatch(r"[A-Z]{3}", code) for code in value):
        return tuple(sorted(set(value)))
    raise ValueError('must be a list of currency codes of three capital letters, such as ["JPY"]')


def _different(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(value)))


class Settings(Part):
    """The sync rules of a connection (product.md section 3)."""

    customers: Literal["all", "with_subscriptions"] = "all"
    create_people: bool = True
    organizations: bool = False
    deleted_customers: Literal["flag", "leave", "delete"] = "flag"
    subscription_data: Literal["off", "person", "organization"] = "off"
    match_key: MatchKey = MatchKey()
    business_entities: Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_entities)] = (
        "all"
    )
    budget_share: Annotated[float, Field(gt=0, le=1)] = 0.7
    """Share of the account's daily API tokens that runs may use."""
    daily_tokens: Annotated[Literal["auto"] | int, BeforeValidator(_daily_tokens)] = "auto"
    overwrite: Overwrite = "always"
    shared_keys: Literal["overwrite", "fail", "first"] = "overwrite"
    deleted_persons: Literal["recreate", "leave"] = "recreate"
    deal_care: bool = True
    owner: Annotated[str, AfterValidator(_owner)] = "token"
    """The connecting user, or the email of another, who owns new records."""
    visibility: Literal["default", "owner", "group", "subgroups", "company"] = "default"
    """Who sees new records; "default" is what Pipedrive does by itself."""
    label: Annotated[str, AfterValidator(squeeze)] = ""
    """Name of the label of new people; "" for none."""
    extras: Annotated[Listed[Literal["link", "overdue"]], AfterValidator(_different)] = ()
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    """Of the Chargebee site: dates are taken in it."""
    zero_decimal: Annotated[Listed[str], AfterValidator(_codes)] = ("JPY", "KRW", "XAF", "XOF")
    """Currencies without minor units; every other has two decimals."""
    subscription_deals: SubscriptionDeals = SubscriptionDeals()
    invoice_deals: InvoiceDeals = InvoiceDeals()
    additional_fields: Listed[AdditionalField] = ()

    def attributes(self, record: str) -> frozenset[str]:
        """Attributes of a customer, subscription or invoice that the mirror keeps on top.

        It is the `extra` of `records.allowed`: for additional fields and the match key.
        """
        asked = {field.attribute for field in self.additional_fields if field.record == record}
        if record == "customer":
            asked.add(self.match_key.chargebee)
        return frozenset(asked)

    def policies(self, entity: str) -> dict[str, Overwrite]:
        """The overwrite policy of each additional field of an entity, by the field's name."""
        fields = (field for field in self.additional_fields if field.entity == entity)
        return {field.name: field.overwrite or self.overwrite for field in fields}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        clashes = list(_clashes(self))
        if clashes:
            raise Mixture(clashes)
        return self


def _clashes(settings: Settings) -> Iterator[Clash]:
    if settings.subscription_data == "organization" and not settings.organizations:
        message = 'needs organizations = true; without it choose "person" or "off"'
        yield Clash(("subscription_data", "organizations"), message)
    seen: set[tuple[str, bool]] = set()
    kinds: dict[str, str] = {}
    for index, field in enumerate(settings.additional_fields):
        path = f"additional_fields.{index}.to"
        yield from (Clash((path, *needs), words) for needs, words in _unmet(settings, field))
        place = (field.target.casefold(), field.record == "invoice")
        if place in seen:
            yield Clash((path,), "is the field of an earlier entry too: each field has one source")
        seen.add(place)
        if kinds.setdefault(field.target.casefold(), field.kind) != field.kind:
            message = "has another type in an earlier entry: give both the same type"
            yield Clash((path,), message)


def _unmet(settings: Settings, field: AdditionalField) -> Iterator[tuple[tuple[str, ...], str]]:
    """What an additional field needs and does not find: the other keys to change, and words."""
    if field.record == "invoice" and field.entity != "deal":
        yield (), "must be a field of the deal: an invoice shows on its deal only"
    if field.entity == "organization" and not settings.organizations:
        yield ("organizations",), "needs organizations = true"
    if field.entity == "deal" and not _has_deal(settings, field.record):
        yield ("subscription_deals",), "needs the deals of its record: set their enabled = true"


def _has_deal(settings: Settings, record: str) -> bool:
    subscriptions = settings.subscription_deals.enabled and record != "invoice"
    return subscriptions or (settings.invoice_deals.enabled and record != "subscription")
