"""What every call of the API looks at."""

from dataclasses import dataclass
from typing import cast

from ..clock import Clock
from ..messages import Request, Row
from ..options import Options
from .billing import Billing
from .custom_fields import CustomFields
from .entities import entity_of
from .schema import HEADER, Form, content_in, form_of, invoice_in, subscription_in
from .site import Site

ENTITY_HEADER = "chargebee-business-entity-id"


@dataclass(frozen=True, slots=True)
class World:
    """The books of the site, its terms, its time, and what the public pages leave open."""

    billing: Billing
    site: Site
    clock: Clock
    options: Options
    custom: CustomFields

    def form(self, request: Request) -> Form:
        """The form of the product catalog in which a call wants its answer."""
        return form_of(self.site.catalog, request.headers.get(HEADER))


def told(kind: str, row: Row, form: Form) -> Row:
    """A row of the books as the API tells it."""
    match kind:
        case "subscription":
            return subscription_in(form, row)
        case "invoice":
            return invoice_in(form, row)
        case "event":
            return row | {"content": content_in(form, row["content"])}
        case _:
            return row


def entity_in(kind: str, row: Row) -> str:
    """The business entity of a row; that of an event is the one that a resource in it names."""
    if kind != "event":
        return entity_of(row)
    resources = [cast(Row, held) for held in row["content"].values() if isinstance(held, dict)]
    named = [held for held in resources if "business_entity_id" in held]
    return entity_of(named[0] if named else {})
