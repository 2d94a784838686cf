"""Chargebee's list filters: ``field[operator]=value`` (fact sheet 3)."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

from ..data.draw import DAY
from ..messages import Row
from .errors import wrong
from .params import boolean, integer, seconds, strings, two

Test = Callable[[Any], bool]
Read = Callable[[Row], Any]
TEXT = frozenset({"is", "is_not", "starts_with", "in", "not_in", "is_present"})
CHOICE = TEXT - {"starts_with"}
NUMBER = frozenset({"is", "is_not", "lt", "lte", "gt", "gte", "between", "is_present"})
TIME = frozenset({"after", "before", "on", "between", "is_present"})
FLAG = frozenset({"is", "is_present"})
_COMPARED = {"lt": lt, "lte": le, "gt": gt, "gte": ge}


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute to filter by: which operators it takes, and where it stands in a row.

    read: None where it stands under its own name. catalogs: the sites that know it.
    """

    operators: frozenset[str]
    read: Read | None = None
    catalogs: tuple[str, ...] = ("v1", "v2", "coexistence")


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on one attribute.

    `span` holds the lowest and highest value that a time filter lets through; `values` the only
    values that an id filter does. `read` finds the attribute where it has another name in the row.
    """

    field: str
    test: Test
    span: tuple[int, int] | None = None
    values: tuple[str, ...] | None = None
    read: Read | None = None

    def passes(self, row: Row) -> bool:
        """Whether the row meets the condition."""
        return self.test(row.get(self.field) if self.read is None else self.read(row))


@dataclass(frozen=True, slots=True)
class Asked:
    """One filter as it was asked for; `name` is the whole parameter, for the error."""

    name: str
    field: str
    operator: str
    value: str


def split(name: str, value: str) -> Asked:
    """The parts of a parameter; only the last bracket holds the operator."""
    field, _, rest = name.rpartition("[")
    return Asked(name, field, rest.removesuffix("]"), value)


def read_filter(asked: Asked, field: Field, strict: bool) -> Filter:
    """The filter of one query parameter; 400 where the field has no such operator."""
    if asked.operator not in field.operators:
        raise wrong(asked.name, f"the operator {asked.operator} is not allowed here")
    if asked.operator == "is_present":
        present = boolean(asked.name, asked.value)
        return Filter(asked.field, lambda held: (held is not None) is present, read=field.read)
    if field.operators is TIME:
        return _time(asked, field.read, strict)
    if field.operators is NUMBER:
        return Filter(asked.field, _number(asked), read=field.read)
    if field.operators is FLAG:
        flag = boolean(asked.name, asked.value)
        return Filter(asked.field, lambda held: bool(held) is flag, read=field.read)
    return _text(asked, field.read)


def _text(asked: Asked, read: Read | None) -> Filter:
    field, value = asked.field, asked.value
    match asked.operator:
        case "is":
            return Filter(field, lambda held: held == value, values=(value,), read=read)
        case "is_not":
            return Filter(field, lambda held: held != value, read=read)
        case "starts_with":
            return Filter(field, lambda held: str(held or "").startswith(value), read=read)
        case "in":
            wanted = strings(asked.name, value)
            return Filter(field, lambda held: held in wanted, values=wanted, read=read)
        case _:
            unwanted = strings(asked.name, value)
            return Filter(field, lambda held: held not in unwanted, read=read)


def _number(asked: Asked) -> Test:
    """A row without the number passes `is_not` alone."""
    if asked.operator == "between":
        low, high = two(asked.name, asked.value, integer)
        return lambda held: held is not None and low <= held <= high
    number = integer(asked.name, asked.value)
    if asked.operator in ("is", "is_not"):
        return lambda held: (held == number) is (asked.operator == "is")
    compared = _COMPARED[asked.operator]
    return lambda held: held is not None and compared(held, number)


def _time(asked: Asked, read: Read | None, strict: bool) -> Filter:
    if asked.operator == "between":
        span = two(asked.name, asked.value, seconds)
    else:
        span = _span(asked.operator, seconds(asked.name, asked.value), strict)
    low, high = span
    return Filter(
        asked.field, lambda held: held is not None and low <= held <= high, span, read=read
    )


def _span(operator: str, moment: int, strict: bool) -> tuple[int, int]:
    edge = 1 if strict else 0
    if operator == "after":
        return moment + edge, 2**62
    if operator == "before":
        return 0, moment - edge
    start = moment // DAY * DAY
    return start, start + DAY - 1
