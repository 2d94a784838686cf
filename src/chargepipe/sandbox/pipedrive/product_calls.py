"""Endpoints of the products of a deal (fact sheet 4)."""

from typing import cast

from ..messages import Answer, Request, Row
from .crm import Crm
from .errors import failed_checks
from .lists import Params, sorted_list
from .lookup import Lookup, whole_in
from .record_calls import done, read_json


class ProductCalls:
    """What is attached to a deal, attaching more, and taking it off."""

    def __init__(self, crm: Crm, lookup: Lookup) -> None:
        self._crm = crm
        self._lookup = lookup

    def listing(self, request: Request) -> Answer:
        """GET /deals/{id}/products."""
        params = Params(request, "sort_by", "sort_direction", "limit", "cursor")
        deal = self._lookup.living(self._lookup.id(request))
        orders = ("id", "add_time", "update_time", "order_nr")
        return sorted_list(self._crm.products.of(deal), params, self._crm.cursors, *orders)

    def create(self, request: Request) -> Answer:
        """POST /deals/{id}/products."""
        return done(self._attach(request, [read_json(request)])[0], 201)

    def create_many(self, request: Request) -> Answer:
        """POST /deals/{id}/products/bulk."""
        body: Row = read_json(request)
        if set(body) != {"data"} or not isinstance(body["data"], list):
            raise failed_checks("data: must be a list of products, and nothing else is allowed")
        return done(self._attach(request, cast(list[Row], body["data"])), 201)

    def remove(self, request: Request) -> Answer:
        """DELETE /deals/{id}/products/{product_attachment_id}."""
        Params(request)
        self._crm.permissions.need("edit", "deal")
        deal_id, product = (whole_in(request, name) for name in ("id", "product_attachment_id"))
        self._lookup.editable(deal_id)
        self._crm.detach(deal_id, product)
        return done({"id": product})

    def _attach(self, request: Request, bodies: list[Row]) -> list[Row]:
        Params(request)
        self._crm.permissions.need("edit", "deal")
        deal_id = self._lookup.id(request)
        self._lookup.editable(deal_id)
        return self._crm.attach(deal_id, bodies)
