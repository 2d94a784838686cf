"""Endpoints of persons and organizations: lists, single records, writes."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Literal, cast

from ..messages import Answer, Refused, Request, Row
from ..table import Key
from .body import Kind
from .crm import Crm
from .errors import failed_checks, failure
from .lists import MAX_CODES, MAX_IDS, Params, page_answer, paged
from .values import SEARCHABLE, labels, words

_SHOWN = ("include_fields", "custom_fields", "include_option_labels", "include_labels")
_LISTED = (
    *("ids", "owner_id", "updated_since", "updated_until", "sort_by", "sort_direction"),
    *("limit", "cursor"),
    *_SHOWN,
)
_COUNTS = words(
    "open_deals related_open_deals closed_deals related_closed_deals participant_open_deals "
    "participant_closed_deals email_messages people activities done_activities "
    "undone_activities files notes followers won_deals related_won_deals lost_deals "
    "related_lost_deals"
)
OPTIONAL: Row = {f"{name}_count": 0 for name in _COUNTS} | {
    "next_activity_id": None,
    "last_activity_id": None,
    "last_incoming_mail_time": None,
    "last_outgoing_mail_time": None,
    "smart_bcc_email": "sandbox@pipedrivemail.example",
}
"""What `include_fields` adds; in the sandbox nobody has deals, mails or activities."""
Deleted = Literal["404", "400", "200"]


class RecordCalls:
    """The calls of one kind of record."""

    def __init__(self, crm: Crm, kind: Kind, deleted: Deleted) -> None:
        self._crm = crm
        self._kind: Kind = kind
        self._deleted = deleted

    def listing(self, request: Request) -> Answer:
        """GET /persons: a page by keyset; deleted records are never in it."""
        filters = ("org_id",) if self._kind == "person" else ()
        params = Params(request, *_LISTED, *filters)
        order = params.choice("sort_by", "id", "update_time", "add_time")
        direction = params.choice("sort_direction", "asc", "desc")
        rows = self._rows(params, order, direction)
        return page_answer(*paged(rows, params, order, direction, self._show(params)))

    def one(self, request: Request) -> Answer:
        """GET /persons/{id}."""
        params = Params(request, *_SHOWN)
        row = self._crm.records[self._kind].table.get(self._id(request))
        if row is not None and row["is_deleted"] and self._deleted == "200":
            return _done(self._show(params)(row))
        return _done(self._show(params)(self._living(request)))

    def create(self, request: Request) -> Answer:
        """POST /persons."""
        Params(request)
        return _done(self._crm.add(self._kind, read_json(request)))

    def update(self, request: Request) -> Answer:
        """PATCH /persons/{id}."""
        Params(request)
        body = read_json(request)
        return _done(self._crm.edit(self._kind, self._living(request)["id"], body))

    def remove(self, request: Request) -> Answer:
        """DELETE /persons/{id}."""
        Params(request)
        record_id = self._living(request)["id"]
        self._crm.delete(self._kind, record_id)
        return _done({"id": record_id})

    def _id(self, request: Request) -> int:
        text = request.parts["id"]
        if not (text.isascii() and text.isdigit()):
            raise failed_checks("id: must be an integer")
        return int(text)

    def _living(self, request: Request) -> Row:
        record_id = self._id(request)
        try:
            return self._crm.living(self._kind, record_id)
        except KeyError:
            raise Refused(self._gone(record_id)) from None

    def _gone(self, record_id: int) -> Answer:
        """The answer for a record that is not there; for a deleted one as the option says."""
        never = self._crm.records[self._kind].table.get(record_id) is None
        if never or self._deleted == "404":
            return failure(404, f"{self._kind.capitalize()} not found", "ERR_NOT_FOUND")
        message = "Entity is deleted. You must first restore it before you can edit"
        return failure(400, message, f"ERR_{self._kind.upper()}_DELETED")

    def _rows(self, params: Params, order: str, direction: str) -> Iterable[tuple[Key, Row]]:
        since, until = params.moment("updated_since"), params.moment("updated_until")
        low = 0 if since is None else since
        high = 2**62 if until is None else until - 1
        after = params.cursor(order, direction)
        table, descending = self._crm.records[self._kind].listed, direction == "desc"
        ids = params.many("ids", MAX_IDS)
        if ids is not None:
            found = self._picked(_numbers(ids), order, descending, after)
        else:
            within = [("update_time", low, high)]
            found = table.walk(order, descending=descending, after=after, within=within)
        wanted = _wanted(params)
        for place, row in found:
            changed = table.place("update_time", row["id"])[0]
            if not row["is_deleted"] and low <= changed <= high and wanted(row):
                yield place, row

    def _picked(
        self, ids: Iterable[int], order: str, descending: bool, after: Key | None
    ) -> Iterable[tuple[Key, Row]]:
        table = self._crm.records[self._kind].listed
        held = {number: row for number in ids if (row := table.get(number))}
        places = sorted((table.place(order, number) for number in held), reverse=descending)
        for place in places:
            if after is None or (place < after if descending else place > after):
                yield place, held[place[1]]

    def _show(self, params: Params) -> Callable[[Row], Row]:
        codes = params.many("custom_fields", MAX_CODES)
        more = params.many("include_fields", len(OPTIONAL)) or []
        if any(name not in OPTIONAL for name in more):
            raise failed_checks("include_fields: holds a field that cannot be included")
        extra = {name: OPTIONAL[name] for name in more}
        extra |= {"labels": []} if params.flag("include_labels") else {}
        labelled = params.flag("include_option_labels")

        def show(row: Row) -> Row:
            shown = self._crm.wire(self._kind, row, codes) | extra
            return self._labelled(shown) if labelled else shown

        return show

    def _labelled(self, shown: Row) -> Row:
        """Option ids of custom fields replaced by {id, label}."""
        custom = dict(cast(Row, shown["custom_fields"]))
        for code, field in self._crm.field_set.custom(self._kind).items():
            known = labels(field)
            value = custom.get(code)
            if field["field_type"] == "enum" and value is not None:
                custom[code] = {"id": value, "label": known.get(value)}
            elif field["field_type"] == "set" and value is not None:
                custom[code] = [{"id": each, "label": known.get(each)} for each in value]
        return shown | {"custom_fields": custom}


def read_json(request: Request) -> Any:
    """The body as a JSON object. Raises Invalid."""
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise failed_checks("body: must be JSON") from None
    if not isinstance(body, dict):
        raise failed_checks("body: must be an object")
    return cast(Row, body)


def searchable(crm: Crm, kind: Kind) -> list[str]:
    """The codes of the custom fields that search looks into."""
    fields = crm.field_set.custom(kind)
    return [code for code, field in fields.items() if field["field_type"] in SEARCHABLE]


def _wanted(params: Params) -> Callable[[Row], bool]:
    owner, organization = params.whole("owner_id"), params.whole("org_id")

    def wanted(row: Row) -> bool:
        return owner in (None, row["owner_id"]) and organization in (None, row.get("org_id"))

    return wanted


def _numbers(ids: list[str]) -> list[int]:
    if not all(item.isascii() and item.isdigit() for item in ids):
        raise failed_checks("ids: must be integers")
    return [int(item) for item in ids]


def _done(data: Any) -> Answer:
    return Answer(200, {"success": True, "data": data})
