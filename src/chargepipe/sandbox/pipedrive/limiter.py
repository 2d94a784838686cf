"""What holds callers back: tokens of the day, bursts, and the edge that blocks who keeps calling.

Fact sheets 2.1 to 2.4. All limits are asked for at each call, for a plan can be switched.
"""

from dataclasses import replace
from math import ceil
from typing import get_args

from ..clock import Clock
from ..edge import HTML, page
from ..limits import Budget, Window
from ..messages import Answer, Refused, Route
from ..options import Options
from .auth import Caller
from .company import Company, Means
from .costs import SEARCH_BURST
from .errors import failure

BURST_SECONDS = 2.0
HAMMERING, HAMMERING_SECONDS = 100, 60.0
"""So many refused calls with the API token in so many seconds bring the block (ours: the pages
say that one who keeps calling through 429 is blocked, not after how many calls)."""
BLOCK_SECONDS = 900.0
"""How long the edge blocks (fact sheet 2.4: wait 15 minutes at least)."""


class Limiter:
    """One budget for the company; windows of their own for the API token and for the app."""

    def __init__(self, company: Company, clock: Clock, options: Options) -> None:
        self.budget = Budget(clock, lambda: company.daily_tokens, options.reset_hour)
        self._company = company
        self._clock = clock
        self._options = options
        self._bursts = {means: self._burst(means) for means in get_args(Means)}
        self._searches = {
            means: Window(clock, lambda: SEARCH_BURST, BURST_SECONDS) for means in get_args(Means)
        }
        self._refusals = Window(clock, lambda: HAMMERING, HAMMERING_SECONDS)
        self._blocked_until = 0.0

    def check_edge(self, caller: Caller) -> None:
        """Raises Refused (403, a web page) while the API token's traffic is blocked."""
        if caller.means == "api_token" and self._clock.now() < self._blocked_until:
            raise Refused(Answer(403, page(403), content_type=HTML))

    def admit(self, caller: Caller, route: Route) -> None:
        """Count a call. Raises Refused (429)."""
        if self.budget.left() == 0:
            raise Refused(self._too_many(caller, route, "Daily API token budget exceeded", 3))
        window = self._full_window(caller.means, route)
        if window is not None:
            wait = max(ceil(window.wait()), 1)
            raise Refused(self._too_many(caller, route, "Request over limit", wait))

    def charged(self, caller: Caller, tokens: int, answer: Answer) -> Answer:
        """The answer of an admitted call with its price taken, and with the limits shown."""
        refused = answer.status >= 400
        price = tokens if not refused or self._options.failed_costs else 0
        self.budget.spend(price)
        return self._with_limits(caller, answer, price)

    def _burst(self, means: Means) -> Window:
        return Window(self._clock, lambda: self._company.burst_of(means), BURST_SECONDS)

    def _full_window(self, means: Means, route: Route) -> Window | None:
        """The window that refuses this call; searches count in both (assumed, ?? 2.3)."""
        burst, searches = self._bursts[means], self._searches[means]
        searching = is_search(route.template)
        if searching and searches.free() == 0:
            return searches
        if not burst.take():
            return burst
        if searching:
            searches.take()
        return None

    def _too_many(self, caller: Caller, route: Route, message: str, wait: int) -> Answer:
        if caller.means == "api_token" and not self._refusals.take():
            self._blocked_until = self._clock.now() + BLOCK_SECONDS
        price = route.tokens if self._options.refused_costs else 0
        self.budget.spend(price)
        answer = self._with_limits(caller, failure(429, message), price)
        if not self._options.sends_retry_after:
            return answer
        return answer.with_headers(("retry-after", str(wait)))

    def _with_limits(self, caller: Caller, answer: Answer, tokens: int) -> Answer:
        priced = replace(answer, tokens=tokens)
        if not self._company.shows_limits:
            return priced
        burst = self._bursts[caller.means]
        return priced.with_headers(
            ("x-ratelimit-limit", str(burst.limit)),
            ("x-ratelimit-remaining", str(burst.free())),
            ("x-ratelimit-reset", str(ceil(burst.wait()))),
            ("x-daily-ratelimit-token-limit", str(self.budget.limit)),
            ("x-daily-ratelimit-token-remaining", str(self.budget.left())),
        )


def is_search(template: str) -> bool:
    """Whether a call counts as a search (fact sheet 2.3 names no paths: every one that is one)."""
    return template.endswith("/search") or template.startswith("/itemSearch")
