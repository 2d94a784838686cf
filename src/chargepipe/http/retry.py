"""Sends a read again after a network error or a 5xx. Writes never come here."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from chargepipe.http.errors import Transient

Answer = TypeVar("Answer")

_TRIES = stamina.AsyncRetryingCaller(
    attempts=5, timeout=120.0, wait_initial=0.5, wait_max=10.0, wait_jitter=0.5
)


def _worth_it(error: Exception) -> bool:
    # A 429 has been waited out by the throttle already.
    return isinstance(error, Transient) and error.status != 429


async def again(read: Callable[[], Awaitable[Answer]]) -> Answer:
    """Try a read up to five times, 0.5 to 8 s apart, for two minutes at most (plus the last try).

    Raises Transient when the last try fails too; any other error at once.
    """
    return await _TRIES(_worth_it, read)
