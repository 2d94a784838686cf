"""A Chargebee site with webhooks: endpoints are made over the API, posts end in a receiver."""

import json
from typing import Any

import httpx2

from sandbox.line import Json, Line

HERE = "http://127.0.0.1:9/hook"


class Receiver(httpx2.AsyncBaseTransport):
    """Answers what it is told to, a status after the other; the last one again and again."""

    def __init__(self, *statuses: int | None) -> None:
        self._statuses = list(statuses or (200,))
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        if status is None:
            raise httpx2.ConnectError("nobody is there", request=request)
        return httpx2.Response(status)

    @property
    def events(self) -> list[Json]:
        """The bodies received, oldest first."""
        return [json.loads(request.content) for request in self.requests]


class HookLine(Line):
    """A line with the full-access key and with a receiver for what is sent."""

    def __init__(self, *statuses: int | None, **made: Any) -> None:
        super().__init__(**({"customers": 5} | made))
        self.receiver = Receiver(*statuses)

    def post(self, path: str, key: str | None = None, **form: Any) -> httpx2.Response:
        """POST a form; lists as Chargebee's clients write them."""
        data: Json = {}
        for name, value in form.items():
            if isinstance(value, list):
                data |= {f"{name}[{place}]": item for place, item in enumerate(value)}
            else:
                data[name] = str(value).lower() if isinstance(value, bool) else value
        auth = (key or self.sandbox.chargebee_full_key, "")
        return self.send("chargebee", "POST", f"/api/v2{path}", data=data, auth=auth)

    def add_hook(self, **form: Any) -> Json:
        """A new endpoint, for all events unless the form says else."""
        answer = self.post("/webhook_endpoints", **({"name": "here", "url": HERE} | form))
        assert answer.status_code == 200, answer.text
        return answer.json()["webhook_endpoint"]

    def deliver(self) -> int:
        """Send what is due; the number of attempts."""
        return self.clock.run(self.sandbox.outbox.deliver(self.receiver))

    def event(self, place: int = -1) -> Json:
        """One event as GET /events/{id} tells it, by default the newest."""
        row = list(self.sandbox.billing.events())[place]
        return self.billing(f"/events/{row['id']}").json()["event"]
