"""What the public pages leave open about the two services, as named choices.

Each is marked [?] or ?? in the fact sheets. A test that depends on one names it.
"""

from dataclasses import dataclass
from typing import Literal

Plan = Literal["lite", "growth", "premium", "ultimate"]


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for a `Sandbox`; the defaults are the careful reading.

    after_is_strict: Chargebee's ``field[after]=t`` leaves out rows at exactly t.
    calls_per_minute: Chargebee's limit of the site; every test site has 150.
    deleted: what Pipedrive answers for one deleted record: 404, or 400 with ERR_..._DELETED,
        or (on GET alone, else 400) 200 with is_deleted true.
    refused_costs: whether a 429 takes tokens from Pipedrive's daily budget.
    seats: paid seats of the Pipedrive company; they multiply the daily budget.
    """

    after_is_strict: bool = True
    calls_per_minute: int = 150
    deleted: Literal["404", "400", "200"] = "404"
    refused_costs: bool = False
    seats: int = 1
