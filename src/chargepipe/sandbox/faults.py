"""Trouble on the line, on request: errors, dead connections, late and slow answers."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Literal, get_args

from .messages import Row, is_text

Kind = Literal["status", "html", "drop_before", "drop_after", "late", "delay"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LOOKED_AT = 400
"""Characters of a path that a pattern is held against."""
LONGEST_WAIT = 3600.0
"""Seconds that a fault may hold an answer or its work."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with which calls.

    service, method (a regular expression; None: every) and path (one that is searched in the raw
    path, without the query) choose the calls; the first `skip` of them pass, then `times` are hit
    (None: all).
    kind: "status" answers `status` and does nothing else, with `body` and `content_type` where
    given; "html" answers `status` with the web page of the network in front, as Cloudflare's for
    a 403, 502 or 524; "drop_before" lets the connection die with nothing done; "drop_after"
    does the work, then the connection dies; "late" lets the connection die now and does the work
    `seconds` later; "delay" does the work now and answers `seconds` later.
    code: the error code of a "status" (`api_error_code` of Chargebee, `code` of Pipedrive); None:
    the usual one of the status, if any.
    """

    service: Literal["chargebee", "pipedrive"] = "pipedrive"
    method: str | None = None
    path: str = ""
    kind: Kind = "status"
    status: int = 503
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    body: str | None = None
    content_type: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could never fire, or never be sent. Raises ValueError."""
        if self.kind not in KINDS:
            raise ValueError(f"no fault of kind {self.kind!r}; there are {', '.join(KINDS)}")
        for problem in self._problems():
            raise ValueError(problem)
        for pattern in (self.method or "", self.path):
            try:
                re.compile(pattern)
            except re.error as wrong:
                raise ValueError(f"no regular expression: {pattern!r}, {wrong}") from None

    def _problems(self) -> Iterator[str]:
        if not _is_whole(self.status, 200, 599):
            yield "status has to be a whole number from 200 to 599"
        if self.times is not None and not _is_whole(self.times, 1):
            yield "times has to be a whole number from 1 on, or null for always"
        if not _is_whole(self.skip, 0):
            yield "skip has to be a whole number, 0 or more"
        if not (isfinite(self.seconds) and 0 <= self.seconds <= LONGEST_WAIT):
            yield f"seconds has to be from 0 to {LONGEST_WAIT:.0f}"
        if not _LINE.fullmatch(self.content_type or ""):
            yield "content_type has to be one line of Latin-1 text"
        for name, text in (("body", self.body), ("code", self.code)):
            if text and (not is_text(text) or _CONTROL.search(text)):
                yield f"{name} has to be text without control characters"

    def concerns(self, service: str, method: str, path: str) -> bool:
        """Whether this fault is about such a call."""
        return (
            self.service == service
            and re.fullmatch(self.method or ".*", method) is not None
            and re.search(self.path, path[:LOOKED_AT]) is not None
        )


class Faults:
    """The faults in force; the first one that is due hits a call."""

    def __init__(self) -> None:
        self._seen: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force, behind those that are."""
        self._seen.append((fault, [0]))

    def clear(self) -> None:
        """Take all faults away."""
        self._seen.clear()

    def in_force(self) -> list[Row]:
        """The faults that can still hit, oldest first; `left`: how often (None: always)."""
        counted = ((fault, _left(fault, calls[0])) for fault, calls in self._seen)
        return [asdict(fault) | {"left": left} for fault, left in counted if left != 0]

    def hit(self, service: str, method: str, path: str) -> Fault | None:
        """The fault that hits this call, if any; counts the call."""
        for fault, calls in self._seen:
            if not fault.concerns(service, method, path):
                continue
            calls[0] += 1
            turn = calls[0] - fault.skip
            if turn >= 1 and (fault.times is None or turn <= fault.times):
                return fault
        return None


_LINE = re.compile(r"[ -~\xa0-\xff]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters but for tab and line ends."""


def _is_whole(value: Any, least: int, most: int = 10**9) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _left(fault: Fault, calls: int) -> int | None:
    if fault.times is None:
        return None
    return max(fault.times - max(calls - fault.skip, 0), 0)
