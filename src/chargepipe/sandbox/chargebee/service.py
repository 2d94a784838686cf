"""The endpoints of Chargebee's API v2 that a one-way sync reads."""

from base64 import b64decode
from math import ceil
from secrets import compare_digest

from ..clock import Clock
from ..limits import Window
from ..messages import Answer, Handler, Refused, Request, Route, Router, Row
from ..options import Options
from .billing import Billing
from .errors import error, not_found
from .lists import page, read_query
from .site import Site

API = "/api/v2"
MINUTE = 60.0
_LISTS = {
    "customer": "/customers",
    "subscription": "/subscriptions",
    "invoice": "/invoices",
    "event": "/events",
}


class Chargebee:
    """Answers requests as Chargebee would; hands out `Billing` and nothing else."""

    def __init__(
        self, billing: Billing, site: Site, key: str, clock: Clock, options: Options
    ) -> None:
        self._billing = billing
        self._site = site
        self._key = key
        self._strict = options.after_is_strict
        self._window = Window(clock, lambda: options.calls_per_minute, MINUTE)
        self._router = Router(self._routes())

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        try:
            return self._guarded(request)
        except Refused as refused:
            return refused.answer

    def trouble(self, status: int) -> Answer:
        """The error that an injected fault answers with."""
        code = {429: "api_request_limit_exceeded", 401: "api_authentication_failed"}.get(status)
        answer = error(status, code or "internal_temporary_error", "Sorry, something went wrong")
        return answer.with_headers(("retry-after", "1")) if status == 429 else answer

    def _guarded(self, request: Request) -> Answer:
        if not self._is_signed(request):
            return error(
                401, "api_authentication_failed", "Sorry, authentication failed. Invalid api key"
            )
        if not self._window.take():
            return self._too_many()
        path = request.path.removeprefix(API)
        found = self._router.find(request, path) if request.path.startswith(API) else None
        if found:
            route, request = found
            return route.handler(request)
        if self._router.knows(path):
            return error(405, "http_method_not_supported", "The sandbox only reads Chargebee")
        return error(404, "resource_not_found", "Sorry, there is nothing at this path")

    def _is_signed(self, request: Request) -> bool:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return False
        known = compare_digest(user.encode(), self._key.encode())
        return scheme.lower() == "basic" and known and not password

    def _too_many(self) -> Answer:
        more = {"type": "operation_failed"}
        message = "Sorry, you have reached the API limit of the site"
        answer = error(429, "api_request_limit_exceeded", message, **more)
        return answer.with_headers(("retry-after", str(max(ceil(self._window.wait()), 1))))

    def _routes(self) -> list[Route]:
        routes = [Route("GET", "/configurations", self._configurations)]
        for kind, path in _LISTS.items():
            routes.append(Route("GET", path, self._lister(kind)))
            if kind != "event":
                routes.append(Route("GET", path + "/{id}", self._getter(kind)))
        return routes

    def _configurations(self, _: Request) -> Answer:
        site = {
            "domain": self._site.domain,
            "product_catalog_version": "v2",
            "chargebee_response_schema_type": "items",
            "object": "configuration",
        }
        return Answer(200, {"configurations": [site]})

    def _lister(self, kind: str) -> Handler:
        def answer(request: Request) -> Answer:
            query = read_query(kind, request, self._strict)
            found = page(self._billing.shelves[kind], query)
            body: Row = {"list": [self._entry(kind, row) for row in found.rows]}
            if found.next_offset:
                body["next_offset"] = found.next_offset
            return Answer(200, body)

        return answer

    def _getter(self, kind: str) -> Handler:
        def answer(request: Request) -> Answer:
            record_id = request.parts["id"]
            try:
                row = self._billing.shelves[kind].find(record_id)
            except KeyError:
                raise not_found(kind, record_id) from None
            if row.get("deleted"):
                raise not_found(kind, record_id)
            return Answer(200, self._entry(kind, row))

        return answer

    def _entry(self, kind: str, row: Row) -> Row:
        """A row as lists and single answers hold it; a subscription embeds its customer."""
        if kind != "subscription":
            return {kind: row}
        customer = self._billing.shelves["customer"].find(row["customer_id"])
        return {"subscription": row, "customer": customer}
