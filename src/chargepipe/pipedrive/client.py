"""Reads and writes a Pipedrive account: persons, organizations, deals and their fields.

Thin on purpose: bodies go and come as Pipedrive's API v2 writes them.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Self

import httpx2

from chargepipe.http import (
    Answer,
    CallLog,
    Gone,
    Heard,
    Operation,
    Page,
    Throttle,
    Wire,
    as_dict,
    as_dicts,
    checked_secret,
    open_http,
    walk,
)
from chargepipe.pipedrive import costs
from chargepipe.pipedrive.account import (
    Currency,
    Field,
    Me,
    Stage,
    User,
    read_currency,
    read_field,
    read_me,
    read_options,
    read_stage,
    read_user,
)
from chargepipe.pipedrive.costs import Entity

Which = Literal["current", "archived", "deleted"]
Params = dict[str, str | int | bool]

PAGE = 500
MOST_IDS = 100
MOST_SELECTED = 15
"""Limits of the v2 list operations: rows a page, `ids` and `custom_fields` a call."""


class Pipedrive:
    """The client of one account. Close it after use (`async with` does).

    Reads are tried again after network errors and 5xx; writes are sent once and raise Uncertain
    where their outcome is not known. Besides that all errors of `chargepipe.http` may come.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._wire = Wire(http, "Pipedrive")

    @property
    def server_time(self) -> datetime | None:
        """Pipedrive's clock in its newest answer (aware UTC), None before the first."""
        return self._wire.last_heard

    async def me(self, *, once: bool = False) -> Me:
        """Ask who we are and whether we may do what is needed (2 tokens).

        `once`: a person waits, so it is not asked again where nobody answers.
        """
        answer = await self._wire.read(costs.ME, once=once)
        me = read_me(answer.body.get("data"))
        if me is None:
            raise self._wire.misshapen(costs.ME, "a user with a company")
        return me

    async def users(self) -> tuple[User, ...]:
        """List the account's users, those that are not active too (20 tokens)."""
        answer = await self._wire.read(costs.USERS)
        found = (read_user(row) for row in self._rows(costs.USERS, answer))
        return tuple(user for user in found if user)

    async def currencies(self) -> tuple[Currency, ...]:
        """List the account's currencies (20 tokens)."""
        answer = await self._wire.read(costs.CURRENCIES)
        return tuple(read_currency(row) for row in self._rows(costs.CURRENCIES, answer))

    async def pipelines(self) -> tuple[Stage, ...]:
        """List the account's pipelines (5 tokens a page of 500)."""
        return await self._stages(costs.PIPELINES)

    async def stages(self) -> tuple[Stage, ...]:
        """List the stages of all pipelines (5 tokens a page of 500)."""
        return await self._stages(costs.STAGES)

    async def _stages(self, operation: Operation) -> tuple[Stage, ...]:
        found: list[Stage | None] = []
        async for page in self._walk(operation, {"limit": PAGE}, None):
            found += (read_stage(row) for row in page.rows)
        return tuple(stage for stage in found if stage)

    async def fields(self, entity: Entity) -> tuple[Field, ...]:
        """List all fields of an entity, built-in and custom (10 tokens a page of 500)."""
        found: list[Field | None] = []
        async for page in self._walk(costs.LIST_FIELDS[entity], {"limit": PAGE}, None):
            found += (read_field(row) for row in page.rows)
        return tuple(field for field in found if field)

    async def create_field(
        self, entity: Entity, name: str, type: str, options: Sequence[str] = ()
    ) -> Field:
        """Make a custom field; `options` are the labels of an enum or set field (5 tokens).

        A second field of the same name is not refused (docs/reference/assumptions.md, 23).
        Raises NeedsAdmin at the plan's limit.
        """
        operation = costs.CREATE_FIELD[entity]
        body: dict[str, Any] = {"field_name": name, "field_type": type}
        if options:
            body["options"] = [{"label": label} for label in options]
        answer = await self._wire.write(operation, body)
        field = read_field(answer.body.get("data"))
        if field is None:
            raise self._wire.misshapen(operation, "the field")
        return field

    async def add_options(
        self, entity: Entity, code: str, labels: Sequence[str]
    ) -> dict[str, int | str]:
        """Add options to a field, all or none (5 tokens). Returns label -> id of what it tells."""
        operation = costs.ADD_OPTIONS[entity]
        body = [{"label": label} for label in labels]
        answer = await self._wire.write(operation, body, code=code)
        options = read_options(answer.body.get("data"))
        if not set(labels) <= options.keys():
            raise self._wire.misshapen(operation, "the new options")
        return options

    def pages(
        self,
        entity: Entity,
        *,
        which: Which = "current",
        updated_since: datetime | None = None,
        custom_fields: Sequence[str] = (),
        include: Sequence[str] = (),
        cursor: str | None = None,
    ) -> AsyncIterator[Page]:
        """Walk a list by id, 500 rows a page (10 tokens; archived deals 20).

        `updated_since` is cut to whole seconds, as Pipedrive demands. `custom_fields` are the codes
        to be told of; with none or more than 15 every custom field is. `include` names figures to
        be told as well. `cursor` is the `next` of an earlier page. Archived and deleted (up to 30
        days ago) are lists of deals only.
        """
        if which != "current" and entity != "deal":
            raise ValueError(f"Pipedrive has no list of {which} {entity}s.")
        operation = costs.ARCHIVED_DEALS if which == "archived" else costs.LIST[entity]
        params: Params = {"limit": PAGE, "sort_by": "id", "sort_direction": "asc"}
        params |= _selected(custom_fields) | _included(include)
        if which == "deleted":
            params["status"] = "deleted"
        if updated_since:
            params["updated_since"] = updated_since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._walk(operation, params, cursor)

    async def by_ids(
        self,
        entity: Entity,
        ids: Sequence[int],
        custom_fields: Sequence[str] = (),
        include: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """Read records by id, 100 a call (10 tokens); deleted and hidden ones are left out.

        `include` names figures to be told as well, such as notes_count.
        """
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), MOST_IDS):
            few = ids[start : start + MOST_IDS]
            params: Params = {"ids": ",".join(map(str, few)), "limit": MOST_IDS}
            params |= _selected(custom_fields) | _included(include)
            answer = await self._wire.read(costs.LIST[entity], params)
            rows = self._rows(costs.LIST[entity], answer)
            found += (row for row in rows if row.get("is_deleted") is not True)
        return found

    async def get(self, entity: Entity, id: int, include: Sequence[str] = ()) -> dict[str, Any]:
        """Read one record (1 token). Raises Gone where it is deleted, merged away or hidden."""
        operation = costs.GET[entity]
        record = self._record(
            operation, await self._wire.read(operation, _included(include), id=id)
        )
        if record.get("is_deleted") is True or record.get("deleted") is True:
            raise Gone("Pipedrive", f"The {entity} {id} is deleted in Pipedrive.", 200)
        return record

    async def create(self, entity: Entity, body: dict[str, Any]) -> dict[str, Any]:
        """Make a record (5 tokens) and return it as Pipedrive now holds it, with its id."""
        operation = costs.CREATE[entity]
        return self._record(operation, await self._wire.write(operation, body))

    async def update(self, entity: Entity, id: int, body: dict[str, Any]) -> dict[str, Any]:
        """Change the given keys of a record (5 tokens) and return it. Raises Gone."""
        operation = costs.UPDATE[entity]
        return self._record(operation, await self._wire.write(operation, body, id=id))

    async def delete(self, entity: Entity, id: int) -> None:
        """Delete a record (3 tokens). Raises Gone where it is deleted already."""
        await self._wire.write(costs.DELETE[entity], id=id)

    async def ask(
        self,
        operation: Operation,
        params: Mapping[str, str | int | bool] | None = None,
        body: object = None,
        **names: str | int,
    ) -> Heard:
        """Send any operation and return the answer as it came, for the probe (see `Wire.ask`)."""
        return await self._wire.ask(operation, params, body, **names)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._wire.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _walk(
        self, operation: Operation, params: Params, cursor: str | None
    ) -> AsyncIterator[Page]:
        async def fetch(here: str | None) -> Page:
            here_params = params if here is None else params | {"cursor": here}
            answer = await self._wire.read(operation, here_params)
            return Page(self._rows(operation, answer), _next(answer), answer.server_time)

        return walk("Pipedrive", fetch, cursor)

    def _rows(self, operation: Operation, answer: Answer) -> tuple[dict[str, Any], ...]:
        rows = as_dicts(answer.body.get("data"))
        if rows is None:
            raise self._wire.misshapen(operation, "a list")
        return rows

    def _record(self, operation: Operation, answer: Answer) -> dict[str, Any]:
        record = as_dict(answer.body.get("data"))
        if record is None or not isinstance(record.get("id"), int):
            raise self._wire.misshapen(operation, "a record with an id")
        return record


