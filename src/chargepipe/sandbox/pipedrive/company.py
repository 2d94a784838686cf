"""What the Pipedrive company has paid for, and whether its account is open."""

from dataclasses import dataclass
from typing import Literal

from .costs import (
    BURST,
    DAILY_TOKENS,
    DEAL_QUOTA,
    FIELD_QUOTA,
    MOST_DEALS,
    MULTIPLIER,
    OAUTH_TIMES,
)

Plan = Literal["lite", "growth", "premium", "ultimate"]
Means = Literal["api_token", "oauth"]
"""How a caller shows who it is."""


@dataclass(slots=True)
class Company:
    """The simulated company; change its attributes while it is served.

    plan, seats: they set the limits below (fact sheets 2.1, 2.3, 2.5). is_open: whether it is paid
    for; else every call answers 402. shows_limits: whether answers carry rate headers (fact sheet
    2.4: they were missing once).
    """

    plan: Plan = "lite"
    seats: int = 1
    is_open: bool = True
    shows_limits: bool = True

    @property
    def daily_tokens(self) -> int:
        """API tokens a day."""
        return DAILY_TOKENS * MULTIPLIER[self.plan] * self.seats

    @property
    def burst(self) -> int:
        """Calls in any 2 seconds with an API token."""
        return BURST[self.plan]

    def burst_of(self, means: Means) -> int:
        """Calls in any 2 seconds with the API token, or with an app's access token."""
        return self.burst * (OAUTH_TIMES if means == "oauth" else 1)

    @property
    def field_quota(self) -> int:
        """Custom fields of all entities together."""
        return FIELD_QUOTA[self.plan]

    @property
    def deal_quota(self) -> int:
        """Open deals of the company (fact sheet 2.5 reads the table as per seat)."""
        return min(DEAL_QUOTA[self.plan] * self.seats, MOST_DEALS)
