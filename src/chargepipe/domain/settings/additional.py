"""Setting 9: attributes of Chargebee's records in further custom fields."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self, TypeAlias, cast

from pydantic import AfterValidator, Field, model_validator

from chargepipe.domain import names
from chargepipe.domain.settings.base import Clash, Mixture, Part
from chargepipe.domain.text import NAME_LIMIT, squeeze

Overwrite: TypeAlias = Literal["always", "fill_empty", "append"]
Entity: TypeAlias = Literal["person", "organization", "deal"]
FieldKind: TypeAlias = Literal["text", "number", "date", "money", "option", "yes_no"]
"""What a field holds; "option" is one of a list, "yes_no" one of Yes and No."""

_DATE_ENDINGS = ("_at", "_start", "_end", "_date", "_since")
_MONEY = frozenset(
    {"mrr", "arr", "total_dues", "promotional_credits", "refundable_credits", "excess_payments"}
    | {"unbilled_charges", "plan_amount", "plan_unit_price", "setup_fee", "total", "sub_total"}
    | {"tax", "amount_due", "amount_paid", "amount_adjusted", "credits_applied"}
    | {"write_off_amount", "amount_to_collect"}
)
BUILT_IN = {
    "person": {"name", "emails", "phones", "organization"},
    "organization": {"name"},
    "deal": {"title", "value", "stage", "status", "expected_close_date", "person", "organization"},
}
"""Names by which we keep what a record has besides custom fields (`domain.held`, `held_deal`)."""
_OURS = frozenset(name.casefold() for name in names.ALL)


def _source(value: str) -> str:
    if re.fullmatch(r"(customer|subscription|invoice)\.\w+(\.\w+)?", value):
        return value
    raise ValueError(
        'must be "customer.", "subscription." or "invoice." and an attribute of it, such as '
        '"customer.cf_tier"'
    )


def _target(value: str) -> str:
    entity, _, name = value.partition(".")
    name = squeeze(name)
    if entity not in ("person", "organization", "deal") or not 0 < len(name) <= NAME_LIMIT:
        raise ValueError('must be "person.", "organization." or "deal." and a custom field\'s name')
    if name in BUILT_IN[entity]:
        raise ValueError("has the name that a built-in field has here: give the field another one")
    if name.casefold() in _OURS:
        raise ValueError("is a field that chargepipe writes by itself: choose another name")
    return f"{entity}.{name}"


def kind_of(attribute: str) -> FieldKind:
    """What an attribute of Chargebee's holds, by its name: times are dates, amounts money."""
    if attribute.startswith("cf_"):
        return "text"
    if attribute in _MONEY:
        return "money"
    return "date" if attribute == "date" or attribute.endswith(_DATE_ENDINGS) else "text"


class AdditionalField(Part):
    """One attribute of Chargebee's, and the custom field of Pipedrive's that shows it."""

    source: Annotated[str, Field(alias="from"), AfterValidator(_source)]
    """Record and attribute: customer.cf_tier, customer.billing_address.city, invoice.po_number."""
    target: Annotated[str, Field(alias="to"), AfterValidator(_target)]
    """Entity and field name: person.Tier."""
    type: FieldKind | None = None
    """What the field holds; None goes by the attribute: times are dates, amounts money."""
    overwrite: Overwrite | None = None
    """None follows the overwrite setting of the connection."""

    @property
    def record(self) -> str:
        """customer, subscription or invoice."""
        return self.source.partition(".")[0]

    @property
    def attribute(self) -> str:
        """The attribute's name in Chargebee's JSON, nested ones dotted."""
        return self.source.partition(".")[2]

    @property
    def entity(self) -> Entity:
        """person, organization or deal."""
        return cast(Entity, self.target.partition(".")[0])

    @property
    def name(self) -> str:
        """The custom field's name in Pipedrive."""
        return self.target.partition(".")[2]

    @property
    def kind(self) -> FieldKind:
        """The type as chosen, else by the attribute's name, else text."""
        return self.type or kind_of(self.attribute)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        clashes = list(self._clashes())
        if clashes:
            raise Mixture(clashes)
        return self

    def _clashes(self) -> Iterator[Clash]:
        if self.overwrite == "append":
            message = 'cannot be "append", for the field holds one value: "always" or "fill_empty"'
            yield Clash(("overwrite",), message)
        if self.type == "money" and self.attribute not in _MONEY:
            message = "money comes from Chargebee's own amounts only: choose number or text"
            yield Clash(("type", "from"), message)
