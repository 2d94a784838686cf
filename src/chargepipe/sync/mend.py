"""Mend: writes that were refused because a custom field or an option is no longer there.

One field that a person deletes in Pipedrive makes it refuse every record that holds it. So the
fields are read again, what is missing is made again, and each of these writes is sent once more.
"""

from collections.abc import Sequence
from typing import Any

from chargepipe.accounts.discover import ENTITIES
from chargepipe.http import BadRecord, ServiceError
from chargepipe.store.models import Change
from chargepipe.sync.fields import labels_in, planned_fields, read_again
from chargepipe.sync.fieldwork import make_fields
from chargepipe.sync.resolve import resolve_unfinished
from chargepipe.sync.session import Session


def stand_fields(session: Session) -> None:
    """Make the planned fields; nothing is written before all of them stand for certain."""
    while make_fields(session):
        resolve_unfinished(session)


def names_a_field(session: Session, change: Change, error: ServiceError) -> bool:
    """Whether this write was refused for a custom field, and has not been sent twice already."""
    return change.pk not in session.repeated and _about_fields(session, error)


def mend(session: Session, changes: Sequence[Change]) -> None:
    """Make what these planned writes lack (10 tokens for a look, 5 for each that is made).

    They are sent once more; one that is refused again is an error of its record.
    """
    if not changes:
        return
    session.repeated |= {change.pk for change in changes}
    kinds: list[Any] = list(dict.fromkeys(change.kind for change in changes))
    read_again(session, kinds)
    missing = planned_fields(session, labels_in(session, changes))
    with session.commit():
        Change.objects.bulk_create(missing)
    stand_fields(session)


def vanished(session: Session, error: ServiceError) -> bool:
    """Whether a read was refused for a field that is gone; then all fields are read again.

    Once a session: a second refusal is not ours to mend.
    """
    if "fields again" in session.refreshed or not _about_fields(session, error):
        return False
    session.refreshed.add("fields again")
    read_again(session)
    return True


def _about_fields(session: Session, error: ServiceError) -> bool:
    if not isinstance(error, BadRecord):
        return False
    words = str(error)
    known = (row for entity in ENTITIES for row in session.account.fields.get(entity, ()))
    return "custom_fields" in words or any(row["code"] in words for row in known)
