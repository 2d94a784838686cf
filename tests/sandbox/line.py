"""A sandbox on virtual time, and short ways to call it."""

from typing import Any, Literal

import httpx2

from chargepipe.sandbox import Sandbox
from virtual_time import VirtualClock

Json = dict[str, Any]


class Line:
    """Each call is one request; time stands still between two of them."""

    def __init__(self, **made: Any) -> None:
        self.clock = VirtualClock()
        made.setdefault("now", self.clock.timestamp)
        self.sandbox = Sandbox(**made)

    def send(
        self,
        service: Literal["chargebee", "pipedrive"],
        method: str,
        path: str,
        **more: Any,
    ) -> httpx2.Response:
        """One request with good credentials, where `more` brings no headers."""

        async def go() -> httpx2.Response:
            async with httpx2.AsyncClient(
                transport=self.sandbox.transport(service), base_url="https://sandbox.example"
            ) as client:
                return await client.request(method, path, **(self._signed(service) | more))

        return self.clock.run(go())

    def billing(self, path: str, **params: Any) -> httpx2.Response:
        """GET from Chargebee's API v2; ``field__op`` stands for ``field[op]``."""
        named = {name.replace("__", "[") + "]" * ("__" in name): v for name, v in params.items()}
        return self.send("chargebee", "GET", f"/api/v2{path}", params=named)

    def crm(self, method: str, path: str, json: Any = None, **params: Any) -> httpx2.Response:
        """A call of Pipedrive's API v2."""
        body = {} if json is None else {"json": json}
        return self.send("pipedrive", method, f"/api/v2{path}", params=params, **body)

    def ids(self, path: str, **params: Any) -> list[Any]:
        """The ids of all pages of a list of either service."""
        found: list[Any] = []
        kind = path.strip("/").removesuffix("s")
        while True:
            body = self.billing(path, **params).json()
            found += [entry[kind]["id"] for entry in body["list"]]
            if "next_offset" not in body:
                return found
            params["offset"] = body["next_offset"]

    def crm_ids(self, path: str, **params: Any) -> list[int]:
        """The ids of all pages of a list of Pipedrive."""
        found: list[int] = []
        while True:
            body = self.crm("GET", path, **params).json()
            found += [row["id"] for row in body["data"]]
            if body["additional_data"]["next_cursor"] is None:
                return found
            params["cursor"] = body["additional_data"]["next_cursor"]

    def _signed(self, service: str) -> Json:
        if service == "chargebee":
            return {"auth": (self.sandbox.chargebee_key, "")}
        return {"headers": {"x-api-token": self.sandbox.pipedrive_token}}


def code(answer: httpx2.Response) -> tuple[int, str | None]:
    """Status and error code of an answer of either service."""
    body = answer.json()
    return answer.status_code, body.get("api_error_code") or body.get("code")
