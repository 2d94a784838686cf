"""What a list call asks for: limit, offset, order, filters."""

from dataclasses import dataclass
from zlib import crc32

from ..data.draw import DAY
from ..messages import Request, read_json
from ..table import Key
from .errors import wrong
from .fields import RECORDS, Listed
from .filters import Filter, read_filter, split
from .params import boolean
from .shelf import MILLI
from .world import ENTITY_HEADER, World, entity_in

_MARKS = 10_000
_TIMES = 10**10
_STATUS_DAYS = 6
"""webhook_status looks that far back, unless occurred_at is given (fact sheet 7)."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a list call asks for.

    deleted: the oldest `updated_at` of the tombstones that are shown, None for no tombstones.
    mark: goes into the offset; it stands for the filters, the sort and the present moment.
    """

    filters: tuple[Filter, ...]
    order: str
    descending: bool
    limit: int
    after: Key | None
    deleted: int | None
    mark: int


def read_query(kind: str, request: Request, world: World) -> Query:
    """The query of a list call; 400 param_wrong_value for whatever it may not hold."""
    listed, params = RECORDS[kind], request.params
    limit = read_limit(params)
    offset = params.pop("offset", None)
    mark = _mark(kind, request, params)
    after = None if offset is None else _read_offset(offset, mark, world)
    order, descending = read_sort(listed, params)
    deleted = _tombstones(listed, params, world)
    filters = read_filters(kind, listed, params, world)
    filters += _unasked(kind, request, params, world)
    now = mark + _MARKS * world.clock.seconds()
    return Query(tuple(filters), order, descending, limit, after, deleted, now)


def offset_at(place: Key, query: Query) -> str:
    """The offset that goes on behind a place: JSON text of two strings, as Chargebee's are."""
    value, number = place
    return f'["{value * MILLI}","{number * _MARKS * _TIMES + query.mark}"]'


def read_limit(params: dict[str, str]) -> int:
    """Takes `limit` out of the parameters; 400 where it is none."""
    value = params.pop("limit", "10")
    digits = value.isascii() and value.isdigit() and len(value) < 10
    if not digits or not 1 <= int(value) <= 100:
        raise wrong("limit", "has to be a number from 1 to 100")
    return int(value)


def read_sort(listed: Listed, params: dict[str, str]) -> tuple[str, bool]:
    """Takes `sort_by` out: the attribute and whether the greatest comes first."""
    ascending = params.pop("sort_by[asc]", None)
    descending = params.pop("sort_by[desc]", None)
    order = ascending or descending or (listed.orders[0] if listed.orders else "")
    if order not in (listed.orders or ("",)):
        raise wrong("sort_by", f"takes one of {', '.join(listed.orders) or 'none here'}")
    return order, ascending is None and descending is not None


def read_filters(kind: str, listed: Listed, params: dict[str, str], world: World) -> list[Filter]:
    """The filters in the parameters that are left; 400 for what is none."""
    found: list[Filter] = []
    for given, value in params.items():
        asked = split(listed.bare.get(given, given), value)
        field = listed.fields.get(asked.field) or world.custom.field(kind, asked.field)
        if field is None or world.site.catalog not in field.catalogs:
            raise wrong(given, "is not a parameter of this list")
        found.append(read_filter(asked, field, world.options.after_is_strict))
    return found


def _unasked(kind: str, request: Request, params: dict[str, str], world: World) -> list[Filter]:
    """Conditions that hold without a filter: the entity of the call, the reach of events."""
    found: list[Filter] = []
    entity = request.headers.get(ENTITY_HEADER)
    if entity:
        found.append(Filter("", lambda held: held == entity, read=lambda row: entity_in(kind, row)))
    if kind == "event":
        start = world.clock.seconds() - _reach(params, world) * DAY
        found.append(Filter("occurred_at", lambda held: held >= start, (start, 2**62)))
    return found


def _reach(params: dict[str, str], world: World) -> int:
    """How many days the list of events looks back."""
    names = " ".join(params)
    dated = any(name in names for name in ("occurred_at", "start_time", "end_time"))
    short = "webhook_status" in names and not dated
    return min(_STATUS_DAYS, world.options.event_days) if short else world.options.event_days


def _tombstones(listed: Listed, params: dict[str, str], world: World) -> int | None:
    if not listed.tombstones:
        return None
    if not boolean("include_deleted", params.pop("include_deleted", "false")):
        return None
    days = world.options.tombstone_days
    return 0 if days is None else world.clock.seconds() - days * DAY


def _mark(kind: str, request: Request, params: dict[str, str]) -> int:
    """Stands for the filters and the sort of a call."""
    entity = request.headers.get(ENTITY_HEADER)
    return crc32(repr((kind, sorted(params.items()), entity)).encode()) % _MARKS


def _read_offset(offset: str, mark: int, world: World) -> Key:
    """The place in an offset. It is good for its own filters alone, and not for ever (option)."""
    try:
        value, held = read_json(offset)
        number, rest = divmod(int(held), _MARKS * _TIMES)
        place = int(value) // MILLI, number
    except (ValueError, TypeError) as broken:
        raise wrong("offset", "is not an offset of this list") from broken
    made, held_mark = divmod(rest, _MARKS)
    if held_mark != mark:
        raise wrong("offset", "was given for other filters or another sort")
    age, good = world.clock.seconds() - made, world.options.offset_seconds
    if good is not None and age > good:
        raise wrong("offset", "is too old; begin the list again")
    return place
