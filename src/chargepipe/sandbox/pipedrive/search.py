"""Search of persons and organizations: late, truncated, not case-sensitive (fact sheet 5)."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from ..messages import Answer, Request, Row
from ..table import Key
from .body import Kind
from .crm import Crm
from .errors import failed_checks
from .lists import Params, page_answer, paged
from .record_calls import searchable
from .values import texts

_FIELDS: dict[Kind, tuple[str, ...]] = {
    "person": ("name", "email", "phone", "notes", "custom_fields"),
    "organization": ("name", "address", "notes", "custom_fields"),
}


class Search:
    """GET /persons/search and /organizations/search; reads every record that is indexed."""

    def __init__(self, crm: Crm, kind: Kind) -> None:
        self._crm = crm
        self._kind: Kind = kind

    def answer(self, request: Request) -> Answer:
        """The hits by id; each is a truncated projection of the record."""
        narrowing = ("organization_id", "include_fields") if self._kind == "person" else ()
        params = Params(request, "term", "fields", "exact_match", "limit", "cursor", *narrowing)
        hits = self._hits(params)
        rows, cursor = paged(hits, params, "id", "asc", self._item)
        items = [{"result_score": 1.0, "item": item} for item in rows]
        return page_answer({"items": items}, cursor)

    def _hits(self, params: Params) -> Iterator[tuple[Key, Row]]:
        exact, fields = params.flag("exact_match"), self._fields(params)
        term = _term(params, exact)
        organization = params.whole("organization_id")
        table = self._crm.records[self._kind].indexed
        for place, row in table.walk("id", after=params.cursor("id", "asc")):
            if row["is_deleted"] or organization not in (None, row.get("org_id")):
                continue
            if any(_meets(text, term, exact) for text in self._texts(row, fields)):
                yield place, row

    def _fields(self, params: Params) -> list[str]:
        known = _FIELDS[self._kind]
        fields = params.many("fields", len(known)) or list(known)
        if any(field not in known for field in fields):
            raise failed_checks(f"fields: must be of {', '.join(known)}")
        return fields

    def _texts(self, row: Row, fields: list[str]) -> Iterator[str]:
        for field in fields:
            yield from _READ[field](row) if field in _READ else self._custom(row)

    def _custom(self, row: Row) -> list[str]:
        held = row["custom_fields"]
        codes = searchable(self._crm, self._kind)
        return [text for code in codes for text in texts(held.get(code))]

    def _item(self, row: Row) -> Row:
        item = {
            "id": row["id"],
            "type": self._kind,
            "name": row["name"],
            "visible_to": row["visible_to"],
            "owner": {"id": row["owner_id"]},
            "custom_fields": self._custom(row),
            "notes": [],
        }
        if self._kind == "organization":
            return item | {"address": cast(Row, row["address"] or {}).get("value")}
        contacts = {key: [each["value"] for each in row[key]] for key in ("emails", "phones")}
        return item | contacts | {"organization": self._organization(row["org_id"])}

    def _organization(self, id: int | None) -> Row | None:
        if id is None:
            return None
        row = self._crm.records["organization"].table.get(id)
        return {"id": id, "name": row["name"]} if row else None


def _term(params: Params, exact: bool) -> str:
    term = params.text("term") or ""
    if len(term) < (1 if exact else 2):
        raise failed_checks("term: must have 2 characters, or 1 with exact_match")
    return term.casefold()


def _meets(text: str, term: str, exact: bool) -> bool:
    held = text.casefold()
    return held == term if exact else term in held


def _values(key: str) -> Callable[[Row], list[str]]:
    return lambda row: [each["value"] for each in row[key]]


_READ: dict[str, Callable[[Row], list[Any]]] = {
    "name": lambda row: [row["name"]],
    "email": _values("emails"),
    "phone": _values("phones"),
    "address": lambda row: texts(row["address"]),
    "notes": lambda _: [],
}
