"""Leaving: who leaves a person or organization in the run that would delete it (rule 12).

What we made stays when something hangs on it; not when that goes away in the same run.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

from django.db.models import Q

from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change
from chargepipe.sync.session import Session

WORDS: Final[Mapping[Entity, str]] = {"person": "people", "deal": "deals"}
"""What hangs on a record, as `backward.WORK` names it, by kind."""
HANGING: Final[Mapping[Entity, tuple[Entity, ...]]] = {
    "person": ("deal",),
    "organization": ("person", "deal"),
    "deal": (),
}
"""What may hang on a record of each kind, and be taken away with it."""


def leaving(session: Session, kind: Entity, ids: Collection[int]) -> dict[int, Counter[str]]:
    """How much each of these records loses by the planned changes of this run, by its word."""
    found: dict[int, Counter[str]] = {pipedrive_id: Counter() for pipedrive_id in ids}
    for other in HANGING[kind]:
        rows = session.run.changes.filter(kind=other, state="planned").filter(
            Q(action="delete") | Q(after__has_key=kind)
        )
        pairs = rows.filter(**{f"before__{kind}__id__in": list(ids)})
        for held, _ in set(pairs.values_list(f"before__{kind}__id", "pipedrive_id")):
            found[held][WORDS[other]] += 1
    return found


def under_way(session: Session, kind: Entity) -> bool:
    """Whether the run is not yet done with what may hang on records of this kind."""
    rows = session.run.changes.filter(kind__in=HANGING[kind], state__in=Change.UNFINISHED)
    return rows.exists()


def has_left(session: Session, kind: Entity) -> bool:
    """Whether this run took away what hangs on such records: a list may not know of it yet."""
    return session.run.changes.filter(kind__in=HANGING[kind], state="written").exists()
