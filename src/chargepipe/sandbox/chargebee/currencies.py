"""The currencies of the site."""

from ..data.customers import CURRENCIES
from ..data.subscriptions import RATES
from ..messages import Row

BASE = "USD"
_MANUAL = ("KWD",)


def currencies() -> list[Row]:
    """The rows of GET /currencies/list. One of them has a rate that is kept by hand."""
    return [_currency(code) for code in CURRENCIES]


def _currency(code: str) -> Row:
    row: Row = {
        "id": f"cur_{code.lower()}",
        "enabled": True,
        "currency_code": code,
        "is_base_currency": code == BASE,
        "object": "currency",
    }
    if code == BASE:
        return row
    if code in _MANUAL:
        return row | {"forex_type": "manual", "manual_exchange_rate": str(RATES[code])}
    return row | {"forex_type": "auto"}
