"""Chargebee's list filters: ``field[operator]=value`` (fact sheet 3)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..limits import DAY
from ..messages import Row
from .errors import wrong

Test = Callable[[Any], bool]
TEXT = frozenset({"is", "is_not", "starts_with", "in", "not_in", "is_present"})
CHOICE = TEXT - {"starts_with"}
TIME = frozenset({"after", "before", "on", "between"})
FLAG = frozenset({"is"})

FILTERS: dict[str, dict[str, frozenset[str]]] = {
    "customer": {
        "id": TEXT,
        "email": TEXT,
        "company": TEXT,
        "phone": TEXT,
        "business_entity_id": TEXT,
        "created_at": TIME,
        "updated_at": TIME,
    },
    "subscription": {
        "id": TEXT,
        "customer_id": TEXT,
        "status": CHOICE,
        "business_entity_id": TEXT,
        "created_at": TIME,
        "updated_at": TIME,
    },
    "invoice": {
        "id": TEXT,
        "customer_id": TEXT,
        "subscription_id": TEXT,
        "status": CHOICE,
        "recurring": FLAG,
        "date": TIME,
        "updated_at": TIME,
    },
    "event": {"id": TEXT, "event_type": CHOICE, "source": CHOICE, "occurred_at": TIME},
}
"""Which operators each field of each list takes; anything else is refused."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on one attribute.

    `span` holds the lowest and highest value that a time filter lets through; `values` the only
    values that an id filter does.
    """

    field: str
    test: Test
    span: tuple[int, int] | None = None
    values: tuple[str, ...] | None = None

    def passes(self, row: Row) -> bool:
        """Whether the row meets the condition."""
        return self.test(row.get(self.field))


def read_filter(kind: str, name: str, value: str, strict: bool) -> Filter:
    """The filter of one query parameter; 400 where the list has no such field or operator."""
    field, _, rest = name.partition("[")
    operator = rest.removesuffix("]")
    operators = FILTERS[kind].get(field)
    if operators is None or not rest:
        raise wrong(name, "is not a parameter of this list")
    if operator not in operators:
        raise wrong(name, f"the operator {operator} is not allowed here")
    if operators is TIME:
        return _time(field, name, operator, value, strict)
    if operators is FLAG:
        flag = _boolean(name, value)
        return Filter(field, lambda held: held is flag)
    return _text(field, name, operator, value)


def _text(field: str, name: str, operator: str, value: str) -> Filter:
    match operator:
        case "is":
            return Filter(field, lambda held: held == value, values=(value,))
        case "is_not":
            return Filter(field, lambda held: held != value)
        case "starts_with":
            return Filter(field, lambda held: str(held or "").startswith(value))
        case "is_present":
            present = _boolean(name, value)
            return Filter(field, lambda held: (held is not None) is present)
        case _:
            return _one_of(field, operator, _strings(name, value))


def _one_of(field: str, operator: str, wanted: tuple[str, ...]) -> Filter:
    if operator == "in":
        return Filter(field, lambda held: held in wanted, values=wanted)
    return Filter(field, lambda held: held not in wanted)


def _time(field: str, name: str, operator: str, value: str, strict: bool) -> Filter:
    if operator == "between":
        low, high = _two_times(name, value)
    else:
        moment = _seconds(name, value)
        low, high = _span(operator, moment, strict)
    return Filter(field, lambda held: held is not None and low <= held <= high, (low, high))


def _span(operator: str, moment: int, strict: bool) -> tuple[int, int]:
    edge = 1 if strict else 0
    if operator == "after":
        return moment + edge, 2**62
    if operator == "before":
        return 0, moment - edge
    start = moment // DAY * DAY
    return start, start + DAY - 1


def _two_times(name: str, value: str) -> tuple[int, int]:
    """`between` takes both ends in and refuses an empty or turned-round range (fact sheet 3)."""
    ends = _strings(name, value)
    if len(ends) != 2:
        raise wrong(name, "takes a list of two timestamps")
    low, high = (_seconds(name, end) for end in ends)
    if low >= high:
        raise wrong(name, "the start has to be before the end")
    return low, high


def _seconds(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise wrong(name, "is not a timestamp in seconds")
    return int(value)


def _boolean(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise wrong(name, "is neither true nor false")
    return value == "true"


def _strings(name: str, value: str) -> tuple[str, ...]:
    """A list as JSON text; single quotes do too, for Chargebee's own SDK sends them."""
    for text in (value, value.replace("'", '"')):
        try:
            read = json.loads(text)
        except ValueError:
            continue
        if isinstance(read, list):
            return tuple(str(item) for item in read)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise wrong(name, "is not a list")