def open_pipedrive(
    url: str,
    way_in: str | httpx2.Auth,
    *,
    throttle: Throttle,
    before_write: Callable[[], None] | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    calls: CallLog | None = None,
    read_timeout: float = 12.0,
) -> Pipedrive:
    """Return a client for the account whose root is `url` (https://{company}.pipedrive.com).

    `way_in` is an API token, or signs each call by OAuth. `throttle` is shared by all who use the
    same one. `before_write` is called right before each POST, PATCH and DELETE leaves, after all
    waiting; what it raises comes through and nothing is sent. `read_timeout` (seconds) bounds each
    call as a whole, once it has left the throttle. Raises Reconnect where a token cannot be one.
    """
    token = checked_secret("Pipedrive", way_in) if isinstance(way_in, str) else ""
    http = open_http(
        "Pipedrive",
        url,
        throttle=throttle,
        headers={"x-api-token": token} if token else {},
        auth=None if isinstance(way_in, str) else way_in,
        read_timeout=read_timeout,
        transport=transport,
        before_write=before_write,
        calls=calls,
    )
    return Pipedrive(http)


def _selected(custom_fields: Sequence[str]) -> Params:
    """Name the custom fields to be told of; the selector takes 15, so more means all."""
    few = tuple(dict.fromkeys(custom_fields))
    return {"custom_fields": ",".join(few)} if 0 < len(few) <= MOST_SELECTED else {}


def _included(names: Sequence[str]) -> Params:
    return {"include_fields": ",".join(names)} if names else {}


def _next(answer: Answer) -> str | None:
    cursor = (as_dict(answer.body.get("additional_data")) or {}).get("next_cursor")
    return cursor if isinstance(cursor, str) and cursor else None
