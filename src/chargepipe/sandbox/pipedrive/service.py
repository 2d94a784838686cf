"""Pipedrive's APIs v2 and v1 and its OAuth server as a whole: who calls, whether it may, limits."""

from itertools import count
from uuid import NAMESPACE_OID, uuid5

from ..clock import Clock
from ..edge import HTML
from ..limits import Budget
from ..messages import Answer, Refused, Request, Route
from ..options import Options
from ..outbox import Outbox
from .apps import Apps
from .auth import Auth
from .company import Company
from .crm import Crm
from .dispatch import Dispatch, run
from .errors import MESSAGES, bare_failure, failure, trouble
from .hook_calls import HookCalls
from .hooks import Hooks
from .limiter import Limiter
from .oauth import OAuth
from .routes import routers
from .scopes import wanted


class Pipedrive:
    """Answers requests as Pipedrive would.

    apps: the registered OAuth app and its installation. hooks: the webhooks of the account.
    """

    def __init__(
        self,
        crm: Crm,
        company: Company,
        token: str,
        clock: Clock,
        options: Options,
        outbox: Outbox,
    ) -> None:
        self._calls = count(1)
        self._company = company
        self._options = options
        self.apps = Apps(crm.me, clock, outbox)
        self.hooks = Hooks(crm, clock, outbox)
        self.apps.when_uninstalled(self.hooks.forget_app)
        self._oauth = OAuth(self.apps)
        self._auth = Auth(token, crm.me, self.apps.grants.scopes_of)
        self._limiter = Limiter(company, clock, options)
        hook_calls = HookCalls(self.hooks, crm, self._auth.caller)
        self._dispatch = Dispatch(routers(crm, clock, options, hook_calls))

    @property
    def budget(self) -> Budget:
        """The API tokens of the company."""
        return self._limiter.budget

    @property
    def routes(self) -> list[Route]:
        """Each call with its whole path and its price, those of the OAuth server too."""
        return [*self._dispatch.routes, *self._oauth.routes]

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        if request.path.startswith("/oauth/"):
            return self._oauth.answer(request)
        try:
            return self._traced(self._api(request))
        except Refused as refused:
            return self._traced(refused.answer)

    def trouble(self, status: int, code: str | None = None) -> Answer:
        """The error that an injected fault answers with."""
        answer = trouble(status, code)
        waits = status == 429 and self._options.sends_retry_after
        return answer.with_headers(("retry-after", "1")) if waits else answer

    def _traced(self, answer: Answer) -> Answer:
        """An answer with its own id (fact sheet 9); the edge, which answers pages, gives none."""
        if answer.content_type == HTML:
            return answer
        id = uuid5(NAMESPACE_OID, f"call {next(self._calls)}")
        return answer.with_headers(("x-correlation-id", str(id)))

    def _api(self, request: Request) -> Answer:
        caller = self._auth.caller(request)
        self._limiter.check_edge(caller)
        if not self._company.is_open:
            raise Refused(failure(402, MESSAGES[402]))
        route, request = self._dispatch.find(request)
        if not caller.may(wanted(route.method, route.template)):
            raise Refused(bare_failure(403, "Scope and URL mismatch"))
        self._limiter.admit(caller, route)
        return self._limiter.charged(caller, route.tokens, run(route, request))
