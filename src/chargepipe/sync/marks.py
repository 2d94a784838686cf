"""Marks: by what a record that we made is found again (architecture.md, "Crash safety")."""

from collections.abc import Sequence
from typing import Any

from chargepipe.domain.fields import FieldSpec, suffixed
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Connection
from chargepipe.sync import index
from chargepipe.sync.fields import ORGANIZATION_MARK, PERSON_MARK, rows_by_name
from chargepipe.sync.session import Session


def mark_code(session: Session, entity: Entity, connection: Connection) -> str | None:
    """The code of the field that marks what this connection makes; None while it is not there."""
    spec = FieldSpec(entity, PERSON_MARK if entity == "person" else ORGANIZATION_MARK, "varchar")
    row = rows_by_name(session, entity).get(suffixed(spec, connection.field_suffix).name)
    return row["code"] if row else None


def marked(session: Session, creates: Sequence[Change]) -> dict[int, list[int]]:
    """The indexed records that carry the mark of each create, lowest id first, by change pk."""
    found: dict[int, list[int]] = {}
    for change in creates:
        ids = _ids(session, change)
        if ids:
            found[change.pk] = ids
    return found


def _ids(session: Session, change: Change) -> list[int]:
    entity: Any = change.kind
    code = mark_code(session, entity, change.connection)
    if code is None:
        return []
    if entity == "person":
        return index.lookup(session, entity, code, [change.source_key]).get(change.source_key, [])
    named = index.lookup(session, entity, "name", [change.source_key])
    with_status = index.having(session, entity, code, named.get(change.source_key, ()))
    return sorted(with_status)
