"""Which call of Pipedrive's API does what, and what it costs."""

from dataclasses import replace

from ..clock import Clock
from ..messages import Answer, Handler, Request, Route, Router
from ..options import Options
from .costs import V1, V2
from .crm import Crm
from .field_calls import FieldCalls
from .fields import Entity
from .hook_calls import HookCalls
from .lists import UnknownParams
from .pipeline_calls import PipelineCalls
from .record_calls import done
from .record_routes import merges, products, records
from .user_calls import UserCalls

_FIELDS: dict[Entity, str] = {
    "person": "/personFields",
    "organization": "/organizationFields",
    "deal": "/dealFields",
}
Calls = dict[tuple[str, str], Handler]
"""Handlers by method and path template."""


def routers(crm: Crm, clock: Clock, options: Options, hooks: HookCalls) -> dict[str, Router]:
    """The routers by the beginning of the path."""
    v2 = records(crm, clock, options) | products(crm, clock, options)
    v2 |= _fields(crm, clock, options) | _pipelines(crm)
    v1 = _v1(crm) | _hooks(hooks) | merges(crm, clock, options)
    old = Router(_priced(crm, options, v1, V1))
    return {"/api/v2": Router(_priced(crm, options, v2, V2)), "/api/v1": old, "/v1": old}


def _fields(crm: Crm, clock: Clock, options: Options) -> Calls:
    calls: Calls = {}
    for entity, path in _FIELDS.items():
        fields = FieldCalls(crm, entity, clock, options)
        one = f"{path}/{{field_code}}"
        calls |= {
            ("GET", path): fields.listing,
            ("POST", path): fields.create,
            ("GET", one): fields.one,
            ("PATCH", one): fields.update,
            ("DELETE", one): fields.remove,
            ("POST", f"{one}/options"): fields.add_options,
            ("PATCH", f"{one}/options"): fields.rename_options,
            ("DELETE", f"{one}/options"): fields.remove_options,
        }
    return calls


def _pipelines(crm: Crm) -> Calls:
    calls = PipelineCalls(crm)
    return {
        ("GET", "/pipelines"): calls.pipelines,
        ("GET", "/pipelines/{id}"): calls.pipeline,
        ("GET", "/stages"): calls.stages,
        ("GET", "/stages/{id}"): calls.stage,
    }


def _v1(crm: Crm) -> Calls:
    def users() -> list[dict[str, object]]:
        """Users without what only GET /users/me tells."""
        return [{key: user[key] for key in crm.users[-1]} for user in crm.users]

    one = UserCalls(crm)
    return {
        ("GET", "/users/me"): lambda _: done(crm.me),
        ("GET", "/users"): lambda _: done(users()),
        ("GET", "/users/{id}"): one.one,
        ("GET", "/users/{id}/permissions"): one.permissions,
        ("GET", "/currencies"): lambda request: _currencies(crm, request),
    }


def _currencies(crm: Crm, request: Request) -> Answer:
    """GET /v1/currencies: those whose name or code holds `term`."""
    term = request.params.get("term", "").casefold()
    return done(
        [row for row in crm.currencies if term in f"{row['name']} {row['code']}".casefold()]
    )


def _hooks(hooks: HookCalls) -> Calls:
    return {
        ("GET", "/webhooks"): hooks.listing,
        ("POST", "/webhooks"): hooks.create,
        ("DELETE", "/webhooks/{id}"): hooks.remove,
    }


def _priced(
    crm: Crm, options: Options, calls: Calls, prices: dict[tuple[str, str], int]
) -> list[Route]:
    """Routes with their costs; "/search" comes before "/{id}", for the first match wins."""

    def through_api(handler: Handler) -> Handler:
        if options.unknown_params == "ignore":
            handler = _ignoring(handler)

        def answer(request: Request) -> Answer:
            with crm.news.through_api():
                return handler(request)

        return answer

    return [Route(*call, through_api(handler), prices[call]) for call, handler in calls.items()]


def _ignoring(handler: Handler) -> Handler:
    """The handler, given once more without the query parameters that it does not know."""

    def answer(request: Request) -> Answer:
        try:
            return handler(request)
        except UnknownParams as unknown:
            known = tuple(pair for pair in request.query if pair[0] not in unknown.names)
            return handler(replace(request, query=known))

    return answer
