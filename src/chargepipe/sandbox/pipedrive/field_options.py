"""Options of enum and set fields: made, renamed and removed in bulk, all or none (fact sheet 6).

That an unknown option is answered with 400 is ours; the pages say that the call fails, and that a
field has 10,000 options at most.
"""

from collections.abc import Callable
from typing import Any, cast

from ..messages import Row
from .errors import Invalid, failed_checks
from .field_rows import check_keys, read_name

MOST = 10_000
"""Options of one field (fact sheet 2.5)."""


def added(held: list[Row], given: Any, make: Callable[[str], Row]) -> list[Row]:
    """The new options of a body; `make` gives an option for a label. Raises Invalid."""
    labels = [read_name(item.get("label"), "label") for item in _read(given, "label")]
    if len(held) + len(labels) > MOST:
        raise failed_checks(f"options: a field has at most {MOST} options")
    return [make(label) for label in labels]


def renamed(held: list[Row], given: Any, now: str) -> list[Row]:
    """The options of a body with their new labels. Raises Invalid."""
    known = {option["id"]: option for option in held}
    changed = [
        (_number(item), read_name(item.get("label"), "label"))
        for item in _read(given, "id", "label")
    ]
    _check_known(known, [number for number, _ in changed])
    return [known[number] | {"label": label, "update_time": now} for number, label in changed]


def removed(held: list[Row], given: Any) -> list[Row]:
    """The options of a body, to be taken away. Raises Invalid."""
    known = {option["id"]: option for option in held}
    numbers = [_number(item) for item in _read(given, "id")]
    _check_known(known, numbers)
    return [known[number] for number in dict.fromkeys(numbers)]


def _read(given: Any, *keys: str) -> list[Row]:
    wrong = f"options: must be a list of objects with {' and '.join(keys)}"
    if not isinstance(given, list) or not given:
        raise failed_checks(wrong)
    for item in cast(list[Any], given):
        if not isinstance(item, dict):
            raise failed_checks(wrong)
        check_keys(cast(Row, item), *keys)
    return cast(list[Row], given)


def _number(item: Row) -> int:
    number = item.get("id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise failed_checks("id: must be an integer")
    return number


def _check_known(known: dict[int, Row], numbers: list[int]) -> None:
    strange = [str(number) for number in numbers if number not in known]
    if strange:
        raise Invalid(f"The field has no option {', '.join(strange)}", 400)
