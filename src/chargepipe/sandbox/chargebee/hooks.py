"""The webhook endpoints of the site and what they are sent (fact sheet 7)."""

from dataclasses import dataclass
from functools import partial

from ..messages import Row
from ..outbox import Outbox, Post
from .schema import form_of
from .world import World, told

RETRIES = (120, 360, 1800, 3600, 18_000, 86_400, 172_800)
"""Seconds from one attempt to the next; after the last the event has failed for the endpoint."""
AGENT = "ChargeBee"
_PATIENCE = 20.0
"""Seconds; what Chargebee allows is not published."""
_GRAVEST = ("failed", "re_scheduled", "scheduled", "succeeded", "disabled", "skipped")
"""An event shows the first of these that one of its endpoints has."""


@dataclass(frozen=True, slots=True, repr=False)
class Endpoint:
    """One webhook endpoint: its row as the API tells it, and what the API keeps to itself."""

    row: Row
    auth: tuple[str, str] | None = None

    def wants(self, event_type: str) -> bool:
        """Whether it is sent such events; all, unless it names some."""
        named = self.row.get("enabled_events")
        return not named or event_type in named


class Hooks:
    """Endpoints by id, and the delivery of each event to each of them.

    Success is any 2xx. Each attempt sends the event as it is then, so `webhook_status` in it moves.
    """

    def __init__(self, world: World, outbox: Outbox) -> None:
        self._world = world
        self._outbox = outbox
        self._endpoints: dict[str, Endpoint] = {}

    def rows(self) -> list[Row]:
        """The endpoints as the API tells them, oldest first."""
        return [endpoint.row for endpoint in self._endpoints.values()]

    def find(self, id: str) -> Endpoint:
        """One endpoint. Raises KeyError."""
        return self._endpoints[id]

    def put(self, endpoint: Endpoint) -> None:
        """Keep an endpoint, new or changed. A primary one takes that from the others."""
        if endpoint.row["primary_url"]:
            for id, held in self._endpoints.items():
                self._endpoints[id] = Endpoint(held.row | {"primary_url": False}, held.auth)
        self._endpoints[endpoint.row["id"]] = endpoint

    def remove(self, id: str) -> None:
        """Delete an endpoint; what waits for it is skipped. Raises KeyError."""
        del self._endpoints[id]

    def hear(self, event: Row) -> None:
        """Send an event that was just raised to the endpoints that want it, one after another."""
        if not self._endpoints:
            return
        wanting = [held for held in self._endpoints.values() if held.wants(event["event_type"])]
        if not wanting:
            self._keep(event | {"webhook_status": "not_applicable"})
        for endpoint in wanting:
            first = "disabled" if endpoint.row["disabled"] else "scheduled"
            self._note(event["id"], endpoint.row["id"], first)
        for endpoint in wanting:
            self._send(event["id"], endpoint.row["id"], 0)

    def _send(self, event_id: str, endpoint_id: str, retries: int) -> None:
        """Put one attempt in the outbox, unless the endpoint is gone or switched off by now."""
        endpoint = self._endpoints.get(endpoint_id)
        if endpoint is None or endpoint.row["disabled"]:
            self._note(event_id, endpoint_id, "disabled" if endpoint else "skipped")
            return
        event = self._event(event_id)
        form = form_of(self._world.site.catalog, endpoint.row.get("chargebee_response_schema_type"))
        post = Post(
            endpoint.row["url"],
            told("event", event, form) | {"api_version": endpoint.row["api_version"]},
            auth=endpoint.auth,
            headers=(("user-agent", AGENT),),
            patience=_PATIENCE,
            done=partial(self._done, event_id, endpoint_id, retries),
        )
        self._outbox.put(post)

    def _done(self, event_id: str, endpoint_id: str, retries: int, status: int | None) -> None:
        if status is not None and 200 <= status < 300:
            self._note(event_id, endpoint_id, "succeeded")
            return
        reason = f"Received error code {status} from server." if status else "No answer came."
        if retries == len(RETRIES):
            self._note(event_id, endpoint_id, "failed", reason)
            return
        self._note(event_id, endpoint_id, "re_scheduled", reason)
        again = partial(self._send, event_id, endpoint_id, retries + 1)
        self._world.clock.later(RETRIES[retries], again)

    def _note(
        self, event_id: str, endpoint_id: str, status: str, reason: str | None = None
    ) -> None:
        """Write on the event what became of it at one endpoint, and so at all of them."""
        event = self._event(event_id)
        rows: list[Row] = [row for row in event.get("webhooks", []) if row["id"] != endpoint_id]
        rows.append({"id": endpoint_id, "webhook_status": status, "object": "webhook"})
        found = {row["webhook_status"] for row in rows}
        overall = next(grave for grave in _GRAVEST if grave in found)
        event = event | {"webhooks": rows, "webhook_status": overall}
        if reason:
            event["webhook_failure_reason"] = reason
        elif overall == "succeeded":
            event.pop("webhook_failure_reason", None)
        self._keep(event)

    def _event(self, id: str) -> Row:
        return self._world.billing.shelves["event"].find(id)

    def _keep(self, event: Row) -> None:
        self._world.billing.shelves["event"].replace(event)
