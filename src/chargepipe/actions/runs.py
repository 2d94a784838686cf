"""Start runs, follow them, and answer what they ask."""

import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from chargepipe.actions.connections import find, stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.backfill import Window, problem
from chargepipe.engine.heartbeat import living
from chargepipe.store.full import NoRoom, stands_still
from chargepipe.store.models import Change, Connection, Run
from chargepipe.store.reach import patiently
from chargepipe.sync.counts import count
from chargepipe.sync.finish import CANCELLED, finish

POLL_SECONDS = 0.2
"""Between two looks at a run that is followed; more and more while it goes on, up to a second."""
STOPS_FULL = (
    "The disk is full: run {0} stops here and loses nothing. Free some space; then the same "
    "command goes on with it, and so does chargepipe worker."
)
WAITS_FULL = (
    "The disk is full: run {0} waits and loses nothing. Free some space; then it goes on by itself."
)
CONFIRM_FULL = (
    "This is the first full sync: people in Pipedrive will be made and changed, "
    "without deals. The match key is locked afterwards."
)


def start(
    name: str,
    kind: str,
    *,
    only: Sequence[str] = (),
    of: str = "",
    about: Run | None = None,
    repair: bool = False,
    window: Window | None = None,
    confirmed: bool = False,
) -> Run:
    """Make a run and queue it; one of the same kind and scope that still waits is joined (rule 9).

    `about` is the run that an undo takes back, or the preview whose plan is applied.
    `repair` is for a reconcile: whether drift is written over, or only shown. `window` is what a
    backfill, or its preview, is asked for.
    `confirmed` answers in advance what the run would ask: the first full sync, the brake.
    Raises Refused for a sync or backfill before the first full one, a window that cannot be, or an
    unlinked connection.
    """
    connection = find(name)
    _may_start(connection, of or kind, window)
    asked = window.as_json() if window else {}
    with transaction.atomic():
        run = _joined(connection, kind, only, of, about, repair, asked)
        fresh = run is None
        if run is None:
            run = Run.objects.create(
                connection=connection,
                kind=kind,
                only=sorted(only),
                of=of,
                about=about,
                repair=repair,
                window=asked,
                approved=confirmed,
            )
            full = kind == "full" or (kind == "apply" and about is not None and about.of == "full")
            if full and connection.full_done_at is None and not confirmed:
                run.state, run.questions = "waiting", [CONFIRM_FULL]
                run.save()
    if confirmed and not fresh:
        _approve(run, to_all=True)
    elif fresh:
        _hand_over(run)
    due = run.state == "paused" and run.due_at is not None and run.due_at <= timezone.now()
    return resume(run.pk) if due else run


def _hand_over(run: Run) -> None:
    """Give a queued run to the workers; where none is alive the next one takes it up."""
    if run.state == "queued" and living():
        from chargepipe.engine.queue import enqueue  # DBOS: half of a command's start

        enqueue(run)


def _may_start(connection: Connection, kind: str, window: Window | None) -> None:
    if connection.account_id is None:
        raise Refused(f"{connection.name} is unlinked. Apply its connection file again to link it.")
    if connection.disconnected:
        raise Refused(f"{connection.name}: {connection.disconnected}")
    if kind in ("sync", "backfill") and connection.full_done_at is None:
        raise Refused(
            f"{connection.name} has had no full sync yet. Run: chargepipe full {connection.name}"
        )
    if window and (words := problem(window, stored_file(connection).settings)):
        raise Refused(words)


def _joined(
    connection: Connection,
    kind: str,
    only: Sequence[str],
    of: str,
    about: Run | None,
    repair: bool,
    window: dict[str, Any],
) -> Run | None:
    """An unfinished run that does the same: one that waits its turn, or that a dead worker left.

    Also the first full sync that goes on: another one after it would make deals.
    """
    same = connection.runs.filter(
        kind=kind,
        only=sorted(only),
        of=of,
        about=about,
        repair=repair,
        state__in=Run.UNFINISHED,
    ).order_by("pk")
    first = kind in ("full", "apply") and connection.full_done_at is None
    if not first and living():
        same = same.exclude(state="running")
    return next((run for run in same if _asks_for(run, window)), None)


def _asks_for(run: Run, window: dict[str, Any]) -> bool:
    """Whether a run was asked for this window; what it chose by it since does not count."""
    return not window or Window.from_json(run.window) == Window.from_json(window)


