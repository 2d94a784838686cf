"""What an undo asks before its first write (rule 12): deletions are named."""

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from chargepipe.domain.brake import Reason
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change
from chargepipe.sync.brakes import COUNTED
from chargepipe.sync.session import Session
from chargepipe.sync.undo import KINDS

NAMED = 10
PLURAL: Final = {"person": "people", "organization": "organizations", "deal": "deals"}


def questions(session: Session) -> list[Reason]:
    """What the person is asked before the first write: deletions are named; empty for nothing.

    The words tell what is still to come, the numbers count what is taken back already as well.
    """
    changes = session.run.changes.filter(state__in=COUNTED).exclude(action="update", after={})
    asked = [reason for kind in KINDS for reason in _deletions(changes, kind)]
    for action, words in (("update", "would bring {} back"), ("create", "would make {} again")):
        rows = changes.filter(action=action)
        counted = [_counted(rows.filter(state="planned"), kind) for kind in KINDS]
        if any(counted):
            number = sum(_number(rows, kind) for kind in KINDS)
            words = words.format(" and ".join(filter(None, counted)))
            asked.append(Reason(action, number, words))
    return asked


def _deletions(changes: QuerySet[Change], kind: Entity) -> Iterator[Reason]:
    all_of_run = changes.filter(kind=kind, action="delete", follows=None)
    rows = all_of_run.filter(state="planned").order_by("pk")
    number = rows.count()
    if number:
        named = ", ".join(str(pid) for pid in rows.values_list("pipedrive_id", flat=True)[:NAMED])
        more = f" and {number - NAMED} more" if number > NAMED else ""
        words = f"would delete {_counted(rows, kind)} that were made"
        words += f" (ids in Pipedrive: {named}{more})"
        yield Reason(f"delete {kind}", _number(all_of_run, kind), words)


def _number(rows: QuerySet[Change], kind: Entity) -> int:
    own = rows.filter(kind=kind)
    made = own.filter(action="create").count()
    known = own.exclude(action="create").filter(pipedrive_id__isnull=False)
    return made + known.values("pipedrive_id").distinct().count()


def _counted(rows: QuerySet[Change], kind: Entity) -> str:
    number = _number(rows, kind)
    return f"{number} {kind if number == 1 else PLURAL[kind]}" if number else ""
