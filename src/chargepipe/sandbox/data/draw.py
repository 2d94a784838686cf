"""Chance that is always the same: bytes drawn from seed, kind and number; times that rise."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b

ANCHOR = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
"""Unix seconds. No sample record was made or changed after this moment."""
DAY = 86_400
START = ANCHOR - 3 * 365 * DAY


def draw(seed: int, kind: str, number: int) -> bytes:
    """32 bytes that look random and depend on nothing else."""
    return blake2b(f"{seed} {kind} {number}".encode(), digest_size=32).digest()


def rising(size: int) -> Callable[[int], int]:
    """Unix seconds for the numbers 1..size (and size + 1), spread over three years, rising."""
    step = 3 * 365 * DAY // (size + 2)

    def moment(number: int) -> int:
        shake = ((number * 2_654_435_761) & 0xFFFF) * step >> 16
        return START + number * step + shake

    return moment


def touched(created: int) -> int:
    """When a record was last changed: half-way from its creation to the anchor."""
    return created + (ANCHOR - created) // 2


def iso(seconds: float) -> str:
    """RFC 3339 in UTC with whole seconds, as Pipedrive writes it."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unix(text: str) -> int:
    """Unix seconds of an RFC 3339 time. Raises ValueError."""
    return int(datetime.fromisoformat(text).timestamp())
