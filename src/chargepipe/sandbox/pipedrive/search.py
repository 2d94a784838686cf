"""Search of records: late, truncated, not case-sensitive (fact sheet 5)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ..messages import Answer, Request, Row
from ..table import Key
from .attributes import Kind
from .crm import Crm
from .errors import failed_checks
from .lists import Params, page_answer, paged
from .search_items import SearchItems
from .values import texts

_FIELDS: dict[Kind, tuple[str, ...]] = {
    "person": ("name", "email", "phone", "notes", "custom_fields"),
    "organization": ("name", "address", "notes", "custom_fields"),
    "deal": ("title", "notes", "custom_fields"),
}
_NARROWED: dict[Kind, dict[str, str]] = {
    "person": {"organization_id": "org_id"},
    "organization": {},
    "deal": {"organization_id": "org_id", "person_id": "person_id"},
}
"""Parameters that narrow a search to what is linked to a record, by attribute."""
_MORE: dict[Kind, tuple[str, ...]] = {
    "person": ("include_fields",),
    "organization": (),
    "deal": ("include_fields", "status"),
}
_STATUSES = ("open", "won", "lost")
_INCLUDED: dict[Kind, str] = {"person": "person.picture", "deal": "deal.cc_email"}
"""What `include_fields` takes; nothing here has a picture, and it adds nothing."""
_BY_ID = ("id", "asc")


class Search:
    """GET /persons/search and the like; reads every record that is indexed."""

    def __init__(self, crm: Crm, kind: Kind) -> None:
        self._crm = crm
        self._kind: Kind = kind
        self._items = SearchItems(crm, kind)

    def answer(self, request: Request) -> Answer:
        """The hits by id; each is a truncated projection of the record."""
        more = (*_NARROWED[self._kind], *_MORE[self._kind])
        params = Params(request, "term", "fields", "exact_match", "limit", "cursor", *more)
        if params.text("include_fields") not in (None, _INCLUDED.get(self._kind)):
            raise failed_checks(f"include_fields: must be {_INCLUDED[self._kind]}")
        exact = params.flag("exact_match")
        meets = _finder(_term(params, exact), exact)
        custom = meets if "custom_fields" in self._fields(params) else _nothing
        hits = self._hits(params, meets)
        show = partial(self._items.item, meets=custom)
        rows, cursor = paged(hits, params, self._crm.cursors, _BY_ID, show)
        items = [{"result_score": 1.0, "item": item} for item in rows]
        return page_answer({"items": items}, cursor)

    def _hits(self, params: Params, meets: Callable[[str], bool]) -> Iterator[tuple[Key, Row]]:
        fields = self._fields(params)
        belongs = self._narrowed(params)
        table = self._crm.records[self._kind].indexed
        for place, row in table.walk("id", after=params.cursor(self._crm.cursors, *_BY_ID)):
            if row["is_deleted"] or not belongs(row) or not self._crm.sees(row):
                continue
            if any(meets(text) for text in self._texts(row, fields)):
                yield place, row

    def _narrowed(self, params: Params) -> Callable[[Row], bool]:
        wanted: Row = {
            name: held
            for parameter, name in _NARROWED[self._kind].items()
            if (held := params.whole(parameter)) is not None
        }
        if params.text("status") is not None:
            wanted["status"] = params.choice("status", *_STATUSES)
        return lambda row: all(row[name] == held for name, held in wanted.items())

    def _fields(self, params: Params) -> list[str]:
        known = _FIELDS[self._kind]
        fields = params.many("fields", len(known)) or list(known)
        if any(field not in known for field in fields):
            raise failed_checks(f"fields: must be of {', '.join(known)}")
        return fields

    def _texts(self, row: Row, fields: list[str]) -> Iterator[str]:
        for field in fields:
            yield from _READ[field](row) if field in _READ else self._items.custom(row)


def _term(params: Params, exact: bool) -> str:
    term = params.text("term") or ""
    if len(term) < (1 if exact else 2):
        raise failed_checks("term: must have 2 characters, or 1 with exact_match")
    return term.casefold()


def _finder(term: str, exact: bool) -> Callable[[str], bool]:
    if exact:
        return lambda text: text.casefold() == term
    return lambda text: term in text.casefold()


def _nothing(_: str) -> bool:
    return False


def _values(key: str) -> Callable[[Row], list[str]]:
    return lambda row: [each["value"] for each in row[key]]


_READ: dict[str, Callable[[Row], list[Any]]] = {
    "name": lambda row: [row["name"]],
    "title": lambda row: [row["title"]],
    "email": _values("emails"),
    "phone": _values("phones"),
    "address": lambda row: texts(row["address"]),
    "notes": lambda _: [],
}
