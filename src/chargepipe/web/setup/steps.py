"""The steps of the set-up and where a connection stands; read from what was done, kept nowhere."""

from dataclasses import dataclass

from chargepipe.actions.plans import is_outdated
from chargepipe.store.models import Connection, Run


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    key: str
    title: str
    done: bool


KINDS = {"validate": "validate", "trial": "trial", "all": "full"}
"""The run of a step."""


def steps(connection: Connection | None) -> list[Step]:
    """Connect, configure, validate, trial, sync all; each done or not.

    A validation under other settings than those that stand is to be done again.
    """
    done = _done(connection) if connection else set[str]()
    linked = bool(connection and connection.account_id and not connection.disconnected)
    full = connection is not None and connection.full_done_at is not None
    looked = bool(done & {"validate", "trial"}) or full
    configured = looked or (connection is not None and connection.configured_at is not None)
    return [
        Step("connect", "Connect", linked),
        Step("configure", "Configure", linked and configured),
        Step("validate", "Validate", ("validate" in done or full) and not _moved(connection)),
        Step("trial", "Trial", "trial" in done),
        Step("all", "Sync all", full),
    ]


def _moved(connection: Connection | None) -> bool:
    """Whether the settings have changed since the last validation."""
    checks = connection.runs.filter(kind="validate", state="done") if connection else None
    last = checks.order_by("-pk").first() if checks is not None else None
    return last is not None and is_outdated(last)


def _done(connection: Connection) -> set[str]:
    kinds = connection.runs.filter(kind__in=KINDS.values(), state="done")
    return set(kinds.values_list("kind", flat=True).distinct())


def next_step(connection: Connection) -> str:
    """Where the set-up goes on: after the last step that was done, or at a later one begun.

    A trial may be left out: who began the full sync, or its preview, has done so.
    """
    rows = steps(connection)
    if not rows[0].done:
        return "connect"
    last = max(place for place, step in enumerate(rows) if step.done)
    ran = set(connection.runs.values_list("kind", "of").distinct())
    begun = {kind for pair in ran for kind in pair}
    reached = [place for place, step in enumerate(rows) if KINDS.get(step.key) in begun]
    return rows[min(max(last + 1, *reached, 0), len(rows) - 1)].key


def run_of(connection: Connection, step: str) -> Run | None:
    """The newest run of a step; of the trial and the full sync also one that previews it."""
    return connection.runs.filter(kind=KINDS[step]).order_by("-pk").first()


def preview_of(connection: Connection, kind: str) -> Run | None:
    """The newest preview of a kind of run."""
    return connection.runs.filter(kind="preview", of=kind).order_by("-pk").first()
