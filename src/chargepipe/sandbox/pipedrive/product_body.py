"""Bodies that attach a product to a deal."""

from typing import Any, cast

from ..messages import Row
from . import checks, values
from .checks import Check, or_null, refused_key
from .errors import failed_checks
from .values import Bad

CATALOG = {1: "Team plan", 2: "Business plan", 3: "Support hours"}
"""The products of the account by id."""
LONGEST = 208
"""Cycles that a recurring product can have."""
A_MONTH = {
    "weekly": 52 / 12,
    "monthly": 1.0,
    "quarterly": 1 / 3,
    "semi-annually": 1 / 6,
    "annually": 1 / 12,
}
"""How often a month a recurring product is billed."""
DEFAULTS: Row = {
    "tax": 0,
    "comments": "",
    "discount": 0,
    "discount_type": "percentage",
    "tax_method": "exclusive",
    "is_enabled": True,
    "product_variation_id": None,
    "billing_frequency": "one-time",
    "billing_frequency_cycles": None,
    "billing_start_date": None,
}
"""What is not said when a product is attached."""


def read_product(body: Any, has_recurring: bool) -> Row:
    """A checked body. `has_recurring`: whether the plan has products that recur. Raises Invalid."""
    if not isinstance(body, dict):
        raise failed_checks("data: must be a list of objects")
    given = cast(Row, body)
    problems = [
        f"{key}: Parameter '{key}' is required"
        for key in ("product_id", "item_price", "quantity")
        if key not in given
    ]
    problems += [wrong for key in given if (wrong := _wrong(key, given[key]))]
    problems = problems or _misbilled(DEFAULTS | given, has_recurring)
    if problems:
        raise failed_checks(*problems)
    return given


def _misbilled(row: Row, has_recurring: bool) -> list[str]:
    """Recurring products need a better plan than Lite; a weekly one ends some day."""
    frequency, cycles = row["billing_frequency"], row["billing_frequency_cycles"]
    if frequency != "one-time" and not has_recurring:
        return ["billing_frequency: is not available in the current plan"]
    if frequency == "one-time" and cycles is not None:
        return ["billing_frequency_cycles: must be null for a one-time product"]
    if frequency == "weekly" and cycles is None:
        return ["billing_frequency_cycles: must be given for a weekly product"]
    return []


def _wrong(key: str, value: Any) -> str | None:
    if key not in _CHECKS:
        return f"{key}: {refused_key(key)}"
    try:
        _CHECKS[key](value)
    except Bad as bad:
        return f"{key}: {bad}"
    return None


def _product(value: Any) -> int:
    if checks.whole(value) not in CATALOG:
        raise Bad("must be the id of a product that exists")
    return value


def _cycles(value: Any) -> int:
    if not 1 <= checks.whole(value) <= LONGEST:
        raise Bad(f"must be from 1 to {LONGEST}")
    return value


_CHECKS: dict[str, Check] = {
    "product_id": _product,
    "item_price": values.number,
    "quantity": values.number,
    "tax": values.number,
    "comments": checks.text,
    "discount": values.number,
    "discount_type": checks.one_of("percentage", "amount"),
    "tax_method": checks.one_of("exclusive", "inclusive", "none"),
    "is_enabled": checks.flag,
    "product_variation_id": or_null(checks.whole),
    "billing_frequency": checks.one_of("one-time", *A_MONTH),
    "billing_frequency_cycles": or_null(_cycles),
    "billing_start_date": or_null(values.day),
}