def follow(run: Run) -> Generator[Run]:
    """Yield the run's row until it is done, asks or pauses.

    Where no worker is alive this process becomes one for as long as it follows. Raises NoRoom when
    the disk is full: a person who waits is told, a worker that stays waits for room.
    """
    with ExitStack() as stack:
        worker, pause = False, POLL_SECONDS
        while True:
            patiently(run.refresh_from_db)
            yield run
            if run.state not in Run.GOING:
                return
            if not worker and not patiently(living):
                from chargepipe.engine.worker import working  # as in `_hand_over`

                stack.enter_context(working())
                worker = True
            if stands_still():
                raise NoRoom((STOPS_FULL if worker else WAITS_FULL).format(run.pk))
            time.sleep(pause)
            pause = min(1.0, 1.2 * pause)


def approve(run_id: int) -> Run:
    """Say yes to what a run asks, and queue it. Raises Refused when it asks nothing.

    Where it later turns out to do more than that, it asks once more.
    """
    run = get(run_id)
    if run.state != "waiting":
        raise Refused(f"Run {run_id} is {run.state}; it asks for nothing.")
    return _approve(run)


def _approve(run: Run, *, to_all: bool = False) -> Run:
    """A yes to what the run asks; `to_all`: also to whatever it may ask later."""
    if run.state == "waiting":
        # Before anything is planned the yes is to the run itself; the brake may still ask.
        run.approved = run.approved or to_all or bool(run.phase)
        run.numbers = None if to_all else run.numbers
        run.state, run.questions = "queued", []
        run.save(update_fields=["approved", "numbers", "state", "questions"])
        _hand_over(run)
    return run


def cancel(run_id: int) -> Run:
    """Stop a run at its next safe place; what is written stays. Raises Refused when it is over."""
    run = get(run_id)
    untouched = run.state == "queued" and run.started_at is None
    if run.state not in ("waiting", "paused") and not untouched:
        return _ask(run, "cancel")
    finish(run, "cancelled", timezone.now(), CANCELLED)
    # A worker that takes it up in this very moment finds the wish at its first page.
    Run.objects.filter(pk=run.pk).update(asked="cancel")
    return run


def pause(run_id: int) -> Run:
    """Hold a run at its next safe place until it is resumed."""
    return _ask(get(run_id), "pause")


def _ask(run: Run, asked: str) -> Run:
    if run.state not in Run.GOING:
        raise Refused(f"Run {run.pk} is {run.state}; there is nothing to {asked}.")
    run.asked = asked
    run.save(update_fields=["asked"])
    return run


def resume(run_id: int) -> Run:
    """Let a paused run go on now."""
    run = get(run_id)
    if run.state != "paused":
        raise Refused(f"Run {run_id} is {run.state}, not paused.")
    run.state, run.asked = "queued", ""
    run.save(update_fields=["state", "asked"])
    _hand_over(run)
    return run


def get(run_id: int) -> Run:
    """One run by number. Raises Refused."""
    run = Run.objects.select_related("connection").filter(pk=run_id).first()
    if run is None:
        raise Refused(f"There is no run {run_id}. See: chargepipe runs NAME")
    return run


def history(name: str) -> QuerySet[Run]:
    """The runs of a connection, newest first."""
    return find(name).runs.order_by("-pk")


def shown(run: Run) -> QuerySet[Change]:
    """The changes of a run that tell what it did, or did not though it was asked to.

    What an undo leaves and what of a preview has moved is among them; what was planned anew is not.
    """
    changes = run.changes.order_by("pk")
    if run.kind == "undo":
        return changes.exclude(action="update", after={}, kept=[], words="")
    if run.kind == "apply":
        return changes.exclude(state="skipped")
    return changes.exclude(state__in=("skipped", "stale"))


def fields_of(run: Run) -> list[int]:
    """The numbers of the changes that are custom fields: planned last, and made first."""
    fields = shown(run).filter(kind__endswith="_field")
    return list(fields.values_list("pk", flat=True))


def numbers(run: Run) -> dict[str, int]:
    """How many changes `shown` has, by their kind."""
    rows = shown(run).order_by("kind").values_list("kind").annotate(n=Count("pk"))
    return dict(rows)


def carried() -> bool:
    """Whether some worker is alive to carry runs."""
    return bool(living())


def summary(run: Run) -> dict[str, Any]:
    """The one object that --json prints: as it stood when the run ended, else as it stands."""
    kept: dict[str, Any] = run.counts
    return kept if kept.get("state") == run.state else count(run)
