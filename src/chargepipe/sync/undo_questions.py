"""What an undo asks before its first write (rule 12): deletions are named."""

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change
from chargepipe.sync.session import Session
from chargepipe.sync.undo import KINDS

NAMED = 10
PLURAL: Final = {"person": "people", "organization": "organizations", "deal": "deals"}


def questions(session: Session) -> list[str]:
    """What the person is asked before the first write: deletions are named; empty for nothing."""
    planned = session.run.changes.filter(state="planned").exclude(action="update", after={})
    asked = [words for kind in KINDS for words in _deletions(planned, kind)]
    for action, words in (("update", "would bring {} back"), ("create", "would make {} again")):
        counted = [_number(planned.filter(action=action), kind) for kind in KINDS]
        if any(counted):
            asked.append(words.format(" and ".join(filter(None, counted))))
    return asked


def _deletions(planned: QuerySet[Change], kind: Entity) -> Iterator[str]:
    rows = planned.filter(kind=kind, action="delete", follows=None).order_by("pk")
    number = rows.count()
    if number:
        named = ", ".join(str(pid) for pid in rows.values_list("pipedrive_id", flat=True)[:NAMED])
        more = f" and {number - NAMED} more" if number > NAMED else ""
        yield f"would delete {_number(rows, kind)} that were made (ids in Pipedrive: {named}{more})"


def _number(rows: QuerySet[Change], kind: Entity) -> str:
    own = rows.filter(kind=kind)
    made = own.filter(action="create").count()
    known = own.exclude(action="create").filter(pipedrive_id__isnull=False)
    number = made + known.values("pipedrive_id").distinct().count()
    return f"{number} {kind if number == 1 else PLURAL[kind]}" if number else ""
