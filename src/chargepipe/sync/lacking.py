"""Fields that a plan needs now and did not show: what writes them has moved (rule 10)."""

from collections.abc import Collection, Iterator

from chargepipe.domain.fields import FieldSpec, suffixed
from chargepipe.store.models import Change
from chargepipe.sync.fields import Labels, planned_fields
from chargepipe.sync.room import FIELD_KINDS
from chargepipe.sync.session import Session


def lacking(session: Session, labels: Labels) -> Iterator[tuple[str, str]]:
    """By entity and name, what has to be made, or given options, as was not shown."""
    rows = session.run.changes.filter(kind__in=FIELD_KINDS)
    shown = {(change.kind, change.source_key): change for change in rows}
    for change in planned_fields(session, labels):
        known = shown.get((change.kind, change.source_key))
        if known is None or not _does(known, change):
            yield change.kind.removesuffix("_field"), change.source_key


def _does(shown: Change, needed: Change) -> bool:
    """Whether the field as it was shown does for what is needed now; more options do no harm."""
    same = {**shown.after, "options": needed.after["options"]} == needed.after
    return same and set(needed.after["options"]) <= set(shown.after["options"])


def writes(session: Session, change: Change, fields: Collection[tuple[str, str]]) -> bool:
    """Whether a change writes one of these fields."""
    suffix = session.connection.field_suffix
    names = {(change.kind, name) for name in change.after}
    specs = (FieldSpec("person", name, "varchar") for name in change.after)
    names |= {(change.kind, suffixed(spec, suffix).name) for spec in specs}
    return not names.isdisjoint(fields)
