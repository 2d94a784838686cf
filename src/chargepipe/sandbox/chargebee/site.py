"""What kind of Chargebee site it is, and what it has been switched to."""

from dataclasses import dataclass
from typing import Literal

Catalog = Literal["v1", "v2", "coexistence"]


@dataclass(slots=True)
class Site:
    """The simulated site; change its attributes while it is served.

    catalog: Product Catalog 1.0 (plans and addons), 2.0 (items), or both at once, as on a site that
        was moved from 1.0 (fact sheet 10). live: a live site flags who calls too much and blocks
        all GETs; a test site only answers 429 (fact sheet 2). blocked: it has come to that.
    list_lag: seconds until lists show a write (5 minutes are reported, fact sheet 3).
    mrr_delay: seconds until `mrr` follows a change (under a minute, fact sheet 5).
    """

    domain: str = "sandbox-test"
    catalog: Catalog = "v2"
    live: bool = False
    blocked: bool = False
    list_lag: float = 0.0
    mrr_delay: float = 30.0
