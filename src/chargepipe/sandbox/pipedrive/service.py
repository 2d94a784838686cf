"""Pipedrive's APIs v2 and v1 as a whole: token check, limits, headers, routes."""

from dataclasses import replace
from math import ceil
from secrets import compare_digest

from ..clock import Clock
from ..limits import Budget, Window
from ..messages import Answer, Handler, Refused, Request, Route, Router
from ..options import Options, Plan
from .body import Kind
from .costs import BURST, DAILY_TOKENS, MULTIPLIER, SEARCH_BURST, V1, V2
from .crm import Crm
from .errors import Invalid, failure, unauthorized
from .field_calls import FieldCalls
from .fields import Entity
from .lists import Params, whole_list
from .record_calls import RecordCalls
from .search import Search

BURST_SECONDS = 2.0
_KINDS: dict[Kind, str] = {"person": "/persons", "organization": "/organizations"}
_FIELDS: dict[Entity, str] = {
    "person": "/personFields",
    "organization": "/organizationFields",
    "deal": "/dealFields",
}


class Pipedrive:
    """Answers requests as Pipedrive would."""

    def __init__(self, crm: Crm, token: str, plan: Plan, clock: Clock, options: Options) -> None:
        self._crm = crm
        self._token = token
        self._clock = clock
        self._options = options
        self.budget = Budget(clock, DAILY_TOKENS * MULTIPLIER[plan] * options.seats)
        self._burst = Window(clock, BURST[plan], BURST_SECONDS)
        self._searches = Window(clock, SEARCH_BURST, BURST_SECONDS)
        v1 = Router(_priced(self._v1(), V1))
        self._routers = {"/api/v2": Router(_priced(self._v2(), V2)), "/api/v1": v1, "/v1": v1}

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

    def _v2(self) -> dict[tuple[str, str], Handler]:
        calls: dict[tuple[str, str], Handler] = {}
        for kind, path in _KINDS.items():
            records = RecordCalls(self._crm, kind, self._options.deleted)
            calls |= {
                ("GET", f"{path}/search"): Search(self._crm, kind).answer,
                ("GET", path): records.listing,
                ("POST", path): records.create,
                ("GET", f"{path}/{{id}}"): records.one,
                ("PATCH", f"{path}/{{id}}"): records.update,
                ("DELETE", f"{path}/{{id}}"): records.remove,
            }
        for entity, path in _FIELDS.items():
            fields = FieldCalls(self._crm.field_set, entity, self._clock)
            one = f"{path}/{{field_code}}"
            calls |= {
                ("GET", path): fields.listing,
                ("POST", path): fields.create,
                ("GET", one): fields.one,
                ("PATCH", one): fields.update,
                ("DELETE", one): fields.remove,
                ("POST", f"{one}/options"): fields.add_options,
            }
        calls["GET", "/pipelines"] = self._pipelines
        calls["GET", "/stages"] = self._stages
        return calls

    def _v1(self) -> dict[tuple[str, str], Handler]:
        return {
            ("GET", "/users/me"): lambda _: Answer(200, {"success": True, "data": self._crm.me}),
            ("GET", "/users"): lambda _: Answer(200, {"success": True, "data": self._users()}),
            ("GET", "/currencies"): lambda _: Answer(
                200, {"success": True, "data": self._crm.currencies}
            ),
        }

    def _pipelines(self, request: Request) -> Answer:
        params = Params(request, "sort_by", "sort_direction", "limit", "cursor")
        return whole_list(self._crm.pipelines, params)

    def _stages(self, request: Request) -> Answer:
        names = ("pipeline_id", "sort_by", "sort_direction", "limit", "cursor")
        params = Params(request, *names)
        wanted = params.whole("pipeline_id")
        rows = [row for row in self._crm.stages if wanted in (None, row["pipeline_id"])]
        return whole_list(rows, params)

    def _users(self) -> list[dict[str, object]]:
        """Users without what only GET /users/me tells."""
        return [
            {key: value for key, value in user.items() if key in self._crm.users[-1]}
            for user in self._crm.users
        ]


def _priced(
    calls: dict[tuple[str, str], Handler], prices: dict[tuple[str, str], int]
) -> list[Route]:
    """Routes with their costs; "/search" comes before "/{id}", for the first match wins."""
    return [Route(*call, handler, prices[call]) for call, handler in calls.items()]


def _safely(handler: Handler, request: Request) -> Answer:
    try:
        return handler(request)
    except Refused as refused:
        return refused.answer
    except Invalid as invalid:
        return failure(invalid.status, str(invalid), invalid.code)
