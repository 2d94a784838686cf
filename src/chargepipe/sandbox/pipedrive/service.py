"""Pipedrive's APIs v2 and v1 as a whole: token check, limits, headers, routes."""

from dataclasses import replace
from math import ceil
from secrets import compare_digest

from ..clock import Clock
from ..limits import Budget, Window
from ..messages import Answer, Handler, Refused, Request, Route
from ..options import Options
from .company import Company
from .costs import SEARCH_BURST
from .crm import Crm
from .errors import Invalid, failure, unauthorized
from .routes import routers

BURST_SECONDS = 2.0


class Pipedrive:
    """Answers requests as Pipedrive would."""

    def __init__(
        self, crm: Crm, company: Company, token: str, clock: Clock, options: Options
    ) -> None:
        self._token = token
        self._options = options
        self.budget = Budget(clock, lambda: company.daily_tokens, options.reset_hour)
        self._burst = Window(clock, lambda: company.burst, BURST_SECONDS)
        self._searches = Window(clock, lambda: SEARCH_BURST, BURST_SECONDS)
        self._routers = routers(crm, clock, options)

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        known = compare_digest(
            request.headers.get("x-api-token", "").encode(), self._token.encode()
        )
        prefix = next((p for p in self._routers if request.path.startswith(p + "/")), None)
        if not known or prefix is None:
            return unauthorized()
        router, path = self._routers[prefix], request.path.removeprefix(prefix)
        found = router.find(request, path)
        if found:
            return self._limited(*found)
        return failure(405, "Method not allowed") if router.knows(path) else unauthorized()

    def trouble(self, status: int) -> Answer:
        """The error that an injected fault answers with."""
        answer = failure(status, "Something went wrong")
        return answer.with_headers(("retry-after", "1")) if status == 429 else answer

    def _limited(self, route: Route, request: Request) -> Answer:
        if self.budget.left() == 0:
            return self._refused(route, "Daily API token budget exceeded", 3)
        window = self._full_window(route)
        if window is not None:
            return self._refused(route, "Rate limit exceeded", max(ceil(window.wait()), 1))
        self.budget.spend(route.tokens)
        return self._with_limits(_safely(route.handler, request), route.tokens)

    def _full_window(self, route: Route) -> Window | None:
        """The window that refuses this call; searches count in both (assumed, ?? 2.3)."""
        searching = route.template.endswith("/search")
        if searching and self._searches.free() == 0:
            return self._searches
        if not self._burst.take():
            return self._burst
        if searching:
            self._searches.take()
        return None

    def _refused(self, route: Route, message: str, wait: int) -> Answer:
        tokens = route.tokens if self._options.refused_costs else 0
        self.budget.spend(tokens)
        answer = self._with_limits(failure(429, message), tokens)
        return answer.with_headers(("retry-after", str(wait)))

    def _with_limits(self, answer: Answer, tokens: int) -> Answer:
        limited = answer.with_headers(
            ("x-ratelimit-limit", str(self._burst.limit)),
            ("x-ratelimit-remaining", str(self._burst.free())),
            ("x-ratelimit-reset", str(ceil(self._burst.wait()))),
            ("x-daily-ratelimit-token-limit", str(self.budget.limit)),
            ("x-daily-ratelimit-token-remaining", str(self.budget.left())),
        )
        return replace(limited, tokens=tokens)


def _safely(handler: Handler, request: Request) -> Answer:
    try:
        return handler(request)
    except Refused as refused:
        return refused.answer
    except Invalid as invalid:
        return failure(invalid.status, str(invalid), invalid.code)
