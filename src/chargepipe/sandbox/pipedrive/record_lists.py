"""Lists of persons, organizations and deals, page by page (fact sheets 3, 4)."""

from collections.abc import Callable, Iterable

from ..messages import Answer, Request, Row
from ..options import Options
from ..table import Key
from .attributes import Kind
from .crm import Crm
from .errors import failed_checks
from .lists import MAX_IDS, Params, page_answer, paged
from .lookup import Lookup
from .record_show import SHOWN, Show

_LISTED = (
    *("ids", "owner_id", "updated_since", "updated_until", "sort_by", "sort_direction"),
    *("limit", "cursor", "include_fields", "custom_fields"),
)
_LINKS: dict[Kind, tuple[str, ...]] = {
    "person": ("org_id",),
    "organization": (),
    "deal": ("person_id", "org_id", "pipeline_id", "stage_id"),
}
_MORE: dict[Kind, tuple[str, ...]] = {
    "person": ("deal_id",),
    "organization": (),
    "deal": ("status",),
}
_STATUSES = ("open", "won", "lost", "deleted")
Takes = Callable[[Row], bool]


class RecordLists:
    """The list of one kind of record; `archived`: the list of archived deals instead."""

    def __init__(
        self,
        crm: Crm,
        kind: Kind,
        lookup: Lookup,
        show: Show,
        options: Options,
        *,
        archived: bool = False,
    ) -> None:
        self._crm = crm
        self._kind: Kind = kind
        self._lookup = lookup
        self._show = show
        self._options = options
        self._archived = archived

    def answer(self, request: Request) -> Answer:
        """GET /persons: a page by keyset of what the token's user may see."""
        shown = () if self._archived else SHOWN
        params = Params(request, *_LISTED, *_LINKS[self._kind], *_MORE[self._kind], *shown)
        order = params.choice("sort_by", "id", "update_time", "add_time")
        direction = params.choice("sort_direction", "asc", "desc")
        rows, show = self._rows(params, order, direction), self._show.reader(params)
        return page_answer(*paged(rows, params, self._crm.cursors, (order, direction), show))

    def _rows(self, params: Params, order: str, direction: str) -> Iterable[tuple[Key, Row]]:
        since, until = params.moment("updated_since"), params.moment("updated_until")
        low = 0 if since is None else since
        high = 2**62 if until is None else until - 1
        after = params.cursor(self._crm.cursors, order, direction)
        table, descending = self._crm.records[self._kind].listed, direction == "desc"
        ids = params.many("ids", MAX_IDS)
        if ids is not None:
            found = table.pick(order, _numbers(ids), descending=descending, after=after)
        else:
            within = [("update_time", low, high)]
            found = table.walk(order, descending=descending, after=after, within=within)
        takes = self._takes(params)
        for place, row in found:
            changed = table.place("update_time", row["id"])[0]
            if low <= changed <= high and takes(row):
                yield place, row

    def _takes(self, params: Params) -> Takes:
        """Whether a row belongs into the list that is asked for."""
        names = ("owner_id", *_LINKS[self._kind])
        wanted = {name: held for name in names if (held := params.whole(name)) is not None}
        is_in = self._deals(params) if self._kind == "deal" else self._contacts(params)

        def takes(row: Row) -> bool:
            return (
                all(row[name] == held for name, held in wanted.items())
                and is_in(row)
                and self._crm.sees(row)
            )

        return takes

    def _deals(self, params: Params) -> Takes:
        """By status; deleted ones for 30 days, and only when they are asked for."""
        statuses = params.many("status", len(_STATUSES)) or list(_STATUSES[:3])
        if any(status not in _STATUSES for status in statuses):
            raise failed_checks(f"status: must be of {', '.join(_STATUSES)}")

        def is_in(row: Row) -> bool:
            status = "deleted" if row["is_deleted"] else row["status"]
            kept = not self._lookup.is_purged(row)
            return row["is_archived"] == self._archived and status in statuses and kept

        return is_in

    def _contacts(self, params: Params) -> Takes:
        """Living ones; deleted ones where the option says that `updated_since` lists them."""
        tells = self._options.lists_deleted and params.text("updated_since") is not None
        deal_id = params.whole("deal_id") if self._kind == "person" else None
        deal = None if deal_id is None else self._crm.records["deal"].table.get(deal_id)

        def is_in(row: Row) -> bool:
            of_deal = deal_id is None or (deal is not None and deal["person_id"] == row["id"])
            kept = not row["is_deleted"] or (tells and not self._lookup.is_purged(row))
            return of_deal and kept

        return is_in


def _numbers(ids: list[str]) -> list[int]:
    if not all(item.isascii() and item.isdigit() for item in ids):
        raise failed_checks("ids: must be integers")
    return [int(item) for item in ids]
