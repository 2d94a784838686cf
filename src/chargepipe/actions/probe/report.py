"""What a probe reports, for people and for scripts. It holds no personal data."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from chargepipe.actions.probe.finding import Finding
from chargepipe.actions.probe.traces import Trace

State = Literal["holds", "differs", "refused", "interrupted"]


@dataclass(slots=True)
class Report:
    """What came of a probe. Tokens are Pipedrive's.

    `trouble` says in words what a service refused, a line each. `left` is what could not be
    deleted. `tokens_told` is what the headers say was spent meanwhile, by others too; None where
    they are missing.
    """

    connection: str
    findings: list[Finding] = field(default_factory=list[Finding])
    trouble: list[str] = field(default_factory=list[str])
    interrupted: bool = False
    left_overs: int = 0
    deleted: int = 0
    left: list[Trace] = field(default_factory=list[Trace])
    tokens: int = 0
    tokens_told: int | None = None
    requests: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def state(self) -> State:
        """The worst that came up; "holds": all that could be checked does."""
        if self.interrupted:
            return "interrupted"
        if self.trouble or self.left:
            return "refused"
        return "differs" if any(each.state == "differs" for each in self.findings) else "holds"

    def as_json(self) -> dict[str, Any]:
        """The one object that --json prints."""
        return {
            "connection": self.connection,
            "state": self.state,
            "findings": [asdict(finding) for finding in self.findings],
            "trouble": self.trouble,
            "tokens": {"ledger": self.tokens, "headers": self.tokens_told},
            "requests": self.requests,
            "deleted": self.deleted,
            "left_overs_deleted": self.left_overs,
            "left": [asdict(trace) for trace in self.left],
        }

    def ending(self) -> Iterator[str]:
        """The last lines for people."""
        yield from self.trouble
        tally = dict.fromkeys(("holds", "differs", "unclear", "not checked"), 0)
        for finding in self.findings:
            tally[finding.state] += 1
        yield ", ".join(f"{number} {state}" for state, number in tally.items()) + "."
        told = "" if self.tokens_told is None else f" ({self.tokens_told} by its headers)"
        yield f"Pipedrive: {self.tokens} tokens spent{told}; {self.deleted} things deleted again."
        if self.left_overs:
            yield f"Of an earlier probe {self.left_overs} left-overs were deleted."
        if self.left:
            ids = ", ".join(f"{trace.kind} {trace.id}" for trace in self.left)
            yield f"Could not be deleted: {ids}. Probe again, or delete them in Pipedrive."


def line(finding: Finding) -> str:
    """One finding on one line."""
    head = f"{finding.state:<11} {finding.number:>2} {finding.assumption}"
    return f"{head} {finding.seen} {finding.todo}".rstrip()
