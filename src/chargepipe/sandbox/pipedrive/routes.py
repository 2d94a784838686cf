"""Which call of Pipedrive's API does what, and what it costs."""

from ..clock import Clock
from ..messages import Answer, Handler, Request, Route, Router
from ..options import Options
from .body import Kind
from .costs import V1, V2
from .crm import Crm
from .field_calls import FieldCalls
from .fields import Entity
from .lists import Params, whole_list
from .record_calls import RecordCalls
from .search import Search

_KINDS: dict[Kind, str] = {"person": "/persons", "organization": "/organizations"}
_FIELDS: dict[Entity, str] = {
    "person": "/personFields",
    "organization": "/organizationFields",
    "deal": "/dealFields",
}
Calls = dict[tuple[str, str], Handler]
"""Handlers by method and path template."""


def routers(crm: Crm, clock: Clock, options: Options) -> dict[str, Router]:
    """The routers by the beginning of the path."""
    v2 = _records(crm, options) | _fields(crm, clock) | _short_lists(crm)
    v1 = Router(_priced(_v1(crm), V1))
    return {"/api/v2": Router(_priced(v2, V2)), "/api/v1": v1, "/v1": v1}


def _records(crm: Crm, options: Options) -> Calls:
    calls: Calls = {}
    for kind, path in _KINDS.items():
        records = RecordCalls(crm, kind, options.deleted)
        calls |= {
            ("GET", f"{path}/search"): Search(crm, kind).answer,
            ("GET", path): records.listing,
            ("POST", path): records.create,
            ("GET", f"{path}/{{id}}"): records.one,
            ("PATCH", f"{path}/{{id}}"): records.update,
            ("DELETE", f"{path}/{{id}}"): records.remove,
        }
    return calls


def _fields(crm: Crm, clock: Clock) -> Calls:
    calls: Calls = {}
    for entity, path in _FIELDS.items():
        fields = FieldCalls(crm.field_set, entity, clock)
        one = f"{path}/{{field_code}}"
        calls |= {
            ("GET", path): fields.listing,
            ("POST", path): fields.create,
            ("GET", one): fields.one,
            ("PATCH", one): fields.update,
            ("DELETE", one): fields.remove,
            ("POST", f"{one}/options"): fields.add_options,
        }
    return calls


def _short_lists(crm: Crm) -> Calls:
    def pipelines(request: Request) -> Answer:
        params = Params(request, "sort_by", "sort_direction", "limit", "cursor")
        return whole_list(crm.pipelines, params)

    def stages(request: Request) -> Answer:
        names = ("pipeline_id", "sort_by", "sort_direction", "limit", "cursor")
        params = Params(request, *names)
        wanted = params.whole("pipeline_id")
        rows = [row for row in crm.stages if wanted in (None, row["pipeline_id"])]
        return whole_list(rows, params)

    return {("GET", "/pipelines"): pipelines, ("GET", "/stages"): stages}


def _v1(crm: Crm) -> Calls:
    def users() -> list[dict[str, object]]:
        """Users without what only GET /users/me tells."""
        return [{key: user[key] for key in crm.users[-1]} for user in crm.users]

    return {
        ("GET", "/users/me"): lambda _: _done(crm.me),
        ("GET", "/users"): lambda _: _done(users()),
        ("GET", "/currencies"): lambda _: _done(crm.currencies),
    }


def _done(data: object) -> Answer:
    return Answer(200, {"success": True, "data": data})


def _priced(calls: Calls, prices: dict[tuple[str, str], int]) -> list[Route]:
    """Routes with their costs; "/search" comes before "/{id}", for the first match wins."""
    return [Route(*call, handler, prices[call]) for call, handler in calls.items()]
