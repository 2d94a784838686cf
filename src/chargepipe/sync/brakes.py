"""The brake: a plan's totals, put to domain.brake (rule 11)."""

from chargepipe.domain.brake import Totals, brake
from chargepipe.store.models import Link
from chargepipe.sync.presence import missing_people
from chargepipe.sync.session import Session


def reasons_to_ask(session: Session) -> list[str]:
    """Why this plan needs a yes before its first write; empty when it may go."""
    links = Link.objects.filter(connection=session.connection, kind="person")
    planned = session.run.changes.filter(state="planned")
    changed = planned.filter(
        kind="person", action="update", source_key__in=links.values("source_key")
    )
    totals = Totals(
        linked_people=links.count(),
        changed=changed.count(),
        deleted=planned.filter(action="delete").count(),
        deals_made=planned.filter(kind="deal", action="create").count(),
        missing=missing_people(session),
    )
    return list(brake(totals, session.file.brake))
