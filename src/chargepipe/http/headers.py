"""Reading numbers and times out of answer headers, where any of them may be missing or odd."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

TOKEN_LIMIT = "x-daily-ratelimit-token-limit"  # noqa: S105 - API tokens as a currency, no secret
TOKEN_REMAINING = "x-daily-ratelimit-token-remaining"  # noqa: S105
BURST_LIMIT = "x-ratelimit-limit"
BURST_REMAINING = "x-ratelimit-remaining"
BURST_RESET = "x-ratelimit-reset"
RETRY_AFTER = "retry-after"


def whole(headers: httpx2.Headers, name: str) -> int | None:
    """Return a header as a number of 0 or more, None where it is missing or no number."""
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def seconds(headers: httpx2.Headers, name: str) -> float:
    """Return a header as seconds, 0 where it is missing or no number."""
    try:
        value = float(headers.get(name, ""))
    except ValueError:
        return 0.0
    return value if 0 < value < 1e9 else 0.0


def server_time(headers: httpx2.Headers) -> datetime | None:
    """Return the Date header as aware UTC, None where it is missing or no date."""
    try:
        moment = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_daily_limit(response: httpx2.Response) -> bool:
    """Tell whether a 429 means that the tokens of the day are gone (else it is a burst).

    Pipedrive fact sheet 2.4: no tokens remain; or, where that header is missing, the burst window
    has room left, so that it cannot be the reason.
    """
    remaining = whole(response.headers, TOKEN_REMAINING)
    if remaining is not None:
        return remaining == 0
    return (whole(response.headers, BURST_REMAINING) or 0) >= 1
