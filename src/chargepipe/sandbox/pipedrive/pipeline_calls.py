"""Endpoints of pipelines and stages."""

from ..messages import Answer, Request, Row
from .crm import Crm
from .errors import Invalid
from .lists import Params, sorted_list
from .lookup import whole_in
from .record_calls import done

_ORDERS = ("id", "update_time", "add_time")
_PAGED = ("sort_by", "sort_direction", "limit", "cursor")


class PipelineCalls:
    """GET /pipelines, /pipelines/{id}, /stages and /stages/{id}."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    def pipelines(self, request: Request) -> Answer:
        """GET /pipelines."""
        rows = [row for row in self._crm.pipelines if not row["is_deleted"]]
        return sorted_list(rows, Params(request, *_PAGED), self._crm.cursors, *_ORDERS)

    def stages(self, request: Request) -> Answer:
        """GET /stages."""
        params = Params(request, "pipeline_id", *_PAGED)
        wanted = params.whole("pipeline_id")
        rows = [row for row in self._crm.stages if wanted in (None, row["pipeline_id"])]
        living = [row for row in rows if not row["is_deleted"]]
        return sorted_list(living, params, self._crm.cursors, *_ORDERS, "order_nr")

    def pipeline(self, request: Request) -> Answer:
        """GET /pipelines/{id}."""
        return _found(self._crm.funnel.pipeline(_id(request)), "Pipeline")

    def stage(self, request: Request) -> Answer:
        """GET /stages/{id}."""
        return _found(self._crm.funnel.stage(_id(request)), "Stage")


def _id(request: Request) -> int:
    Params(request)
    return whole_in(request, "id")


def _found(row: Row | None, name: str) -> Answer:
    if row is None:
        raise Invalid(f"{name} not found", 404, "ERR_NOT_FOUND")
    return done(row)
