"""Reads a Chargebee site: customers, subscriptions and invoices, page by page or one by one.

Nothing is ever written to Chargebee (product.md): a client made here lets only GET leave. Facts are
those of the Chargebee API v2: list operations, authentication, errors.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, Self

import httpx2

from chargepipe.http import (
    CallLog,
    Gone,
    Heard,
    Operation,
    Page,
    Params,
    Throttle,
    Wire,
    as_dict,
    as_dicts,
    checked_secret,
    open_http,
    walk,
)

Kind = Literal["customer", "subscription", "invoice"]

READ_SECONDS = 80.0
"""Chargebee's own clients wait as long for an answer."""

CONFIGURATIONS = Operation("GET", "/api/v2/configurations")
LISTS: dict[Kind, Operation] = {
    "customer": Operation("GET", "/api/v2/customers"),
    "subscription": Operation("GET", "/api/v2/subscriptions"),
    "invoice": Operation("GET", "/api/v2/invoices"),
}
ONES: dict[Kind, Operation] = {
    "customer": Operation("GET", "/api/v2/customers/{id}"),
    "subscription": Operation("GET", "/api/v2/subscriptions/{id}"),
    "invoice": Operation("GET", "/api/v2/invoices/{id}"),
}
BIRTH: dict[Kind, str] = {
    "customer": "created_at",
    "subscription": "created_at",
    "invoice": "date",
}
"""The sort order that no change moves, so that a walk misses nothing (invoices lack created_at)."""

ONLY: dict[Kind, dict[str, str]] = {"invoice": {"recurring[is]": "false"}}
"""What of a list is walked: of invoices only those that are not recurring (setting 8)."""


class WriteRefused(RuntimeError):
    """Somebody tried to send something else than a GET to Chargebee; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Site:
    """A Chargebee site: its domain (the site name) and its product catalog."""

    domain: str
    catalog: Literal["v1", "v2"]


class Chargebee:
    """The reading client of one site. Close it after use (`async with` does).

    Every method raises the errors of `chargepipe.http`, but for Uncertain.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._wire = Wire(http, "Chargebee")

    async def configuration(self, *, once: bool = False) -> Site:
        """Ask for the site itself: checks address, key and catalog in one call.

        `once`: a person waits, so it is not asked again where nobody answers.
        """
        answer = await self._wire.read(CONFIGURATIONS, once=once)
        found = as_dicts(answer.body.get("configurations"))
        if not found:
            raise self._wire.misshapen(CONFIGURATIONS, "configurations")
        catalog = "v1" if found[0].get("product_catalog_version") == "v1" else "v2"
        return Site(str(found[0].get("domain", "")), catalog)

    def pages(
        self,
        kind: Kind,
        *,
        updated_after: int | None = None,
        offset: str | None = None,
        include_deleted: bool = True,
    ) -> AsyncIterator[Page]:
        """Walk a list, 100 rows a page; a row is the resource itself, as Chargebee wrote it.

        Of invoices only those that are not recurring.

        Unfiltered, the oldest come first by creation. With `updated_after` (unix seconds) only what
        was updated since, in that order; records without `updated_at` are then left out. `offset`
        is the `next` of an earlier page and goes with the same arguments.
        """
        params: dict[str, str | int | bool] = {
            "limit": 100,
            "include_deleted": include_deleted,
            **ONLY.get(kind, {}),
        }
        if updated_after is None:
            params["sort_by[asc]"] = BIRTH[kind]
        else:
            params |= {"sort_by[asc]": "updated_at", "updated_at[after]": updated_after}

        async def fetch(here: str | None) -> Page:
            return await self._page(kind, params if here is None else params | {"offset": here})

        return walk("Chargebee", fetch, offset)

    async def get(self, kind: Kind, id: str) -> dict[str, Any]:
        """Read one record. Raises Gone where it is deleted or unknown."""
        operation = ONES[kind]
        gone = Gone("Chargebee", f"This {kind} is deleted in Chargebee, or was never there.", 404)
        if not id.strip("."):
            raise gone  # such an id would name another path
        answer = await self._wire.read(operation, id=id)
        record = as_dict(answer.body.get(kind))
        if record is None:
            raise self._wire.misshapen(operation, f"a {kind}")
        if record.get("deleted") is True:
            raise gone
        return record

    async def ask(
        self, operation: Operation, params: Params | None = None, **names: str | int
    ) -> Heard:
        """Send any GET and return the answer as it came, for the probe (see `Wire.ask`)."""
        return await self._wire.ask(operation, params, **names)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._wire.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _page(self, kind: Kind, params: dict[str, str | int | bool]) -> Page:
        operation = LISTS[kind]
        answer = await self._wire.read(operation, params)
        found = as_dicts(answer.body.get("list"))
        rows = as_dicts([row.get(kind) for row in found]) if found is not None else None
        if rows is None:
            raise self._wire.misshapen(operation, f"a list of {kind}s")
        following = answer.body.get("next_offset")
        return Page(rows, str(following) if following else None, answer.server_time)


def open_chargebee(
    url: str,
    api_key: str,
    *,
    throttle: Throttle | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    calls: CallLog | None = None,
    read_timeout: float = READ_SECONDS,
) -> Chargebee:
    """Return a client for the site whose root is `url` (https://{site}.chargebee.com).

    Only GET leaves it; anything else raises WriteRefused. `throttle` is shared by all that read the
    same site at a time (None: one of its own, 80 % of 150 calls a minute). Raises Reconnect where
    `api_key` cannot be a key.
    """
    http = open_http(
        "Chargebee",
        url,
        throttle=throttle or Throttle.chargebee(),
        auth=httpx2.BasicAuth(checked_secret("Chargebee", api_key), ""),
        read_timeout=read_timeout,
        transport=transport,
        before_write=_refuse_write,
        calls=calls,
    )
    return Chargebee(http)


def _refuse_write() -> None:
    raise WriteRefused("chargepipe only reads from Chargebee: nothing was sent.")
