"""The brake: what a run does in all, put to domain.brake (rule 11)."""

from django.db.models import Q

from chargepipe.domain.brake import Reason, Totals, beyond, brake
from chargepipe.store.models import Change, Link, Run
from chargepipe.sync.presence import missing_people
from chargepipe.sync.session import Session

COUNTED = (*Change.UNFINISHED, "written")
"""What a run does in all: what it has written before a pause or a yes counts in."""


def reasons_to_ask(session: Session) -> list[Reason]:
    """Why this run needs a yes before it writes on; empty when it may go."""
    links = Link.objects.filter(connection=session.connection, kind="person")
    changes = session.run.changes.filter(state__in=COUNTED)
    updates = changes.filter(kind="person", action="update")
    # Whom the run itself has linked is none that it changes.
    linked = Q(reason="link") | Q(state="planned", source_key__in=links.values("source_key"))
    changed = updates.filter(linked)
    totals = Totals(
        linked_people=links.count(),
        # One that moved again during a pause is written twice.
        changed=changed.values("source_key").distinct().count(),
        deleted=changes.filter(action="delete").count(),
        deals_made=changes.filter(kind="deal", action="create").count(),
        missing=missing_people(session),
    )
    return list(brake(totals, session.file.brake))


def not_covered(run: Run, reasons: list[Reason]) -> list[Reason]:
    """The reasons that the yes to this run, if there was one, was not about."""
    if not run.approved:
        return reasons
    return [] if run.numbers is None else list(beyond(reasons, run.numbers))
