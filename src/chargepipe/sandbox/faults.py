"""Trouble on the line, on request: errors, dead connections, late and slow answers."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["status", "drop_before", "drop_after", "late", "delay"]
KINDS: tuple[Kind, ...] = ("status", "drop_before", "drop_after", "late", "delay")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with which calls.

    service, method (a regular expression; None: every) and path (one that is searched in the raw
    path, without the query) choose the calls; the first `skip` of them pass, then `times` are hit
    (None: all).
    kind: "status" answers `status` and does nothing else, with `body` and `content_type` where
    given (an HTML 403, say); "drop_before" lets the connection die with nothing done; "drop_after"
    does the work, then the connection dies; "late" lets the connection die now and does the work
    `seconds` later; "delay" does the work now and answers `seconds` later.
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

    def __post_init__(self) -> None:
        """Refuse what could never fire. Raises ValueError."""
        if self.kind not in KINDS:
            raise ValueError(f"no fault of kind {self.kind!r}; there are {', '.join(KINDS)}")
        re.compile(self.path)

    def concerns(self, service: str, method: str, path: str) -> bool:
        """Whether this fault is about such a call."""
        return (
            self.service == service
            and re.fullmatch(self.method or ".*", method) is not None
            and re.search(self.path, path) is not None
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
