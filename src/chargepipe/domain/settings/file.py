"""The connection file: two accounts by reference, settings, brake and schedule (interface.md)."""

import re
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from chargepipe.domain.settings.base import Clash, Mixture, Part
from chargepipe.domain.settings.kinds import Interval, SecretRef, Url
from chargepipe.domain.settings.model import Settings


def _site(value: str) -> str:
    if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value):
        return value
    raise ValueError('must be the site name alone: "acme" of https://acme.chargebee.com')


def _connection_name(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}", value):
        return value
    raise ValueError("must be letters, digits, dots and dashes without blanks, at most 50")


class Chargebee(Part):
    """The Chargebee site."""

    site: Annotated[str, AfterValidator(_site)]
    api_key: SecretRef
    url: Url | None = None
    """None is https://{site}.chargebee.com/api/v2."""


class Pipedrive(Part):
    """The Pipedrive account; its user comes by token or by OAuth."""

    api_token: SecretRef | None = None
    oauth: bool = False
    url: Url | None = None
    """None is the account's own domain; /api/v2 and /api/v1 lie below it."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.oauth and self.api_token is not None:
            message = "oauth = true and api_token exclude each other: take one of the two away"
            raise Mixture([Clash(("oauth", "api_token"), message)])
        if not self.oauth and self.api_token is None:
            message = 'is missing: give api_token = "env:NAME", or oauth = true'
            raise Mixture([Clash(("api_token", "oauth"), message)])
        return self


class Brake(Part):
    """From where on a run asks before it writes (rule 11)."""

    share_of_people: Annotated[float, Field(gt=0, le=1)] = 0.3
    """Share of the linked people that a run may change unasked."""
    deals: Annotated[int, Field(ge=0)] = 100
    """Deals that a run may make unasked."""


class Schedule(Part):
    """The automatic sync (setting 10)."""

    automatic: bool = True
    every: Interval = timedelta(hours=1)
    """From the end of the last run."""


class ConnectionFile(Part):
    """A connection as its file says it: accounts, settings, brake and schedule."""

    name: Annotated[str, AfterValidator(_connection_name)]
    chargebee: Chargebee
    pipedrive: Pipedrive
    settings: Settings = Settings()
    brake: Brake = Brake()
    schedule: Schedule = Schedule()
