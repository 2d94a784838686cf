"""Chargebee's API v2, as far as the sandbox has it: who may call, and where a call goes."""

from dataclasses import replace

from ..clock import Clock
from ..messages import Answer, Refused, Request, Route, Router
from ..options import Options
from ..outbox import Outbox
from .access import Gate, Keys
from .billing import Billing
from .custom_fields import CustomFields
from .errors import error, trouble
from .hook_calls import HookCalls
from .hooks import Hooks
from .record_calls import RecordCalls
from .site import Site
from .site_calls import SiteCalls
from .world import World

API = "/api/v2"


class Chargebee:
    """Answers requests as Chargebee would, and tells its webhooks of each event.

    `hooks` are the webhook endpoints of the site.
    """

    def __init__(
        self,
        billing: Billing,
        site: Site,
        keys: Keys,
        clock: Clock,
        outbox: Outbox,
        options: Options,
    ) -> None:
        self._options = options
        world = World(billing, site, clock, options, CustomFields())
        self.hooks = Hooks(world, outbox)
        billing.listeners.append(world.custom.hear)
        billing.listeners.append(self.hooks.hear)
        self._gate = Gate(world, keys)
        records, terms = RecordCalls(world), SiteCalls(world)
        hooks = HookCalls(world, self.hooks)
        self._router = Router([*records.routes(), *terms.routes(), *hooks.routes()])

    @property
    def routes(self) -> list[Route]:
        """Each call with its whole path."""
        return [replace(route, template=API + route.template) for route in self._router.routes]

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        stopped = self._gate.stops(request)
        if stopped is not None:
            return stopped
        try:
            return self._routed(request)
        except Refused as refused:
            return refused.answer

    def trouble(self, status: int, code: str | None = None) -> Answer:
        """The error that an injected fault answers with; see `errors.trouble`."""
        answer = trouble(status, code)
        if status == 429 and self._options.sends_retry_after:
            return answer.with_headers(("retry-after", "1"))
        return answer

    def _routed(self, request: Request) -> Answer:
        path = request.path.removeprefix(API)
        known = request.path.startswith(API) and self._router.knows(path)
        found = self._router.find(request, path) if known else None
        if found:
            route, request = found
            return route.handler(request)
        if known:
            return error(405, "http_method_not_supported", "The sandbox has no such call here")
        return error(404, "resource_not_found", "Sorry, there is nothing at this path")
