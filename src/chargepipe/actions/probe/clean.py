"""Deleting what a probe has made: at its end, after an error or Ctrl-C, and after a dead one."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from chargepipe.accounts.lease import LeaseLost
from chargepipe.actions.probe.calls import SEARCH
from chargepipe.actions.probe.finding import Unclear
from chargepipe.actions.probe.hands import Hands, Row, refused
from chargepipe.actions.probe.traces import DELETE, PREFIX, Kind, Trace, in_order, is_ours, name_of
from chargepipe.http import Operation, Params, ServiceError, as_dict, as_dicts
from chargepipe.pipedrive import Entity, costs

TRIES, PAUSE_SECONDS = 4, 2.0
CLOCKS_APART = timedelta(minutes=10)
FIELDS: dict[Entity, Kind] = {"person": "person field", "organization": "organization field"}


def remove_left_overs(hands: Hands) -> int:
    """Find what a dead probe left by the names that probes give, and delete it; how many.

    Raises Unclear where Pipedrive refuses a search, and ServiceError.
    """
    found = [Trace(kind, row["id"]) for kind in get_args(Entity) for row in _searched(hands, kind)]
    found += _fields(hands, "")
    deleted, left = _deleted(hands, found)
    hands.made |= set(left)  # tried again at the end, and told if it stays
    return deleted  # search may still show what is long gone


def clean_up(hands: Hands, started: datetime) -> tuple[int, list[Trace]]:
    """Delete all that this probe made: how many, and what could not be deleted.

    Where an answer was lost, it waits until lists show every write and looks for its names.
    """
    hands.line.let_go()
    if hands.uncertain:
        _look_for_more(hands, started)
    deleted, left = _deleted(hands, hands.made)
    hands.made = set(left)
    return deleted, left


def _look_for_more(hands: Hands, started: datetime) -> None:
    """What cannot be looked for now, the next probe finds."""
    hands.warn(f"An answer was lost: in {hands.settle:.0f} s we look for what it made.")
    try:
        hands.wait(hands.settle)
        since = (started - CLOCKS_APART).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for kind in get_args(Entity):
            params: Params = {"limit": 500, "updated_since": since}
            for row in _walk(hands, costs.LIST[kind], params):
                if is_ours(name_of(row), hands.marker):
                    hands.made.add(Trace(kind, row["id"]))
        hands.made |= set(_fields(hands, hands.marker))
        hands.uncertain = False
    except (ServiceError, Unclear, LeaseLost):
        return


def _searched(hands: Hands, kind: Entity) -> Iterator[Row]:
    fields = "title" if kind == "deal" else "name"
    heard = hands.send(SEARCH[kind], {"term": PREFIX, "fields": fields, "limit": 500})
    if not heard.ok:
        raise refused(heard, f"a search of {kind}s")
    items = as_dicts((as_dict(heard.body.get("data")) or {}).get("items")) or ()
    for item in items:
        row = as_dict(item.get("item"))
        if row and is_ours(name_of(row)):
            yield row


def _fields(hands: Hands, marker: str) -> list[Trace]:
    found: list[Trace] = []
    for entity, kind in FIELDS.items():
        for row in _walk(hands, costs.LIST_FIELDS[entity], {"limit": 500}):
            if row.get("is_custom_field") and is_ours(name_of(row), marker):
                found.append(Trace(kind, str(row["field_code"])))
    return found


def _walk(hands: Hands, operation: Operation, params: Params) -> Iterator[Row]:
    cursor: object = None
    while True:
        wanted = dict(params) | ({"cursor": cursor} if isinstance(cursor, str) else {})
        heard = hands.send(operation, wanted)
        if not heard.ok:
            raise refused(heard, "a list")
        yield from as_dicts(heard.body.get("data")) or ()
        cursor = (as_dict(heard.body.get("additional_data")) or {}).get("next_cursor")
        if not cursor:
            return


def _deleted(hands: Hands, traces: Iterable[Trace]) -> tuple[int, list[Trace]]:
    """Delete each, some times if need be, for a second DELETE harms nothing.

    How many were deleted (not those that were gone already), and what stays.
    """
    left, deleted = in_order(traces), 0
    for turn in range(TRIES):
        if turn and left:
            hands.wait(PAUSE_SECONDS * turn)
        fates = [(trace, _delete(hands, trace)) for trace in left]
        deleted += sum(fate == "deleted" for _, fate in fates)
        left = [trace for trace, fate in fates if fate == "stays"]
    return deleted, left


def _delete(hands: Hands, trace: Trace) -> Literal["deleted", "gone", "stays"]:
    """Delete one. A lost answer, a refusal and the end of the day's tokens leave it."""
    try:
        heard = hands.send(DELETE[trace.kind], id=trace.id, code=trace.id)
    except (ServiceError, LeaseLost):
        return "stays"
    if heard.ok:
        return "deleted"
    gone = heard.status in (404, 410) or heard.code.endswith("_DELETED")
    return "gone" if gone else "stays"
