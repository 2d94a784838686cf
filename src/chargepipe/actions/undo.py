"""Undo: take back a run, what it did to some customers, or one change (rule 12)."""

from collections.abc import Sequence

from chargepipe.actions import records, runs
from chargepipe.actions.refusal import Refused
from chargepipe.store.models import Change, Run
from chargepipe.sync.reverts import reverted
from chargepipe.sync.undo import KINDS, ONE_CHANGE, written

WRITES_NOTHING = ("validate", "preview")


def start(run_id: int, *, customers: Sequence[str] = (), confirmed: bool = False) -> Run:
    """Queue an undo of this run, or only of what it did to these customers.

    The undo plans first and asks before it writes. `customers` are ids, email addresses or ids of
    Pipedrive people. Raises Refused where there is nothing to take back, in words.
    """
    run = runs.get(run_id)
    _may_be_undone(run)
    if run.shortened_at is not None:
        raise Refused(
            f"Run {run.pk} is too old: only what records still hold of it is kept, so it cannot be "
            "taken back as a whole. Take back single changes: chargepipe undo --change ID"
        )
    name = run.connection.name
    only = [records.page(name, key).record.source_id for key in customers]
    return _start(run, only, "", confirmed)


def start_change(change_id: int, *, confirmed: bool = False) -> Run:
    """Queue an undo of one change. Raises Refused as `start` does."""
    change = Change.objects.select_related("run__connection").filter(pk=change_id).first()
    if change is None:
        raise Refused(f"There is no change {change_id}. See: chargepipe run ID, which names them.")
    if change.state != "written":
        raise Refused(f"Change {change_id} was not written ({change.state}).")
    if change.kind not in KINDS:
        raise Refused("Custom fields and their options stay; only records are taken back.")
    _may_be_undone(change.run)
    return _start(change.run, [], f"{ONE_CHANGE}{change_id}", confirmed)


def is_possible(run: Run) -> bool:
    """Whether something of this run can be taken back, looked up cheaply for a page."""
    if run.kind in WRITES_NOTHING or run.state in Run.UNFINISHED or run.shortened_at:
        return False
    wanted = Run(connection=run.connection, kind="undo", about=run)
    mine = written(wanted).exclude(reverted_by__state="written").order_by()
    # A run writes to one account. Asked for as a condition, it leads SQLite to the wrong index.
    return run.connection.account_id in mine.values_list("account_id", flat=True)[:1]


def _may_be_undone(run: Run) -> None:
    if run.kind in WRITES_NOTHING:
        raise Refused(f"Run {run.pk} is a {run.kind}: it wrote nothing.")
    if run.state in Run.UNFINISHED:
        raise Refused(f"Run {run.pk} is {run.state}; wait for it or cancel it, then undo it.")


def _start(run: Run, only: Sequence[str], of: str, confirmed: bool) -> Run:
    wanted = Run(connection=run.connection, kind="undo", about=run, only=sorted(only), of=of)
    changes = list(written(wanted).values_list("pk", "account_id"))
    if not changes:
        raise Refused(f"Run {run.pk} wrote nothing there that could be taken back.")
    if any(account != run.connection.account_id for _, account in changes):
        raise Refused(f"Run {run.pk} wrote to another Pipedrive account than the linked one.")
    ids = [pk for pk, _ in changes]
    if not set(ids) - reverted(ids):
        raise Refused(f"What run {run.pk} wrote is taken back already{_by(ids)}.")
    name = run.connection.name
    return runs.start(name, "undo", only=only, of=of, about=run, confirmed=confirmed)


def _by(ids: Sequence[int]) -> str:
    rows = Change.objects.filter(reverts_id__in=ids[:500], state="written")
    numbers = sorted(set(rows.values_list("run_id", flat=True)))
    return f" by run {', '.join(map(str, numbers))}" if numbers else ""
