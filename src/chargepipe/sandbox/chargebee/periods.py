"""Billing periods on the calendar, in UTC."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from ..messages import Row


def next_term(subscription: Row, start: int) -> Row:
    """The attributes of a term that starts at `start` (unix seconds) and renews at its end."""
    count, unit = subscription["billing_period"], subscription["billing_period_unit"]
    end = later(start, count, unit)
    return {"current_term_start": start, "current_term_end": end, "next_billing_at": end}


def later(seconds: int, count: int, unit: str) -> int:
    """The moment `count` days, weeks, months or years later; 31 January + 1 month: 28 February."""
    start = datetime.fromtimestamp(seconds, UTC)
    match unit:
        case "day":
            moved = start + timedelta(days=count)
        case "week":
            moved = start + timedelta(weeks=count)
        case "month":
            moved = _months_later(start, count)
        case _:
            moved = _months_later(start, 12 * count)
    return int(moved.timestamp())


def _months_later(start: datetime, months: int) -> datetime:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))
