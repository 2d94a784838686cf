"""The match key: the pair of fields by which a customer finds its person (setting 6)."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from chargepipe.domain.settings.base import Clash, Mixture, Part
from chargepipe.domain.text import NAME_LIMIT, squeeze

_NOT_CUSTOM = frozenset({"id", "name", "first_name", "last_name", "org_id", "owner_id", "label"})


def _customer_field(value: str) -> str:
    if value in ("email", "id", "phone") or re.fullmatch(r"cf_\w+", value):
        return value
    raise ValueError(
        'must be "email", "id", "phone" or a text custom field of the customer (cf_...)'
    )


def _person_field(value: str) -> str:
    name = squeeze(value)
    if not name or len(name) > NAME_LIMIT or name.casefold() in _NOT_CUSTOM:
        raise ValueError(
            'must be "email", "phone" or the name of a text custom field of the person'
        )
    return name.casefold() if name.casefold() in ("email", "phone") else name


class MatchKey(Part):
    """Which field of the customer is compared with which field of the person."""

    chargebee: Annotated[str, AfterValidator(_customer_field)] = "email"
    """email, id, phone, or cf_... of the customer."""
    pipedrive: Annotated[str, AfterValidator(_person_field)] = "email"
    """email, phone, or the name of a text custom field of the person."""

    @property
    def by_phone(self) -> bool:
        """Whether values are compared as phone numbers; else as case-folded text."""
        return "phone" in (self.chargebee, self.pipedrive)

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if {self.chargebee, self.pipedrive} == {"email", "phone"}:
            message = "an email never equals a phone: name two fields of the same kind"
            raise Mixture([Clash(("pipedrive", "chargebee"), message)])
        return self
