"""Calls for customers, subscriptions, invoices, events and credit notes."""

from typing import Any

from ..data.draw import DAY
from ..messages import Answer, Handler, Request, Route, Row
from .errors import not_found, refused
from .fields import PLAIN
from .lists import page
from .plain import plain_list
from .queries import read_query
from .schema import Form
from .world import ENTITY_HEADER, World, entity_in, told

_PATHS = {
    "customer": "/customers",
    "subscription": "/subscriptions",
    "invoice": "/invoices",
    "event": "/events",
    "credit_note": "/credit_notes",
}


class RecordCalls:
    """Lists of records and single ones. Deleted ones are in lists alone (fact sheet 6)."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The calls."""
        routes: list[Route] = []
        for kind, path in _PATHS.items():
            routes.append(Route("GET", path, self._lister(kind)))
            routes.append(Route("GET", path + "/{id}", self._getter(kind)))
        planned = "/subscriptions/{id}/retrieve_with_scheduled_changes"
        routes.append(Route("GET", "/customers/{id}/contacts", self._contacts))
        routes.append(Route("GET", planned, self._planned))
        return routes

    def _lister(self, kind: str) -> Handler:
        def answer(request: Request) -> Answer:
            form = self._world.form(request)
            found = page(kind, read_query(kind, request, self._world), self._world)
            body: dict[str, Any] = {"list": [self._entry(kind, row, form) for row in found.rows]}
            if found.next_offset:
                body["next_offset"] = found.next_offset
            return Answer(200, body)

        return answer

    def _getter(self, kind: str) -> Handler:
        def answer(request: Request) -> Answer:
            row = self._row(kind, request)
            return Answer(200, self._entry(kind, row, self._world.form(request)))

        return answer

    def _contacts(self, request: Request) -> Answer:
        contacts = self._row("customer", request).get("contacts", [])
        return plain_list("contact", contacts, PLAIN, request.params, self._world)

    def _planned(self, request: Request) -> Answer:
        row = self._row("subscription", request)
        try:
            coming = self._world.billing.with_scheduled_changes(row["id"])
        except ValueError as none:
            raise refused(400, "invalid_request", str(none)) from none
        return Answer(200, self._entry("subscription", coming, self._world.form(request)))

    def _row(self, kind: str, request: Request) -> Row:
        """The record that the path names, as it is at this moment; 404 where the call sees none."""
        record_id = request.parts["id"]
        try:
            row = self._world.billing.shelves[kind].find(record_id)
        except KeyError:
            raise not_found(kind, record_id) from None
        if row.get("deleted") or not self._sees(kind, row, request):
            raise not_found(kind, record_id)
        return row

    def _sees(self, kind: str, row: Row, request: Request) -> bool:
        """Whether the record belongs to the entity of the call; of an event, whether it is kept."""
        if kind == "event":
            kept = self._world.options.event_days * DAY
            if row["occurred_at"] < self._world.clock.seconds() - kept:
                return False
        entity = request.headers.get(ENTITY_HEADER)
        return entity is None or entity_in(kind, row) == entity

    def _entry(self, kind: str, row: Row, form: Form) -> Row:
        """A row as lists and single answers hold it; a subscription embeds its customer."""
        entry = {kind: told(kind, row, form)}
        if kind == "subscription":
            entry["customer"] = self._world.billing.shelves["customer"].find(row["customer_id"])
        return entry
