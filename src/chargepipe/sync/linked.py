"""Linked: the links that changes hang on, read for many at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from chargepipe.store.models import Change, Link
from chargepipe.sync.joining import JOINED
from chargepipe.sync.session import Session

Linked: TypeAlias = Mapping[tuple[str, str], Link]
"""Links by kind and source key."""


def linked(session: Session, changes: Iterable[Change]) -> Linked:
    """The links of the records of these changes, and of all that their targets join."""
    keys: dict[str, set[str]] = defaultdict(set)
    for change in changes:
        keys[change.kind].add(change.source_key)
        for kind in JOINED[change.kind]:
            if key := change.target.get(kind):
                keys[kind].add(key)
    links = Link.objects.filter(connection=session.connection)
    return {
        (kind, link.source_key): link
        for kind, some in keys.items()
        for link in links.filter(kind=kind, source_key__in=some)
    }
